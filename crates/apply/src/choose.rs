//! What comes next for an account: a step that may be done now, or something worth waiting for.

use certctl_model::{AccountState, Observed, Period, Timestamp};
use certctl_plan::{AccountOutcome, Action, Change, Step, WaitFor};

use crate::approval::Approved;
use crate::clock::Clock;
use crate::event::Event;
use crate::tried::Tried;

/// The first step that is due, approved, and not stuck. While a create of this run may still show its
/// effect, no other one is sent, whatever the clocks say.
pub(crate) fn next<'o>(
    outcome: &'o AccountOutcome,
    approved: &Approved,
    state: &AccountState,
    tried: &Tried,
    a_create_may_show: bool,
) -> Option<(&'o Change, &'o Step)> {
    let held_back = |step: &Step| step.action().makes() && a_create_may_show;
    wanted(outcome, approved, state, tried).find(|(_, step)| !held_back(step))
}

/// The steps that are due, approved, and not stuck, in order.
fn wanted<'o>(
    outcome: &'o AccountOutcome,
    approved: &Approved,
    state: &AccountState,
    tried: &Tried,
) -> impl Iterator<Item = (&'o Change, &'o Step)> {
    outcome.due().into_iter().filter(|(change, step)| {
        let free = step.action().is_state_only() || tried.is_free(&change.address.certificate);
        free && approved.allows(state, change, step)
    })
}

/// A step that only waits because a create of this run may still show its effect. The planner, whose
/// clock began when that create was written down, may be done with it before this run is.
pub(crate) fn held_back(
    outcome: &AccountOutcome,
    approved: &Approved,
    state: &AccountState,
    tried: &Tried,
) -> Option<Event> {
    let (change, _) = wanted(outcome, approved, state, tried).next()?;
    Some(Event::Polling {
        address: change.address.clone(),
        why: WaitFor::Settling,
        until: None,
    })
}

/// Whether this step may change what Gateway inspects with.
pub(crate) fn rests_on_use(step: &Step) -> bool {
    matches!(
        step.action(),
        Action::SetInUse | Action::Deactivate | Action::Delete
    )
}

/// Whether a change asks anything of the API, now or later: then the plan rests on both witnesses of
/// what is in use.
pub(crate) fn touches_the_account(change: &Change) -> bool {
    let mut steps = change.steps.iter();
    steps.any(|step| !step.action().is_state_only())
}

/// Whether a change moves what Gateway uses, now or later.
pub(crate) fn switches(change: &Change) -> bool {
    let mut steps = change.steps.iter();
    steps.any(|step| step.action() == Action::SetInUse)
}

/// Whether the configuration has to be read before this step: it and the list are two witnesses.
pub(crate) fn wants_witness(step: &Step, observed: &Observed) -> bool {
    rests_on_use(step) && observed.configuration.is_none()
}

/// What Cloudflare, or a list that lags behind, will change by itself.
pub(crate) fn worth_waiting_for(outcome: &AccountOutcome, tried: &Tried) -> Option<Event> {
    outcome.changes.iter().find_map(|change| {
        let name = &change.address.certificate;
        let why = changes_by_itself(change).filter(|_| tried.failure(name).is_none())?;
        Some(Event::Polling {
            address: change.address.clone(),
            why,
            until: change.waiting.as_ref().and_then(|waiting| waiting.until),
        })
    })
}

/// How long a run waits for a period to end. A daily run begins at the same time of the day, and what
/// it saw a few seconds after its beginning would else come a day late, each time.
const SHORTLY_SECONDS: u32 = 60;

/// A step that comes due in a moment.
pub(crate) fn due_shortly(
    outcome: &AccountOutcome,
    approved: &Approved,
    state: &AccountState,
    tried: &Tried,
    now: Timestamp,
) -> Option<Event> {
    outcome.changes.iter().find_map(|change| {
        let address = &change.address;
        let step = shortly(change, now)?;
        let fresh = Step {
            not_before: None,
            ..step.clone()
        };
        let allowed = tried.is_free(&address.certificate) && approved.allows(state, change, &fresh);
        Some(Event::Polling {
            address: address.clone(),
            why: step.waits_for.filter(|_| allowed)?,
            until: step.not_before,
        })
    })
}

/// The step of a change that comes due in a moment.
fn shortly(change: &Change, now: Timestamp) -> Option<&Step> {
    let end = Period::seconds(SHORTLY_SECONDS).after(now);
    let soon = |step: &&Step| step.not_before.is_some_and(|at| now < at && at <= end);
    change.steps.iter().find(soon)
}

/// What a change waits for that needs nobody's hand and no day to come. Of several certificates of
/// an address one may wait for the edge while another waits for its trust period.
pub(crate) fn changes_by_itself(change: &Change) -> Option<WaitFor> {
    let waiting = change.waiting.iter().map(|waiting| waiting.why);
    let steps = change.steps.iter().filter_map(|step| step.waits_for);
    waiting
        .chain(steps)
        .find(|why| matches!(why, WaitFor::Deploying | WaitFor::Settling))
}

/// Whether a run has anything to do or to wait for.
pub(crate) fn concerns_a_run(change: &Change, clock: &Clock) -> bool {
    change.steps.iter().any(|step| step.due)
        || changes_by_itself(change).is_some()
        || is_due_shortly(change, clock)
}

/// Whether a step of it comes due in a moment, by a clock that moves.
#[must_use]
pub fn is_due_shortly(change: &Change, clock: &Clock) -> bool {
    !clock.is_pinned() && shortly(change, clock.now()).is_some()
}

#[cfg(test)]
mod tests {
    use certctl_plan::Operation;

    use super::*;
    use crate::testing::{approved, change, create, due, id, name, outcome, waits};

    fn chosen(outcome: &AccountOutcome, tried: &Tried, a_create_may_show: bool) -> Option<Action> {
        let (approved, state) = (approved(outcome), AccountState::default());
        next(outcome, &approved, &state, tried, a_create_may_show).map(|(_, step)| step.action())
    }

    #[test]
    fn facts_come_first_and_what_takes_away_comes_last() {
        let outcome = outcome(vec![
            change("a", vec![due(Operation::Delete(id(1)))]),
            change("b", vec![due(Operation::Activate(Some(id(2))))]),
            change("c", vec![due(Operation::Record)]),
        ]);
        assert_eq!(
            chosen(&outcome, &Tried::default(), false),
            Some(Action::Record)
        );
    }

    #[test]
    fn an_address_that_failed_is_passed_over() {
        let outcome = outcome(vec![
            change("a", vec![due(Operation::Activate(Some(id(1))))]),
            change("b", vec![due(Operation::Delete(id(2)))]),
        ]);
        let mut tried = Tried::default();
        tried.fail(&name("a"), "HTTP 403".to_owned());
        assert_eq!(chosen(&outcome, &tried, false), Some(Action::Delete));
        tried.put_off(&name("b"));
        assert_eq!(chosen(&outcome, &tried, false), None);
    }

    #[test]
    fn no_create_is_sent_while_another_may_show_and_the_run_waits_for_it() {
        let outcome = outcome(vec![change("a", vec![create()])]);
        let (tried, state) = (Tried::default(), AccountState::default());
        assert_eq!(chosen(&outcome, &tried, true), None);
        let waits = held_back(&outcome, &approved(&outcome), &state, &tried);
        assert!(matches!(
            waits,
            Some(Event::Polling {
                why: WaitFor::Settling,
                ..
            })
        ));
        assert_eq!(chosen(&outcome, &tried, false), Some(Action::Create));
    }

    #[test]
    fn a_run_waits_for_the_edge_and_for_what_is_unsettled_and_for_no_period() {
        for why in WaitFor::ALL {
            let outcome = outcome(vec![waits(change("a", Vec::new()), why)]);
            let waits = worth_waiting_for(&outcome, &Tried::default()).is_some();
            let by_itself = matches!(why, WaitFor::Deploying | WaitFor::Settling);
            assert_eq!(waits, by_itself, "{why:?}");
        }
        let outcome = outcome(vec![waits(change("a", Vec::new()), WaitFor::Deploying)]);
        let mut tried = Tried::default();
        tried.fail(&name("a"), "HTTP 500".to_owned());
        assert!(worth_waiting_for(&outcome, &tried).is_none());
    }

    #[test]
    fn a_step_that_comes_due_within_a_minute_is_waited_for() {
        let now: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
        for (seconds, waited_for) in [(1, true), (60, true), (61, false)] {
            let step = Step {
                not_before: Some(Period::seconds(seconds).after(now)),
                waits_for: Some(WaitFor::TrustPeriod),
                ..Step::new(Operation::SetInUse(Some(id(1))))
            };
            let outcome = outcome(vec![change("a", vec![step])]);
            let (approved, state) = (approved(&outcome), AccountState::default());
            let waits = due_shortly(&outcome, &approved, &state, &Tried::default(), now);
            assert_eq!(waits.is_some(), waited_for, "{seconds} s");
        }
    }
}
