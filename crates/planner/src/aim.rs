//! Where the change of an address is to end, if that takes more than one run: noted with its first
//! step, so that an unattended run can tell the later steps of what was approved from drift.

use certctl_model::{Goal, Note};
use certctl_plan::{Action, Mandate};

use crate::decision::Lane;
use crate::facts::Facts;
use crate::proposal::Proposal;

/// What a sequence of steps comes to.
pub(crate) fn aim_of(lane: &Lane) -> Option<Goal> {
    match lane.steps.last()?.action {
        Action::Activate => Some(Goal::Activate),
        Action::SetInUse => Some(Goal::SetInUse),
        Action::Deactivate => Some(Goal::Deactivate),
        Action::Delete => Some(Goal::Delete),
        Action::Create | Action::Record | Action::Adopt | Action::Forget => None,
    }
}

/// Notes it, or that the aim which the address had is not wanted any more. Facts are noted by the
/// address, what a step sets out to do by that step.
pub(crate) fn note(facts: &Facts<'_>, proposal: &mut Proposal<'_>) {
    let waits_for_settling = facts
        .open
        .as_ref()
        .is_some_and(|open| open.certificate == proposal.place.name);
    let blocked = proposal.decision.stopped || proposal.noted.undecided;
    if facts.options.is_unattended() || blocked || waits_for_settling {
        return;
    }
    let begun = proposal.place.entry.and_then(|entry| entry.begun);
    let certificate = proposal.place.name.clone();
    let lanes = &mut proposal.decision.lanes;
    let mut others = lanes
        .iter_mut()
        .filter(|lane| lane.mandate != Mandate::Calendar);
    let Some(lane) = others.rfind(|lane| aim_of(lane).is_some()) else {
        if begun.is_some() && lanes.is_empty() {
            let goal = None;
            let note = Note::Begun { certificate, goal };
            proposal.noted.notes.push(note);
        }
        return;
    };
    let goal = aim_of(lane);
    if goal == begun {
        return;
    }
    let note = Note::Begun { certificate, goal };
    let due = lane.is_due();
    match lane.steps.as_mut_slice() {
        _ if !due => proposal.noted.notes.push(note),
        [first, _, ..] => first.notes.push(note),
        _ => {}
    }
}
