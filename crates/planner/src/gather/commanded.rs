//! What a person commands for one address: away from a compromised certificate, back to the
//! predecessor, on with a held rotation.
//!
//! A command changes roles and marks in the state, as facts; what follows is decided from those, so
//! that a command whose run was interrupted goes on without being given again.

use std::collections::BTreeMap;

use certctl_model::{
    Binding, Candidate, Cause, CertificateId, Code, Diagnostic, Guard, Hold, InUse, Name, Note,
    Reason, Role,
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
        let entry = facts.state.certificates.get(&noted.name);
        let bindings: Vec<Binding> = entry.map_or_else(Vec::new, |entry| entry.bindings.clone());
        for binding in &bindings {
            if options.compromised_ids.contains(&binding.id) && !binding.compromised {
                mark(facts, noted, binding);
            }
        }
        if noted.is_named_in(&options.compromised) {
            mark_the_one(facts, noted, &bindings);
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
    let options = facts.options;
    if noted.is_named_in(&options.rollback) {
        roll_back(facts, noted);
    }
    if noted.is_named_in(&options.resume) {
        release(facts, noted);
    }
}

/// An address means its certificate, where it holds only one.
fn mark_the_one(facts: &mut Facts<'_>, noted: &mut Noted, bindings: &[Binding]) {
    match bindings {
        // The command stands, and is being carried out.
        _ if bindings.iter().any(|binding| binding.compromised) => {}
        [] => {}
        [only] => mark(facts, noted, only),
        several => {
            let message = format!(
                "it holds {} certificates, and it is not plain which of them is compromised",
                several.len()
            );
            let candidate = |binding: &Binding| {
                let used = facts.may_be_in_use(&binding.id);
                let remote = facts.remote(&binding.id)?;
                Some(Candidate::of(remote, used, binding.role.as_str()))
            };
            let diagnostic = Diagnostic::error(Code::NotPossible, message)
                .hint("name it by its id: `--compromised ID`")
                .candidates(several.iter().filter_map(candidate).collect());
            facts.report(noted, diagnostic);
        }
    }
}

fn mark(facts: &mut Facts<'_>, noted: &mut Noted, binding: &Binding) {
    let id = binding.id.clone();
    if binding.role == Role::Current {
        let declared = facts.account.certificate(&noted.name);
        let successor = facts.bound(&noted.name, Role::Successor);
        // A custom one without a successor is not replaced: only its owner can make that.
        let kind = match declared.is_some_and(|d| d.custom.is_some()) && successor.is_none() {
            true => ChangeKind::Update,
            false => ChangeKind::of_rotation(Some(Cause::Compromised)),
        };
        noted.say(kind, Reason::Compromised, format!("{id} is compromised"));
        // Nothing is left to hold on to.
        if let Some(successor) = facts.bound(&noted.name, Role::Successor).cloned() {
            let (id, hold) = (successor.id, Hold::Released);
            facts.note(noted, Note::Hold { id, hold });
        }
    }
    facts.note(noted, Note::Compromised { id });
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

/// Lets a held rotation go on. Where none is open, the check `nothing_to_resume` says so.
fn release(facts: &mut Facts<'_>, noted: &mut Noted) {
    let successor = facts.bound(&noted.name, Role::Successor).cloned();
    if let Some(successor) = successor.filter(|one| one.hold != Some(Hold::Released)) {
        let (id, hold) = (successor.id, Hold::Released);
        facts.note(noted, Note::Hold { id, hold });
    }
}

/// In-use that somebody moved back to the predecessor by hand: a rollback like any other, not to be
/// fought.
pub(super) fn accept_moved_back(
    facts: &mut Facts<'_>,
    noted: &mut Noted,
    declared: Option<&Certificate>,
) {
    if facts.somebody_elses_choice() != Some(Guard::InUseMoved) {
        return;
    }
    let InUse::Certificate(used) = facts.in_use().clone() else {
        return;
    };
    let Some(record) = facts.state.in_use.clone() else {
        return;
    };
    // What it may have made is to have its place first.
    if facts.state.open_create_for(&noted.name) {
        return;
    }
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
