//! What counts as a replacement: a successor that the spec or a person asks for. One that the calendar
//! asks for is a renewal; away from a compromised key nobody is held back.

use certctl_model::{Cause, Note};

use crate::decision::Lane;

/// Whether this lane starts one.
pub(crate) fn starts_replacement(lane: &Lane) -> bool {
    lane.steps.first().is_some_and(|step| {
        let replaces = |note: &Note| {
            matches!(
                note,
                Note::Rotate {
                    cause: Cause::Replace | Cause::Requested,
                    ..
                }
            )
        };
        step.makes().is_some() && step.notes.iter().any(replaces)
    })
}
