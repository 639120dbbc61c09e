//! Aligns what is declared with what is bound: one entry per address, renames applied.

use std::collections::BTreeMap;

use certctl_model::{Code, Diagnostic, Name, Note, Reason};
use certctl_plan::ChangeKind;
use certctl_spec::Certificate;

use crate::facts::Facts;
use crate::noted::Noted;

/// One entry for everything that is declared or in the state.
pub(super) fn align(facts: &mut Facts<'_>) -> BTreeMap<Name, Noted> {
    let account = facts.account;
    let mut addresses = BTreeMap::new();
    for certificate in &account.certificates {
        let mut noted = Noted::new(facts.address(&certificate.name));
        if let Some(from) = &certificate.moved_from {
            move_entry(facts, &mut noted, certificate, from);
        }
        addresses.insert(certificate.name.clone(), noted);
    }
    let open = facts.state.open_create();
    let created_for = open.and_then(|intent| Some(intent.mutation.makes()?.0));
    for name in facts.state.certificates.keys().chain(created_for) {
        addresses
            .entry(name.clone())
            .or_insert_with(|| Noted::new(account.address(name)));
    }
    addresses
}

fn move_entry(facts: &mut Facts<'_>, noted: &mut Noted, certificate: &Certificate, from: &Name) {
    if !holds(facts, from) || facts.account.certificate(from).is_some() {
        return;
    }
    let note = Note::Move {
        from: from.clone(),
        to: certificate.name.clone(),
    };
    if !holds(facts, &certificate.name) && facts.note(noted, note) {
        let was = facts.address(from);
        let message = format!("was {was}");
        noted.was = Some(was);
        noted.say(ChangeKind::Move, Reason::Moved, message);
        return;
    }
    let diagnostic = Diagnostic::warning(
        Code::MoveIgnored,
        format!("`moved_from: {from}` is ignored: both names hold a certificate"),
    )
    .hint(format!(
        "remove `moved_from`; {from} is no longer declared and will be removed"
    ))
    .at(Some(certificate.moved_from_place.clone()));
    facts.report(noted, diagnostic);
}

/// Whether this name holds a certificate, or will once its open create is settled.
fn holds(facts: &Facts<'_>, name: &Name) -> bool {
    let bound = facts
        .state
        .certificates
        .get(name)
        .is_some_and(|entry| !entry.bindings.is_empty());
    bound || facts.state.open_create_for(name)
}
