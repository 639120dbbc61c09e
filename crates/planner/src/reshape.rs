//! Aligns what is declared with what is bound: one draft per address, renames applied.

use std::collections::BTreeMap;

use certctl_model::{Code, Diagnostic, Mutation, Name, Note, Reason};
use certctl_spec::Certificate;

use crate::context::Context;
use crate::draft::Draft;
use certctl_plan::ChangeKind;

/// One draft for everything that is declared or in the state.
pub(crate) fn reshape(context: &mut Context<'_>) -> BTreeMap<Name, Draft> {
    let account = context.account;
    let mut drafts = BTreeMap::new();
    for certificate in &account.certificates {
        let mut draft = Draft::new(context.address(&certificate.name));
        if let Some(from) = &certificate.moved_from {
            move_entry(context, &mut draft, certificate, from);
        }
        drafts.insert(certificate.name.clone(), draft);
    }
    let created_for = context
        .state
        .open_create()
        .and_then(|intent| match &intent.mutation {
            Mutation::Create { certificate, .. } => Some(certificate),
            _ => None,
        });
    for name in context.state.certificates.keys().chain(created_for) {
        drafts
            .entry(name.clone())
            .or_insert_with(|| Draft::new(account.address(name)));
    }
    drafts
}

fn move_entry(
    context: &mut Context<'_>,
    draft: &mut Draft,
    certificate: &Certificate,
    from: &Name,
) {
    if !holds(context, from) || context.account.certificate(from).is_some() {
        return;
    }
    let note = Note::Move {
        from: from.clone(),
        to: certificate.name.clone(),
    };
    if !holds(context, &certificate.name) && context.note(draft, note) {
        let message = format!("was {}", context.address(from));
        draft.decide(ChangeKind::Move, Reason::Moved, message);
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
    context.report(draft, diagnostic);
}

/// Whether this name holds a certificate, or will once its open create is settled.
fn holds(context: &Context<'_>, name: &Name) -> bool {
    let bound = context
        .state
        .certificates
        .get(name)
        .is_some_and(|entry| !entry.bindings.is_empty());
    let open = context.state.open_create().is_some_and(|intent| {
        matches!(&intent.mutation, Mutation::Create { certificate, .. } if certificate == name)
    });
    bound || open
}
