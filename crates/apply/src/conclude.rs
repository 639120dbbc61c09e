//! What became of an account's changes, once its work has ended.

use certctl_model::{Address, Code, Diagnostic};
use certctl_plan::{AccountOutcome, Change, ChangeKind, WaitFor};

use crate::Event;
use crate::account::{AccountRun, End, Ended, Progress};
use crate::choose::changes_by_itself;
use crate::fleet::state_failed;
use crate::report::{Outcome, ResultLine};

impl AccountRun<'_> {
    pub(crate) async fn conclude(
        &self,
        mut progress: Progress,
        planned: &[&Change],
        outcome: &AccountOutcome,
        end: &End,
    ) -> Ended {
        // An approval is kept until all that is due of it is done.
        let finished = matches!(end, End::Settled)
            && outcome.account.applyable
            && progress.failures.is_empty()
            && progress.put_off.is_empty();
        if finished && progress.state.accepted.is_some() {
            progress.digest = None;
            if let Err(diagnostic) = self.remember(&mut progress, &[]).await {
                progress.diagnostics.push(self.place(diagnostic));
            }
        }
        if matches!(end, End::Stopped) {
            let message = "stopped before everything was done; what was done is in the state";
            let diagnostic =
                Diagnostic::error(Code::Stopped, message).hint("run it again to go on");
            progress.diagnostics.push(self.place(diagnostic));
        }
        let mut diagnostics = std::mem::take(&mut progress.diagnostics);
        diagnostics.extend(outcome.diagnostics.iter().filter(|d| d.is_error()).cloned());
        let mut results = Vec::new();
        for change in planned {
            let fresh = outcome
                .changes
                .iter()
                .find(|fresh| fresh.address == change.address);
            let line = self.result(&progress, change, fresh, end, &mut diagnostics);
            results.extend(line);
        }
        if let Err(error) = progress.session.release().await {
            diagnostics.push(self.place(state_failed(&error)));
        }
        (self.sink)(Event::Finished {
            account: self.account.name.clone(),
        });
        Ended {
            results,
            diagnostics,
        }
    }

    fn result(
        &self,
        progress: &Progress,
        change: &Change,
        fresh: Option<&Change>,
        end: &End,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<ResultLine> {
        let name = &change.address.certificate;
        let acted = progress.acted.contains(name);
        if change.kind == ChangeKind::NoOp && !acted {
            return None;
        }
        let error = progress.failures.get(name).cloned();
        let left = fresh.map(|fresh| fresh.steps.iter().filter(|step| step.due).count());
        let waiting = fresh.and_then(|fresh| fresh.waiting.as_ref());
        let pending = fresh.and_then(changes_by_itself) == Some(WaitFor::Deploying);
        let outcome = if error.is_some() {
            Outcome::Failed
        } else if progress.put_off.contains(name) {
            Outcome::Waiting
        } else if left.unwrap_or_default() > 0 {
            if matches!(end, End::Settled) && diagnostics.iter().all(|d| !d.is_error()) {
                diagnostics.push(not_approved(&change.address));
            }
            Outcome::Skipped
        } else if waiting.is_some_and(|waiting| waiting.why == WaitFor::Settling) {
            diagnostics.push(still_unknown(&change.address));
            Outcome::Failed
        } else if pending && matches!(end, End::TimedOut | End::Stopped) {
            Outcome::Pending
        } else if waiting.is_some() {
            Outcome::Waiting
        } else {
            Outcome::Done
        };
        let certificate_id = fresh
            .and_then(|fresh| fresh.certificates.first())
            .map(|c| c.id.clone());
        Some(ResultLine {
            certificate_id,
            waiting: waiting.cloned(),
            error,
            acted,
            ..result_line(change, outcome, None)
        })
    }
}

pub(crate) fn result_line(change: &Change, outcome: Outcome, error: Option<String>) -> ResultLine {
    ResultLine {
        address: change.address.clone(),
        change: change.kind,
        outcome,
        certificate_id: change.certificates.first().map(|held| held.id.clone()),
        waiting: change.waiting.clone(),
        error,
        acted: false,
    }
}

fn not_approved(address: &Address) -> Diagnostic {
    Diagnostic::error(
        Code::NotApproved,
        "something became due that was not in the plan, for the account changed meanwhile",
    )
    .hint("plan again")
    .address(address)
}

fn still_unknown(address: &Address) -> Diagnostic {
    Diagnostic::error(
        Code::OutcomeUnknown,
        "what became of a request, or of a certificate, could not be seen before the run ended",
    )
    .hint("nothing is lost: the state holds the intent; run it again")
    .address(address)
}
