//! What a person orders for one address: away from a compromised certificate, back to the
//! predecessor, on with a held rotation.
//!
//! An order changes roles and marks in the state, as facts; what follows is decided from those, so
//! that an order whose run was interrupted goes on without being given again.

use std::collections::{BTreeMap, BTreeSet};

use certctl_model::{
    Address, Binding, Cause, CertificateId, Code, Diagnostic, Hold, InUse, Name, Note, Period,
    Reason, Role, Timestamp,
};
use certctl_plan::ChangeKind;
use certctl_spec::Certificate;

use crate::certificate::{can_be_used, is_held};
use crate::context::Context;
use crate::draft::Draft;

/// How long before its expiry a certificate is worth a word that nothing renews by time.
const SOON_DAYS: u32 = 30;

/// Marks what is compromised, before anything is decided: what another address may do at once
/// depends on it.
pub(crate) fn mark_compromised(context: &mut Context<'_>, drafts: &mut BTreeMap<Name, Draft>) {
    let options = context.options;
    for draft in drafts.values_mut() {
        if options.compromised.contains(&draft.address) {
            mark(context, draft);
        }
    }
}

/// Carries out what else is ordered for this address, as far as the state goes.
pub(crate) fn obey(context: &mut Context<'_>, draft: &mut Draft) {
    let ordered = |of: &BTreeSet<Address>| of.contains(&draft.address);
    let options = context.options;
    let (rollback, resume) = (ordered(&options.rollback), ordered(&options.resume));
    if rollback {
        roll_back(context, draft);
    }
    if resume {
        release(context, draft);
    }
}

fn mark(context: &mut Context<'_>, draft: &mut Draft) {
    let known = |binding: &Binding| binding.compromised;
    let bindings = context.state.certificates.get(&draft.name);
    if bindings.is_some_and(|entry| entry.bindings.iter().any(known)) {
        // The order stands, and is being carried out.
        return;
    }
    // A switch that is not noted yet: then the successor is what the address has.
    let successor = context.bound(&draft.name, Role::Successor);
    let used = successor.filter(|successor| context.is_in_use(&successor.id));
    if let Some(current) = used.or_else(|| context.bound(&draft.name, Role::Current)) {
        let message = format!("{} is compromised", current.id);
        draft.decide(
            ChangeKind::of_rotation(Some(Cause::Compromised)),
            Reason::Compromised,
            message,
        );
        context.note(draft, Note::Compromised { id: current.id });
    }
    // Nothing is left to hold on to.
    if let Some(successor) = context.bound(&draft.name, Role::Successor) {
        let (id, hold) = (successor.id, Hold::Released);
        context.note(draft, Note::Hold { id, hold });
    }
}

fn roll_back(context: &mut Context<'_>, draft: &mut Draft) {
    let successor = context.bound(&draft.name, Role::Successor);
    if successor.as_ref().is_some_and(is_held) {
        return;
    }
    let (certificate, since) = (draft.name.clone(), context.anchor());
    let current = context.bound(&draft.name, Role::Current);
    let flees = current.is_some_and(|current| current.compromised);
    match (predecessor(context, &draft.name), successor) {
        // Nobody holds on to what is compromised.
        (None, Some(_)) if flees => {
            let message = "the certificate to stay with is compromised";
            let diagnostic = Diagnostic::error(Code::NotPossible, message)
                .hint("let the rotation go on; `certctl status` shows what there is");
            context.report(draft, diagnostic);
        }
        (Some(id), _) => {
            let entry = context.state.certificates.get(&draft.name);
            let kind = ChangeKind::of_rotation(entry.and_then(|entry| entry.cause));
            draft.decide(kind, Reason::RolledBack, format!("back to {id}"));
            let note = Note::Rollback {
                certificate,
                id,
                since,
            };
            context.note(draft, note);
        }
        // Nothing was switched yet: then it is not to be.
        (None, Some(successor)) => {
            let (id, hold) = (successor.id, Hold::Held);
            context.note(draft, Note::Hold { id, hold });
        }
        (None, None) => {
            let message =
                "there is no predecessor to roll back to that is available, unexpired and verified";
            let hint = "`certctl status` shows what there is; `--replace` makes a new one";
            let diagnostic = Diagnostic::error(Code::NotPossible, message).hint(hint);
            context.report(draft, diagnostic);
        }
    }
}

/// What was in use last before what is in use now, and still can be.
fn predecessor(context: &Context<'_>, name: &Name) -> Option<CertificateId> {
    let entry = context.state.certificates.get(name)?;
    let able = |binding: &&Binding| {
        binding.role == Role::Retiring
            && binding.in_use_until.is_some()
            && can_be_used(context, binding)
    };
    let last = entry.bindings.iter().filter(able);
    last.max_by_key(|binding| (binding.in_use_until, &binding.id))
        .map(|binding| binding.id.clone())
}

fn release(context: &mut Context<'_>, draft: &mut Draft) {
    match context.bound(&draft.name, Role::Successor) {
        Some(successor) if successor.hold == Some(Hold::Released) => {}
        Some(successor) => {
            let (id, hold) = (successor.id, Hold::Released);
            context.note(draft, Note::Hold { id, hold });
        }
        None => {
            let message = "there is nothing to resume: no rotation is open";
            let diagnostic = Diagnostic::warning(Code::NotPossible, message)
                .hint("a rotation that is yet to start is resumed once its successor exists");
            context.report(draft, diagnostic);
        }
    }
}

/// An order that only something bound can obey.
pub(crate) fn refuse_unbound(context: &mut Context<'_>, draft: &Draft) {
    let options = context.options;
    let orders = [&options.compromised, &options.rollback];
    if orders.iter().any(|order| order.contains(&draft.address)) {
        let message = "it holds no certificate yet, so there is none to leave or to go back to";
        let diagnostic = Diagnostic::error(Code::NotPossible, message)
            .hint("`certctl status` shows what there is");
        context.report(draft, diagnostic);
    }
}

/// In-use that somebody moved back to the predecessor by hand: a rollback like any other, not to be
/// fought.
pub(crate) fn accept_moved_back(
    context: &mut Context<'_>,
    draft: &mut Draft,
    declared: Option<&Certificate>,
) {
    let InUse::Certificate(used) = context.in_use().clone() else {
        return;
    };
    let Some(record) = context.state.in_use.clone() else {
        return;
    };
    let wanted = declared.is_some_and(|declared| {
        declared.in_use != Some(false) && !context.another_is_declared_in_use(&draft.name)
    });
    // What was set a moment ago may not be listed yet.
    let settled = context.options.settle_timeout.after(record.at) <= context.now;
    let current = context.bound(&draft.name, Role::Current);
    let ours = current.is_some_and(|current| current.id == record.id)
        && predecessor(context, &draft.name).as_ref() == Some(&used);
    if !(wanted && settled && ours) {
        return;
    }
    let (certificate, at) = (draft.name.clone(), context.anchor());
    let back = Note::Rollback {
        certificate,
        id: used.clone(),
        since: at,
    };
    context.note(draft, back);
    let (id, last) = (used.clone(), record.id);
    context.note(draft, Note::SetInUse { id, at });
    let message = format!(
        "somebody moved in-use from {last} back to its predecessor {used}; the rotation is held"
    );
    let hint = format!(
        "`--resume {0}` goes on with it, `--replace {0}` makes another successor",
        draft.address
    );
    let diagnostic = Diagnostic::warning(Code::InUseMoved, message).hint(hint);
    context.report(draft, diagnostic);
}

/// Says that a rotation waits for a person, once what is in use is due for renewal.
pub(crate) fn warn_held(context: &mut Context<'_>, draft: &Draft, declared: &Certificate) {
    let expires = context
        .bound(&draft.name, Role::Current)
        .and_then(|current| context.remote(&current.id)?.expires());
    let Some(expires) = expires.filter(|expires| is_due(context.now, *expires, declared)) else {
        return;
    };
    let message = format!("the rotation is held, and what it replaces expires at {expires}");
    let hint = format!(
        "`--resume {0}` switches to the successor; `--replace {0}` makes another one",
        draft.address
    );
    let known =
        |d: &Diagnostic| d.code == Code::RotationHeld && d.address.as_ref() == Some(&draft.address);
    if !context.diagnostics.iter().any(known) {
        let diagnostic = Diagnostic::warning(Code::RotationHeld, message).hint(hint);
        context.report(draft, diagnostic);
    }
}

fn is_due(now: Timestamp, expires: Timestamp, declared: &Certificate) -> bool {
    let before = declared
        .rotation
        .renew_before
        .unwrap_or(Period::days(SOON_DAYS));
    before.before(expires) <= now
}
