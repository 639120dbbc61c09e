//! A custom certificate that is in the account: the spec names it by its id, or gives its content. It is
//! taken over where the address holds none, and as the successor of the one that it holds.

use certctl_model::{
    CertificateId, CertificateType, Code, Custom, Diagnostic, Inspection, Note, Reason, Role,
};
use certctl_plan::ChangeKind;
use certctl_spec::Certificate;

use super::bound::{bind, refuse_command};
use crate::certificate::is_its_owners;
use crate::facts::Facts;
use crate::noted::Noted;
use crate::own::named;
use crate::trusted::{SAME_ROOT, is_trusted_already};

/// Whether the address holds a certificate, once it took over the one that is named. A run that nobody
/// watches takes nothing over.
pub(super) fn takes(
    facts: &mut Facts<'_>,
    noted: &mut Noted,
    declared: &Certificate,
    custom: &Custom,
) -> bool {
    let current = facts.bound(&noted.name, Role::Current);
    let current = current.map(|binding| binding.id.clone());
    let has_successor = facts.bound(&noted.name, Role::Successor).is_some();
    let holds = current.is_some() || has_successor;
    if !holds {
        refuse_command(facts, noted);
    }
    // What is not there yet is uploaded, see the rules.
    let Some(id) = &named(facts, custom) else {
        return holds;
    };
    if has_successor || current.as_ref() == Some(id) || facts.options.is_unattended() {
        return holds;
    }
    if let Some(kept) = current
        .as_ref()
        .filter(|_| is_retiring_here(facts, noted, id))
    {
        go_back(facts, noted, kept, id, custom);
        return true;
    }
    if is_protected(facts, noted, declared) {
        return true;
    }
    match objection(facts, id) {
        None => {
            if !bind(facts, noted, id) {
                return holds;
            }
            let (kind, message) = match &current {
                Some(old) => (ChangeKind::Replace, changed(custom, old, id)),
                None => (ChangeKind::Adopt, named_as(custom, id)),
            };
            let message = match current.is_some() && is_trusted_already(facts, id) {
                true => format!("{message}, {SAME_ROOT}"),
                false => message,
            };
            noted.say(kind, Reason::CustomNamed, message);
            true
        }
        Some(diagnostic) => {
            noted.undecided = true;
            let message = diagnostic.message.clone();
            noted.say(ChangeKind::NoOp, Reason::Blocked, message);
            let diagnostic = diagnostic.at(Some(declared.custom_place.clone()));
            facts.report(noted, diagnostic);
            holds
        }
    }
}

/// Whether the address holds a certificate that `prevent_destroy` protects; the check says so.
fn is_protected(facts: &Facts<'_>, noted: &Noted, declared: &Certificate) -> bool {
    let current = facts.bound(&noted.name, Role::Current);
    let destroyed = current.is_some_and(|c| !c.compromised && !is_its_owners(facts, &c.id));
    declared.lifecycle.prevent_destroy && destroyed
}

fn is_retiring_here(facts: &Facts<'_>, noted: &Noted, id: &CertificateId) -> bool {
    let bound = facts.state.binding(id);
    bound.is_some_and(|(name, binding)| *name == noted.name && binding.role == Role::Retiring)
}

/// The predecessor is named again: it is what the address has, and what had replaced it is given up.
fn go_back(
    facts: &mut Facts<'_>,
    noted: &mut Noted,
    from: &CertificateId,
    to: &CertificateId,
    custom: &Custom,
) {
    let back = Note::Rollback {
        certificate: noted.name.clone(),
        id: to.clone(),
        since: facts.anchor(),
    };
    if facts.note(noted, back) {
        let message = changed(custom, from, to);
        noted.say(ChangeKind::Replace, Reason::CustomNamed, message);
    }
}

/// What takes the place of what, in the words of the spec.
fn changed(custom: &Custom, from: &CertificateId, to: &CertificateId) -> String {
    match custom {
        Custom::Id(_) => format!("custom.id: {from} -> {to}"),
        Custom::Own(_) => format!("custom.certificate: {from} -> {to}, which is in the account"),
    }
}

fn named_as(custom: &Custom, id: &CertificateId) -> String {
    match custom {
        Custom::Id(_) => format!("`custom.id: {id}`"),
        Custom::Own(_) => format!("{id} is the CA of `custom.certificate`"),
    }
}

/// Why it cannot be taken over, if there is a reason.
fn objection(facts: &Facts<'_>, id: &CertificateId) -> Option<Diagnostic> {
    let refused =
        |code, message: String, hint: String| Some(Diagnostic::error(code, message).hint(hint));
    let Some(remote) = facts.remote(id) else {
        let account = &facts.account.account_id;
        let message = format!("{id} does not exist in account {account}");
        let hint = "upload it to the account's mTLS certificate store, then name its id; `certctl \
                    status` lists what exists";
        return refused(Code::ImportMissing, message, hint.to_owned());
    };
    if let Some((name, _)) = facts.state.binding(id) {
        let holder = facts.address(name);
        let message = format!("{id} belongs to {holder}");
        let hint = format!("remove one of the two, or say `moved_from: {name}`");
        return refused(Code::ImportClaimed, message, hint);
    }
    match (&remote.kind, &remote.inspection) {
        (CertificateType::Custom, Inspection::Sound(_)) => None,
        (CertificateType::Custom, Inspection::Unsound(why)) => {
            let message = format!("{id} fails verification: {why}");
            let hint = "have its owner upload one that browsers accept as a CA";
            refused(Code::ImportRefused, message, hint.to_owned())
        }
        (CertificateType::GatewayManaged, _) => {
            let message = format!("{id} is not custom: Cloudflare issued it");
            let hint = format!("take it over with `import: {id}` instead of `custom`");
            refused(Code::ImportRefused, message, hint)
        }
        (CertificateType::Unknown(kind), _) => {
            let message = format!("{id} is of type `{kind}`, which certctl does not know");
            let hint = "remove `custom`; what certctl does not know it leaves alone";
            refused(Code::ImportRefused, message, hint.to_owned())
        }
    }
}
