//! How a guard is reported, and what counts as a removal or a replacement.

use certctl_model::{Address, Cause, Code, Diagnostic, Guard, Note, Place};
use certctl_plan::{Action, ChangeKind};

use crate::context::Context;
use crate::draft::{Draft, Lane};

/// Reports a guard that was hit at an address, unless it may be passed there.
pub(super) fn hit(
    context: &mut Context<'_>,
    address: &Address,
    (guard, code): (Guard, Code),
    message: String,
    place: Option<Place>,
) {
    if context.options.allows(guard, address) {
        return;
    }
    let hint = format!("if that is meant, pass `--allow {guard}:{address}`");
    let diagnostic = Diagnostic::error(code, message).hint(hint).at(place);
    context.diagnostics.push(diagnostic.address(address));
}

/// Whether this lane starts a replacement: a successor that the spec or a person asks for. One that
/// the calendar asks for is a renewal; away from a compromised key nobody is held back.
pub(super) fn starts_replacement(lane: &Lane) -> bool {
    lane.steps.first().is_some_and(|step| {
        step.action == Action::Create
            && step.notes.iter().any(|note| {
                matches!(
                    note,
                    Note::Rotate {
                        cause: Cause::Replace | Cause::Requested,
                        ..
                    }
                )
            })
    })
}

/// Whether this address is to be removed because nothing declares it any more.
pub(super) fn is_destroyed(context: &Context<'_>, draft: &Draft) -> bool {
    context.account.certificate(&draft.name).is_none()
        && draft.kind == ChangeKind::Delete
        && (draft.does(Action::Deactivate) || draft.does(Action::Delete))
}
