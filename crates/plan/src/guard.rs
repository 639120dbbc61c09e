//! Guards: what a plan may do only with somebody's explicit leave, `--allow GUARD[:ADDRESS]`.
//!
//! *Purpose*: some are built in (what Gateway uses is taken from somebody else's hands, the last
//! available certificate goes, most of an account goes), some the spec asks for (`policy`). A guard
//! blocks with a diagnostic that names its override; the limits per run (`max_…`) block nothing, what
//! is over them waits.
//!
//! *Invariants*: a renewal by a certificate's own successor, the switch to it and the retirement of
//! what it replaced hit no guard, so that no policy stops what runs unattended. What blocks does not
//! depend on the day, and no guard changes a step: a digest does not depend on any of them.
//!
//! *Non-goals*: `in_use_moved` and `new_state`, which are decided where what they guard is.

mod declared;
mod interception;
mod mass;
mod per_run;
mod protected;

use std::collections::BTreeMap;

use certctl_model::{Address, Cause, Code, Diagnostic, Guard, Name, Note, Place};

use crate::context::Context;
use crate::draft::{Draft, Lane};
use crate::plan::{Action, ChangeKind};

pub use per_run::{Allowance, Tally};

pub(crate) use mass::check_fleet;
pub(crate) use per_run::hold;

/// Blocks what the policy of the spec or a built-in guard does not let pass.
pub(crate) fn check(context: &mut Context<'_>, drafts: &BTreeMap<Name, Draft>, tally: &mut Tally) {
    declared::check(context, drafts);
    protected::check(context, drafts);
    interception::check(context, drafts);
    mass::check(context, drafts, tally);
}

/// Reports a guard that was hit at an address, unless it may be passed there.
fn hit(
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
fn starts_replacement(lane: &Lane) -> bool {
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
fn is_destroyed(context: &Context<'_>, draft: &Draft) -> bool {
    context.account.certificate(&draft.name).is_none()
        && draft.kind == ChangeKind::Delete
        && (draft.does(Action::Deactivate) || draft.does(Action::Delete))
}
