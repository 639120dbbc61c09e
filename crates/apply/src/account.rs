//! One account, under its lock: observe, plan, do the first approved step that is due, and again.
//!
//! The planner is asked after every request, so the executor never has to know what follows from an
//! outcome, an expected one or not: the approval only filters what the planner wants. What is not
//! due is waited for only where Cloudflare or a lagging list is at work; periods are for later runs.

use certctl_model::{AccountState, Code, Diagnostic, Note, Severity};
use certctl_plan::{AccountOutcome, Action, Allowance, Change, ChangeKind, Options, Step, digest};
use certctl_spec::Account;
use tokio::sync::watch;

use crate::approval::{Approval, Approved};
use crate::choose::{concerns_a_run, due_shortly, next, wants_witness, worth_waiting_for};
use crate::conclude::{conclude, result_line};
use crate::event::{Event, Sink};
use crate::fault::state_failed;
use crate::fleet::Fleet;
use crate::journal::Journal;
use crate::observe::observe;
use crate::poll::Poll;
use crate::report::{Outcome, ResultLine};
use crate::request::request;
use crate::survey::{Survey, version_of};
use crate::tried::Tried;
use crate::work::{End, Work};

/// The work on one account, before its lock is held.
pub(crate) struct AccountRun<'a> {
    pub(crate) fleet: &'a Fleet<'a>,
    pub(crate) account: &'a Account,
    pub(crate) approval: &'a Approval,
    pub(crate) sink: &'a Sink,
    pub(crate) stop: watch::Receiver<bool>,
    /// The plan that was shown.
    pub(crate) shown: &'a certctl_plan::Plan,
}

/// What became of it.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    pub(crate) results: Vec<ResultLine>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl<'a> AccountRun<'a> {
    /// Runs the account; never fails as a whole, what goes wrong is in the result.
    pub(crate) async fn run(self) -> Ended {
        let planned = self.planned();
        if let Some(diagnostic) = self.shown_as_blocked() {
            return self.skipped(&planned, diagnostic);
        }
        if !planned
            .iter()
            .any(|change| concerns_a_run(change, &self.fleet.clock))
        {
            let results = planned
                .iter()
                .filter_map(|change| untouched(change))
                .collect();
            return Ended {
                results,
                diagnostics: Vec::new(),
            };
        }
        match self.begin().await {
            Ok(work) => self.work(work, &planned).await,
            Err(diagnostics) => self.skipped(&planned, diagnostics),
        }
    }

    fn planned(&self) -> Vec<&'a Change> {
        let of_this = |change: &&Change| change.address.account == self.account.name;
        self.shown.changes.iter().filter(of_this).collect()
    }

    /// An account that was blocked when it was planned is not begun; its diagnostics were shown.
    fn shown_as_blocked(&self) -> Option<Vec<Diagnostic>> {
        self.shown.is_blocked(&self.account.name).then(Vec::new)
    }

    /// The planning options, with what the shown plan granted this account of the policy's limits.
    fn options(&self) -> Options {
        let shown = &self.shown.accounts;
        let planned = shown.iter().find(|a| a.name == self.account.name);
        let tally = planned.map(|planned| planned.tally).unwrap_or_default();
        Options {
            allowance: Allowance::granted(&self.fleet.spec.policy, &tally),
            unapproved: matches!(self.approval, Approval::Earlier),
            ..self.fleet.options.clone()
        }
    }

    fn skipped(&self, planned: &[&Change], diagnostics: Vec<Diagnostic>) -> Ended {
        let results = planned
            .iter()
            .filter(|change| change.kind != ChangeKind::NoOp)
            .map(|change| result_line(change, Outcome::Skipped, None))
            .collect();
        Ended {
            results,
            diagnostics,
        }
    }

    /// Takes the lock, reads everything afresh, and checks that it is still what was approved.
    async fn begin(&self) -> Result<Work<'a>, Vec<Diagnostic>> {
        let fleet = self.fleet;
        let key = fleet.key(&self.account.account_id);
        let settings = fleet.settings;
        let session = fleet
            .store
            .lock(&key, &settings.holder, settings.lock_timeout)
            .await
            .map_err(|error| vec![self.place(state_failed(&error))])?;
        let state = session.state().clone();
        let remembered = session.document().is_some().then_some(&state);
        let observed = observe(
            fleet.client,
            &self.account.account_id,
            remembered,
            &fleet.clock,
        )
        .await
        .map_err(|diagnostic| vec![self.place(diagnostic)])?;
        let survey = Survey {
            observed: Ok(observed.clone()),
            state: remembered.cloned(),
            version: version_of(session.document()),
        };
        let options = self.options();
        let outcome = fleet.plan_one(&survey, self.account, &options);
        let (approved, digest) = self.approved(&outcome, &state)?;
        if outcome.is_blocked() {
            return Err(outcome.diagnostics);
        }
        (self.sink)(Event::Started {
            account: self.account.name.clone(),
            steps: approved.calls(),
        });
        Ok(Work {
            fleet,
            account: self.account,
            sink: self.sink,
            journal: Journal::new(fleet, self.account, session, approved, digest),
            observed,
            options,
            tried: Tried::default(),
            diagnostics: Vec::new(),
            hesitate: false,
        })
    }

    /// What may be done, and the digest under which that is kept: all of the fresh plan where its
    /// digest is the approved one, or what an interrupted run of the same approval had left, as long
    /// as it is asked for the same.
    fn approved(
        &self,
        outcome: &AccountOutcome,
        state: &AccountState,
    ) -> Result<(Approved, Option<String>), Vec<Diagnostic>> {
        let now = self.fleet.clock.now();
        let id = &self.account.account_id;
        let policy = &self.fleet.spec.policy;
        let basis = digest::of_declared(self.account, policy, &self.fleet.options.words());
        if let Approval::Everything | Approval::Earlier = self.approval {
            let approved = Approved::of(outcome, basis, now);
            return Ok((approved.and_everything_else(), None));
        }
        if self.approval.digest(id, self.shown) == Some(&outcome.account.digest) {
            let label = self.approval.label(id, self.shown).cloned();
            return Ok((Approved::of(outcome, basis, now), label));
        }
        match &state.accepted {
            Some(accepted)
                if self.approval.covers(id, &accepted.digest)
                    && accepted.basis.as_ref() == Some(&basis) =>
            {
                Ok((Approved::resume(accepted), Some(accepted.digest.clone())))
            }
            _ => Err(vec![self.moved(outcome)]),
        }
    }

    fn moved(&self, outcome: &AccountOutcome) -> Diagnostic {
        let fresh = certctl_plan::Plan::assemble(
            vec![outcome.clone()],
            Vec::new(),
            self.fleet.options,
            self.fleet.clock.now(),
        );
        let what = match self.approval {
            Approval::Plan(saved) => {
                certctl_plan::moved(saved, &fresh, &self.account.name).join("; ")
            }
            Approval::Everything | Approval::Earlier | Approval::Digests(_) => String::new(),
        };
        let message = if what.is_empty() {
            format!(
                "what would be done is no longer what was approved; its digest is now {}",
                outcome.account.digest
            )
        } else {
            format!("what would be done is no longer what was approved: {what}")
        };
        self.place(Diagnostic::error(Code::PlanMoved, message).hint("plan again, and review that"))
    }

    fn place(&self, diagnostic: Diagnostic) -> Diagnostic {
        match diagnostic.account {
            Some(_) => diagnostic,
            None => diagnostic.account(&self.account.name),
        }
    }

    async fn work(mut self, mut work: Work<'a>, planned: &[&Change]) -> Ended {
        let mut poll = Poll::new(self.fleet.settings.wait_timeout);
        let (end, outcome) = loop {
            let outcome = work.plan();
            if *self.stop.borrow() {
                break (End::Stopped, outcome);
            }
            if outcome.is_blocked() {
                break (End::Settled, outcome);
            }
            let (approved, state) = (&work.journal.approved, work.journal.state());
            if let Some((change, step)) = next(&outcome, approved, state, &work.tried) {
                let looks = wants_witness(step, &work.observed);
                if let Err(diagnostic) = carry_out(&mut work, change, step).await {
                    work.diagnostics.push(diagnostic);
                    break (End::BrokenOff, outcome);
                }
                if std::mem::take(&mut work.hesitate) {
                    poll.wait().await;
                } else if !looks {
                    poll.reset();
                }
                continue;
            }
            let waiting = worth_waiting_for(&outcome, &work.tried).or_else(|| {
                let clock = &self.fleet.clock;
                let shortly = || due_shortly(&outcome, approved, state, &work.tried, clock.now());
                (!clock.is_pinned()).then(shortly)?
            });
            let Some(waiting) = waiting else {
                break (End::Settled, outcome);
            };
            work.tell(waiting);
            tokio::select! {
                waited = poll.wait() => if !waited { break (End::TimedOut, outcome) },
                Ok(()) = self.stop.changed() => continue,
            }
            if let Err(diagnostic) = work.look().await {
                work.diagnostics.push(diagnostic);
                break (End::BrokenOff, outcome);
            }
        };
        self.end(work, planned, &outcome, end).await
    }

    /// Says what became of everything, and lets others in.
    async fn end(
        &self,
        mut work: Work<'a>,
        planned: &[&Change],
        outcome: &AccountOutcome,
        end: End,
    ) -> Ended {
        // An approval is kept until all that is due of it is done.
        let settled = end == End::Settled && outcome.account.applyable;
        if settled && work.tried.is_clear() {
            let finished = work.journal.finish().await;
            work.diagnostics.extend(finished.err());
        }
        if end == End::Stopped {
            let message = "stopped before everything was done; what was done is in the state";
            let diagnostic = Diagnostic::error(Code::Stopped, message);
            work.diagnostics
                .push(diagnostic.hint("run it again to go on"));
        }
        let mut diagnostics = work.diagnostics;
        diagnostics.extend(left_over(outcome));
        let results = conclude(planned, outcome, end, &work.tried, &mut diagnostics);
        diagnostics.extend(work.journal.close().await.err());
        (self.sink)(Event::Finished {
            account: self.account.name.clone(),
        });
        let diagnostics = diagnostics.into_iter().map(|d| self.place(d)).collect();
        Ended {
            results,
            diagnostics,
        }
    }
}

/// Carries out one step, with the second witness where it matters, and looks at what came of it.
async fn carry_out(work: &mut Work<'_>, change: &Change, step: &Step) -> Result<(), Diagnostic> {
    if wants_witness(step, &work.observed) {
        // Planned once more with what it says; if the step is then still due, it is done.
        return work.look_twice().await;
    }
    if !step.action.is_state_only() {
        request(work, change, step).await?;
        return work.look().await;
    }
    work.journal.note(&step.notes).await?;
    work.journal.strike(&change.address, step);
    let is_creation = |note: &Note| matches!(note, Note::Created { .. });
    if step.notes.iter().any(is_creation) {
        // The create that was approved is done: its certificate was found.
        let create = Step::new(Action::Create, None);
        work.journal.strike(&change.address, &create);
    }
    work.options.spend(&change.address, &step.notes);
    Ok(())
}

/// What stands in the way; and, for a run that came only to wait, what came due meanwhile.
fn left_over(outcome: &AccountOutcome) -> impl Iterator<Item = Diagnostic> {
    let counts = |d: &&Diagnostic| d.is_error() || d.code == Code::NotApproved;
    let left = outcome.diagnostics.iter().filter(counts).cloned();
    left.map(|diagnostic| Diagnostic {
        severity: Severity::Error,
        ..diagnostic
    })
}

fn untouched(change: &Change) -> Option<ResultLine> {
    change
        .waiting
        .as_ref()
        .map(|_| result_line(change, Outcome::Waiting, None))
}
