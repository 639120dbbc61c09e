//! The end of a rotation: its successor has taken over, or is given up.

use certctl_model::{Binding, BindingStatus, Cause, Note, RemoteCertificate, Role, Timestamp};
use certctl_spec::Certificate;

use crate::certificate::{is_held, is_sound, not_ours_to_touch};
use crate::context::Context;
use crate::draft::Draft;
use crate::in_use::claims_in_use;
use crate::shape::wanted;

/// Notes that the successor is now what the address has, or that nobody wants it any more.
pub(crate) fn promote(context: &mut Context<'_>, draft: &mut Draft, declared: &Certificate) {
    let Some(successor) = context.bound(&draft.name, Role::Successor) else {
        return;
    };
    let since = if context.bound(&draft.name, Role::Current).is_none() {
        Some(context.anchor())
    } else if context.is_in_use(&successor.id) && !is_held(&successor) {
        Some(switched_at(context, &successor))
    } else if is_given_up(context, draft, declared, &successor) {
        let since = context.anchor();
        let id = successor.id;
        context.note(draft, Note::Retire { id, since });
        return;
    } else {
        context
            .remote(&successor.id)
            .and_then(|remote| is_ready(context, draft, declared, &successor, remote))
    };
    if let Some(since) = since {
        let certificate = draft.name.clone();
        context.note(draft, Note::Promote { certificate, since });
    }
}

/// When it was confirmed that Gateway uses it: from then on the predecessor retires.
fn switched_at(context: &Context<'_>, successor: &Binding) -> Timestamp {
    let confirmed = context.state.in_use.as_ref();
    confirmed
        .filter(|record| record.id == successor.id)
        .map_or_else(|| context.anchor(), |record| record.at)
}

/// Whether the spec wants another validity than the successor has, or that of the predecessor
/// again; it is compromised; it expired while it waited, and renewal is declared; or a replace is asked for, and the successor is held or will never be able to take over.
fn is_given_up(
    context: &Context<'_>,
    draft: &Draft,
    declared: &Certificate,
    successor: &Binding,
) -> bool {
    let entry = context.state.certificates.get(&draft.name);
    let misfit = !context.options.only_rotation
        && match (declared.validity_period_days, successor.days) {
            (Some(wants), Some(asked)) => wants != asked,
            // Left out, it fits any certificate: also the one that was to be replaced for it.
            (None, _) => {
                successor.hold.is_none()
                    && entry.and_then(|entry| entry.cause) == Some(Cause::Replace)
            }
            (Some(_), None) => false,
        };
    let useless = || {
        context.remote(&successor.id).is_some_and(|remote| {
            not_ours_to_touch(remote).is_none()
                && (!is_sound(successor, remote) || context.may_have_expired(remote))
        })
    };
    let unwanted = || is_held(successor) || useless();
    // What is renewed by time is renewed again: nobody has to be there to say so.
    let expired = || {
        let remote = context.remote(&successor.id);
        declared.rotation.renew_before.is_some()
            && !context.is_in_use(&successor.id)
            && remote.is_some_and(|r| not_ours_to_touch(r).is_none() && context.may_have_expired(r))
    };
    successor.compromised
        || misfit
        || expired()
        || (context.options.replace.contains(&draft.address) && unwanted())
}

/// From when the predecessor retires, where Gateway is not to use this address: once the successor
/// is all that it should be.
fn is_ready(
    context: &Context<'_>,
    draft: &Draft,
    declared: &Certificate,
    successor: &Binding,
    remote: &RemoteCertificate,
) -> Option<Timestamp> {
    let in_use = claims_in_use(context, draft, declared);
    let fit = is_sound(successor, remote)
        && not_ours_to_touch(remote).is_none()
        && !context.may_have_expired(remote);
    if in_use || !fit || is_held(successor) {
        return None;
    }
    let wanted = wanted(context, declared, successor, in_use);
    match remote.binding_status {
        BindingStatus::Available => successor.available_since,
        BindingStatus::Inactive if !wanted.active => Some(successor.bound_at),
        _ => None,
    }
}
