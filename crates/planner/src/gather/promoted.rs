//! The end of a rotation: its successor has taken over, or is given up.

use certctl_model::{Binding, BindingStatus, Cause, Note, RemoteCertificate, Role, Timestamp};
use certctl_spec::Certificate;

use crate::certificate::{is_custom, is_held, is_verified, not_ours_to_touch};
use crate::claim::{claims_in_use, wanted};
use crate::facts::Facts;
use crate::noted::Noted;
use crate::own::is_another;

/// Notes that the successor is now what the address has, or that nobody wants it any more.
pub(super) fn note(facts: &mut Facts<'_>, noted: &mut Noted, declared: &Certificate) {
    let Some(successor) = facts.bound(&noted.name, Role::Successor).cloned() else {
        return;
    };
    let since = if facts.bound(&noted.name, Role::Current).is_none() {
        Some(facts.anchor())
    } else if facts.is_in_use(&successor.id) && !is_held(&successor) {
        Some(switched_at(facts, &successor))
    } else if is_given_up(facts, noted, declared, &successor) {
        let since = facts.anchor();
        let id = successor.id.clone();
        let news =
            misfits(facts, noted, declared, &successor) && !is_accepted(facts, noted, declared);
        if facts.note(noted, Note::Retire { id, since }) && news {
            // No fact to remember whatever is wrong with the address: it is taken up with what is declared.
            noted.notes.pop();
            noted.gives_up = Some(successor.id);
        }
        return;
    } else {
        facts
            .remote(&successor.id)
            .and_then(|remote| is_ready(facts, noted, declared, &successor, remote))
    };
    if let Some(since) = since {
        let certificate = noted.name.clone();
        facts.note(noted, Note::Promote { certificate, since });
    }
}

/// Whether what is declared is what somebody accepted.
fn is_accepted(facts: &Facts<'_>, noted: &Noted, declared: &Certificate) -> bool {
    let entry = facts.state.certificates.get(&noted.name);
    entry.and_then(|entry| entry.settings.as_ref()) == Some(&declared.settings())
}

/// When it was confirmed that Gateway uses it: from then on the predecessor retires.
fn switched_at(facts: &Facts<'_>, successor: &Binding) -> Timestamp {
    let confirmed = facts.state.in_use.as_ref();
    confirmed
        .filter(|record| record.id == successor.id)
        .map_or_else(|| facts.anchor(), |record| record.at)
}

/// Whether the spec wants another validity than the successor has, or that of the predecessor
/// again; or another custom certificate, or none.
fn misfits(facts: &Facts<'_>, noted: &Noted, declared: &Certificate, successor: &Binding) -> bool {
    let entry = facts.state.certificates.get(&noted.name);
    let current = facts.bound(&noted.name, Role::Current);
    let from_custom = || current.is_some_and(|current| is_custom(facts, &current.id));
    !facts.options.is_unattended()
        && match (
            &declared.custom,
            declared.validity_period_days,
            successor.days,
        ) {
            (Some(custom), _, _) => is_another(facts, custom, &successor.id),
            _ if is_custom(facts, &successor.id) => true,
            (None, Some(wants), Some(asked)) => wants != asked,
            // Left out, it fits any certificate: also the one that was to be replaced for it.
            (None, None, _) => {
                successor.hold.is_none()
                    && entry.and_then(|entry| entry.cause) == Some(Cause::Replace)
                    && !from_custom()
            }
            (None, Some(_), None) => false,
        }
}

/// Whether the spec wants another one; it is compromised; it expired while it waited, and renewal is
/// declared; or a replace is asked for, and the successor is held or will never be able to take over.
fn is_given_up(
    facts: &Facts<'_>,
    noted: &Noted,
    declared: &Certificate,
    successor: &Binding,
) -> bool {
    let useless = || {
        facts.remote(&successor.id).is_some_and(|remote| {
            not_ours_to_touch(remote).is_none()
                && (!is_verified(successor, remote) || facts.may_have_expired(remote))
        })
    };
    let unwanted = || is_held(successor) || useless();
    // What is renewed by time is renewed again: nobody has to be there to say so.
    let expired = || {
        let remote = facts.remote(&successor.id);
        declared.rotation.renew_before.is_some()
            && !facts.is_in_use(&successor.id)
            && remote.is_some_and(|r| not_ours_to_touch(r).is_none() && facts.may_have_expired(r))
    };
    successor.compromised
        || misfits(facts, noted, declared, successor)
        || expired()
        || (noted.is_named_in(&facts.options.replace) && unwanted())
}

/// From when the predecessor retires, where Gateway is not to use this address: once the successor
/// is all that it should be.
fn is_ready(
    facts: &Facts<'_>,
    noted: &Noted,
    declared: &Certificate,
    successor: &Binding,
    remote: &RemoteCertificate,
) -> Option<Timestamp> {
    let in_use = claims_in_use(facts, &noted.name, declared);
    let fit = is_verified(successor, remote)
        && not_ours_to_touch(remote).is_none()
        && !facts.may_have_expired(remote);
    if in_use || !fit || is_held(successor) {
        return None;
    }
    let wanted = wanted(facts, declared, successor, in_use);
    match remote.binding_status {
        BindingStatus::Available => successor.available_since,
        BindingStatus::Inactive if !wanted.active => Some(successor.bound_at),
        _ => None,
    }
}
