//! What became of an account's changes, once its work has ended.

use certctl_model::{AccountState, Address, Code, Diagnostic, Intent, Name};
use certctl_plan::{AccountOutcome, Change, ChangeKind, WaitFor};

use crate::choose::changes_by_itself;
use crate::report::{Outcome, ResultLine};
use crate::tried::Tried;
use crate::work::End;

/// The lines of the report, one for each change that was planned and did not stay as it is; what is
/// to be said of them is added to `diagnostics`.
pub(crate) fn conclude(
    planned: &[&Change],
    outcome: &AccountOutcome,
    end: End,
    tried: &Tried,
    state: &AccountState,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<ResultLine> {
    let mut results = Vec::new();
    for change in planned {
        let of_this = |fresh: &&Change| fresh.address == change.address;
        let fresh = outcome.changes.iter().find(of_this);
        results.extend(result(change, fresh, end, tried, state, diagnostics));
    }
    results
}

fn result(
    change: &Change,
    fresh: Option<&Change>,
    end: End,
    tried: &Tried,
    state: &AccountState,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<ResultLine> {
    let name = &change.address.certificate;
    let acted = tried.has_acted(name);
    if change.kind == ChangeKind::NoOp && !acted {
        return None;
    }
    let error = tried.failure(name).cloned();
    let left = fresh.map(|fresh| fresh.steps.iter().filter(|step| step.due).count());
    let waiting = fresh.and_then(|fresh| fresh.waiting.as_ref());
    let pending = fresh.and_then(changes_by_itself) == Some(WaitFor::Deploying);
    let outcome = if error.is_some() {
        Outcome::Failed
    } else if tried.is_put_off(name) {
        Outcome::Waiting
    } else if left.unwrap_or_default() > 0 && end == End::TimedOut {
        // Cloudflare's rate limit: nothing of it failed, and a later run goes on.
        Outcome::Pending
    } else if left.unwrap_or_default() > 0 {
        if matches!(end, End::Settled) && diagnostics.iter().all(|d| !d.is_error()) {
            diagnostics.push(not_approved(&change.address));
        }
        Outcome::Skipped
    } else if tried.is_accepted(name) && matches!(end, End::TimedOut | End::Stopped) {
        Outcome::Pending
    } else if waiting.is_some_and(|waiting| waiting.why == WaitFor::Settling) {
        diagnostics.push(still_unknown(&change.address, answer(state, name)));
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

/// What is known of the answer to a request of this address whose outcome is not known.
fn answer<'a>(state: &'a AccountState, name: &Name) -> Option<&'a str> {
    let concerns = |intent: &&Intent| match intent.mutation.makes() {
        Some((certificate, _)) => certificate == name,
        None => intent
            .mutation
            .certificate_id()
            .and_then(|id| state.binding(id))
            .is_some_and(|(holder, _)| holder == name),
    };
    let mut intents = state.intents.iter().filter(concerns);
    intents.find_map(|intent| intent.answer.as_deref())
}

fn still_unknown(address: &Address, answer: Option<&str>) -> Diagnostic {
    let mut message =
        "what became of a request, or of a certificate, could not be seen before the \
                       run ended"
            .to_owned();
    if let Some(answer) = answer {
        message.push_str(": ");
        message.push_str(answer);
    }
    Diagnostic::error(Code::OutcomeUnknown, message)
        .hint("nothing is lost: the state holds the intent; run it again")
        .address(address)
}

#[cfg(test)]
mod tests {
    use certctl_plan::Operation;

    use super::*;
    use crate::testing::{change, create, due, id, name, outcome, waits};

    /// What became of a planned creation, once this is what is left of it.
    fn concluded(left: Change, end: End, tried: &Tried) -> (Outcome, Vec<Code>) {
        let planned = change("a", vec![create()]);
        let (outcome, state) = (outcome(vec![left]), AccountState::default());
        let mut said = Vec::new();
        let results = conclude(&[&planned], &outcome, end, tried, &state, &mut said);
        (results[0].outcome, said.iter().map(|d| d.code).collect())
    }

    #[test]
    fn what_is_left_and_how_the_work_ended_say_what_became_of_it() {
        let nothing = || change("a", Vec::new());
        let activate = || change("a", vec![due(Operation::Activate(Some(id(1))))]);
        let waiting = |why| waits(nothing(), why);
        for (left, end, outcome, said) in [
            (nothing(), End::Settled, Outcome::Done, None),
            (activate(), End::TimedOut, Outcome::Pending, None),
            (activate(), End::Stopped, Outcome::Skipped, None),
            (
                activate(),
                End::Settled,
                Outcome::Skipped,
                Some(Code::NotApproved),
            ),
            (
                waiting(WaitFor::TrustPeriod),
                End::Settled,
                Outcome::Waiting,
                None,
            ),
            (
                waiting(WaitFor::Deploying),
                End::TimedOut,
                Outcome::Pending,
                None,
            ),
            (
                waiting(WaitFor::Settling),
                End::TimedOut,
                Outcome::Failed,
                Some(Code::OutcomeUnknown),
            ),
        ] {
            let became = concluded(left.clone(), end, &Tried::default());
            let said: Vec<Code> = said.into_iter().collect();
            assert_eq!(became, (outcome, said), "{:?} {end:?}", left.waiting);
        }
    }

    #[test]
    fn a_failure_weighs_more_than_what_is_left_and_a_refusal_for_quota_is_a_wait() {
        let left = || change("a", vec![create()]);
        let mut tried = Tried::default();
        tried.put_off(&name("a"));
        assert_eq!(concluded(left(), End::Settled, &tried).0, Outcome::Waiting);
        tried.fail(&name("a"), "HTTP 403".to_owned());
        assert_eq!(concluded(left(), End::Settled, &tried).0, Outcome::Failed);
    }
}
