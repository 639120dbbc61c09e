//! What a person commands for one address: away from a compromised certificate, back to the
//! predecessor, on with a held rotation.
//!
//! A command changes roles and marks in the state, as facts; what follows is decided from those, so
//! that a command whose run was interrupted goes on without being given again.

use std::collections::{BTreeMap, BTreeSet};

use certctl_model::{
    Address, Binding, Cause, CertificateId, Code, Diagnostic, Hold, InUse, Name, Note, Reason, Role,
};
use certctl_plan::ChangeKind;
use certctl_spec::{Certificate, Import};

use crate::certificate::{can_be_used, is_held};
use crate::facts::Facts;
use crate::noted::Noted;

/// Marks what is compromised, before anything is decided: what another address may do at once
/// depends on it.
pub(super) fn note_compromised(facts: &mut Facts<'_>, addresses: &mut BTreeMap<Name, Noted>) {
    let options = facts.options;
    for noted in addresses.values_mut() {
        if options.compromised.contains(&noted.address) {
            mark(facts, noted);
        }
    }
}

/// Carries out what else is commanded for an address that holds a certificate, as far as the state
/// goes.
pub(super) fn note_commands(facts: &mut Facts<'_>, noted: &mut Noted, declared: &Certificate) {
    let Some(current) = facts.bound(&noted.name, Role::Current).cloned() else {
        return;
    };
    check_import(facts, noted, declared, &current);
    let commanded = |to: &BTreeSet<Address>| to.contains(&noted.address);
    let options = facts.options;
    let (rollback, resume) = (commanded(&options.rollback), commanded(&options.resume));
    if rollback {
        roll_back(facts, noted);
    }
    if resume {
        release(facts, noted);
    }
}

fn mark(facts: &mut Facts<'_>, noted: &mut Noted) {
    let known = |binding: &Binding| binding.compromised;
    let bindings = facts.state.certificates.get(&noted.name);
    if bindings.is_some_and(|entry| entry.bindings.iter().any(known)) {
        // The command stands, and is being carried out.
        return;
    }
    // A switch that is not noted yet: then the successor is what the address has.
    let successor = facts.bound(&noted.name, Role::Successor).cloned();
    let used = successor.filter(|successor| facts.is_in_use(&successor.id));
    if let Some(current) = used.or_else(|| facts.bound(&noted.name, Role::Current).cloned()) {
        let message = format!("{} is compromised", current.id);
        noted.say(
            ChangeKind::of_rotation(Some(Cause::Compromised)),
            Reason::Compromised,
            message,
        );
        facts.note(noted, Note::Compromised { id: current.id });
    }
    // Nothing is left to hold on to.
    if let Some(successor) = facts.bound(&noted.name, Role::Successor).cloned() {
        let (id, hold) = (successor.id, Hold::Released);
        facts.note(noted, Note::Hold { id, hold });
    }
}

fn roll_back(facts: &mut Facts<'_>, noted: &mut Noted) {
    let successor = facts.bound(&noted.name, Role::Successor).cloned();
    if successor.as_ref().is_some_and(is_held) {
        return;
    }
    let (certificate, since) = (noted.name.clone(), facts.anchor());
    let current = facts.bound(&noted.name, Role::Current).cloned();
    let is_compromised = current.is_some_and(|current| current.compromised);
    match (predecessor(facts, &noted.name), successor) {
        // Nobody holds on to what is compromised.
        (None, Some(_)) if is_compromised => {
            let message = "the certificate to stay with is compromised";
            let diagnostic = Diagnostic::error(Code::NotPossible, message)
                .hint("let the rotation go on; `certctl status` shows what there is");
            facts.report(noted, diagnostic);
        }
        (Some(id), _) => {
            let entry = facts.state.certificates.get(&noted.name);
            let kind = ChangeKind::of_rotation(entry.and_then(|entry| entry.cause));
            noted.say(kind, Reason::RolledBack, format!("back to {id}"));
            let note = Note::Rollback {
                certificate,
                id,
                since,
            };
            facts.note(noted, note);
        }
        // Nothing was switched yet: then it is not to be.
        (None, Some(successor)) => {
            let (id, hold) = (successor.id, Hold::Held);
            facts.note(noted, Note::Hold { id, hold });
        }
        (None, None) => {
            let message =
                "there is no predecessor to roll back to that is available, unexpired and verified";
            let hint = "`certctl status` shows what there is; `--replace` makes a new one";
            let diagnostic = Diagnostic::error(Code::NotPossible, message).hint(hint);
            facts.report(noted, diagnostic);
        }
    }
}

/// What was in use last before what is in use now, and still can be.
fn predecessor(facts: &Facts<'_>, name: &Name) -> Option<CertificateId> {
    let entry = facts.state.certificates.get(name)?;
    let able = |binding: &&Binding| {
        binding.role == Role::Retiring
            && binding.in_use_until.is_some()
            && can_be_used(facts, binding)
    };
    let last = entry.bindings.iter().filter(able);
    last.max_by_key(|binding| (binding.in_use_until, &binding.id))
        .map(|binding| binding.id.clone())
}

fn release(facts: &mut Facts<'_>, noted: &mut Noted) {
    match facts.bound(&noted.name, Role::Successor).cloned() {
        Some(successor) if successor.hold == Some(Hold::Released) => {}
        Some(successor) => {
            let (id, hold) = (successor.id, Hold::Released);
            facts.note(noted, Note::Hold { id, hold });
        }
        None => {
            let message = "there is nothing to resume: no rotation is open";
            let diagnostic = Diagnostic::warning(Code::NotPossible, message)
                .hint("a rotation that is yet to start is resumed once its successor exists");
            facts.report(noted, diagnostic);
        }
    }
}

/// In-use that somebody moved back to the predecessor by hand: a rollback like any other, not to be
/// fought.
pub(super) fn accept_moved_back(
    facts: &mut Facts<'_>,
    noted: &mut Noted,
    declared: Option<&Certificate>,
) {
    let InUse::Certificate(used) = facts.in_use().clone() else {
        return;
    };
    let Some(record) = facts.state.in_use.clone() else {
        return;
    };
    let wanted = declared.is_some_and(|declared| {
        declared.in_use != Some(false) && !facts.another_is_declared_in_use(&noted.name)
    });
    // What was set a moment ago may not be listed yet.
    let settled = facts.options.settle_timeout.after(record.at) <= facts.now;
    let current = facts.bound(&noted.name, Role::Current).cloned();
    let ours = current.is_some_and(|current| current.id == record.id)
        && predecessor(facts, &noted.name).as_ref() == Some(&used);
    if !(wanted && settled && ours) {
        return;
    }
    let (certificate, at) = (noted.name.clone(), facts.anchor());
    let back = Note::Rollback {
        certificate,
        id: used.clone(),
        since: at,
    };
    facts.note(noted, back);
    let (id, last) = (used.clone(), record.id);
    facts.note(noted, Note::SetInUse { id, at });
    let message = format!(
        "somebody moved in-use from {last} back to its predecessor {used}; the rotation is held"
    );
    let hint = format!(
        "`--resume {0}` goes on with it, `--replace {0}` makes another successor",
        noted.address
    );
    let diagnostic = Diagnostic::warning(Code::InUseMoved, message).hint(hint);
    facts.report(noted, diagnostic);
}

/// An `import` on an address that is bound: nothing to do, or a contradiction.
fn check_import(facts: &mut Facts<'_>, noted: &Noted, declared: &Certificate, current: &Binding) {
    let Some(Import::Id(id)) = &declared.import else {
        return;
    };
    let entry = facts.state.certificates.get(&noted.name);
    let known = entry.is_some_and(|e| e.had.contains(id) || e.bindings.iter().any(|b| b.id == *id));
    if !known {
        let message = format!(
            "`import: {id}`, but this address is bound to {}",
            current.id
        );
        let diagnostic = Diagnostic::error(Code::ImportBound, message)
            .hint("remove `import`, or declare the certificate under another name")
            .at(Some(declared.import_place.clone()));
        facts.report(noted, diagnostic);
    }
}
