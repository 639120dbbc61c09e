//! What comes next for an account: a step that may be done now, or something worth waiting for.

use certctl_plan::{AccountOutcome, Action, Change, Step, WaitFor};

use crate::Event;
use crate::account::Progress;

/// The first step that is due, approved, and not stuck.
pub(crate) fn next<'o>(
    outcome: &'o AccountOutcome,
    progress: &Progress,
) -> Option<(&'o Change, &'o Step)> {
    outcome.due().into_iter().find(|(change, step)| {
        let name = &change.address.certificate;
        let free = step.action.is_state_only()
            || (!progress.failures.contains_key(name) && !progress.put_off.contains(name));
        free && progress.approved.allows(&progress.state, change, step)
    })
}

/// Whether the configuration has to be read before this step: it and the list are two witnesses.
pub(crate) fn wants_witness(step: &Step, progress: &Progress) -> bool {
    let matters = matches!(
        step.action,
        Action::SetInUse | Action::Deactivate | Action::Delete
    );
    matters && progress.observed.configuration.is_none()
}

/// What Cloudflare, or a list that lags behind, will change by itself.
pub(crate) fn worth_waiting_for(outcome: &AccountOutcome, progress: &Progress) -> Option<Event> {
    outcome.changes.iter().find_map(|change| {
        let name = &change.address.certificate;
        let why = changes_by_itself(change).filter(|_| !progress.failures.contains_key(name))?;
        Some(Event::Polling {
            address: change.address.clone(),
            why,
            until: change.waiting.as_ref().and_then(|waiting| waiting.until),
        })
    })
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
pub(crate) fn concerns_a_run(change: &Change) -> bool {
    change.steps.iter().any(|step| step.due) || changes_by_itself(change).is_some()
}
