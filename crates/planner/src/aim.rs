//! Where the change of an address is to end, if that takes more than one run: noted with its first
//! step, so that an unattended run can tell the later steps of what was approved from drift.

use certctl_model::{Aim, Note};
use certctl_plan::{Action, Mandate, Step};

use crate::decision::Lane;
use crate::facts::Facts;
use crate::proposal::Proposal;

/// What a sequence of steps comes to.
pub(crate) fn aim_of(lane: &Lane) -> Option<Aim> {
    match lane.steps.last()?.action() {
        Action::Activate => Some(Aim::Activate),
        Action::SetInUse => Some(Aim::SetInUse),
        Action::Deactivate => Some(Aim::Deactivate),
        Action::Delete => Some(Aim::Delete),
        Action::Create | Action::Upload | Action::Record | Action::Adopt | Action::Forget => None,
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
    let before = proposal.place.entry.and_then(|entry| entry.aim);
    let certificate = proposal.place.name.clone();
    let gives_up = proposal.place.gives_up.as_ref();
    let ends = |lane: &Lane| {
        let of = lane.steps.first().and_then(Step::certificate_id);
        lane.mandate == Mandate::Calendar || (of.is_some() && of == gives_up)
    };
    let lanes = &mut proposal.decision.lanes;
    let mut others = lanes.iter_mut().filter(|lane| !ends(lane));
    let Some(lane) = others.rfind(|lane| aim_of(lane).is_some()) else {
        if before.is_some() && lanes.is_empty() {
            let aim = None;
            let note = Note::Aim { certificate, aim };
            proposal.noted.notes.push(note);
        }
        return;
    };
    let aim = aim_of(lane);
    if aim == before {
        return;
    }
    let note = Note::Aim { certificate, aim };
    let due = lane.is_due();
    match lane.steps.as_mut_slice() {
        _ if !due => proposal.noted.notes.push(note),
        [first, _, ..] => first.notes.push(note),
        _ => {}
    }
}
