//! `--only rotation`: renewals, and the later steps of what an approved run began.
//!
//! *Purpose*: a run that nobody watches does what the calendar asks for and nothing that a reviewer
//! has not seen. What else is due is reported and waits.
//!
//! *How it is known what was begun*: a rotation is in the state by its successor; for everything
//! else a run notes its goal with the first step, and the goal is forgotten once it is reached. What
//! differs later, such as a certificate that somebody deactivated by hand, has no goal: drift.

use std::collections::BTreeMap;

use certctl_model::{Code, Diagnostic, Goal, Name, Note, Severity};

use crate::context::Context;
use crate::draft::{Draft, Lane};
use certctl_plan::Action;

/// Notes where the change of this address is to end, if that takes more than one run; or that the
/// goal it had is not wanted any more.
pub(crate) fn note_goal(context: &mut Context<'_>, draft: &mut Draft) {
    if context.options.only_rotation || draft.blocked {
        return;
    }
    let entry = context.state.certificates.get(&draft.name);
    let begun = entry.and_then(|entry| entry.begun);
    let certificate = draft.name.clone();
    let mut others = draft.lanes.iter_mut().filter(|lane| !lane.rotation);
    let Some(lane) = others.rfind(|lane| goal_of(lane).is_some()) else {
        if begun.is_some() && draft.lanes.is_empty() {
            let goal = None;
            context.note(draft, Note::Begun { certificate, goal });
        }
        return;
    };
    let goal = goal_of(lane);
    if goal == begun {
        return;
    }
    let note = Note::Begun { certificate, goal };
    match lane.steps.as_mut_slice() {
        _ if lane.waiting.is_some() => {
            context.note(draft, note);
        }
        [first, _, ..] => first.notes.push(note),
        _ => {}
    }
}

/// What a sequence of steps comes to.
fn goal_of(lane: &Lane) -> Option<Goal> {
    match lane.steps.last()?.action {
        Action::Activate => Some(Goal::Activate),
        Action::SetInUse => Some(Goal::SetInUse),
        Action::Deactivate => Some(Goal::Deactivate),
        Action::Delete => Some(Goal::Delete),
        Action::Create | Action::Record | Action::Adopt | Action::Forget => None,
    }
}

/// Sets aside what an unattended run does not do, and reports it.
pub(crate) fn confine(context: &mut Context<'_>, drafts: &mut BTreeMap<Name, Draft>) {
    if !context.options.only_rotation {
        return;
    }
    for draft in drafts.values_mut() {
        let begun = context
            .state
            .certificates
            .get(&draft.name)
            .and_then(|entry| entry.begun);
        let goes_on = |lane: &Lane| lane.rotation || (begun.is_some() && goal_of(lane) == begun);
        let lanes = std::mem::take(&mut draft.lanes);
        (draft.lanes, draft.aside) = lanes.into_iter().partition(goes_on);
        // Where nothing is done, nothing stops what is done elsewhere. But a state that is lost is no
        // address that nobody has applied yet, and a renewal that a wrong clock refuses is due: then
        // nothing would be renewed, and nobody would know.
        if draft.lanes.is_empty() && !draft.rotates {
            for diagnostic in &mut context.diagnostics {
                let here = diagnostic.address.as_ref() == Some(&draft.address);
                if here && !matches!(diagnostic.code, Code::NewState | Code::ClockSkew) {
                    diagnostic.severity = Severity::Warning;
                }
            }
        }
        if let Some(first) = draft.aside.iter().find_map(|lane| lane.steps.first()) {
            let message = format!(
                "`--only rotation` leaves this to another run: {}",
                first.action.as_str()
            );
            let diagnostic = Diagnostic::warning(Code::NotRotation, message)
                .hint("`certctl plan` shows all of it; `certctl apply` does it");
            context.diagnostics.push(diagnostic.address(&draft.address));
        }
    }
}
