//! An address comes to hold a certificate that exists, or holds none yet.

use certctl_model::{BindingStatus, CertificateId, Code, Diagnostic, Note};

use crate::facts::Facts;
use crate::noted::Noted;

/// A command that only an address which holds something can obey.
pub(super) fn refuse_command(facts: &mut Facts<'_>, noted: &Noted) {
    let options = facts.options;
    let commands = [&options.compromised, &options.rollback];
    if commands.iter().any(|command| noted.is_named_in(command)) {
        let message = "it holds no certificate yet, so there is none to leave or to go back to";
        let diagnostic = Diagnostic::error(Code::NotPossible, message)
            .hint("`certctl status` shows what there is");
        facts.report(noted, diagnostic);
    }
}

/// Notes that the address holds this certificate: as its successor, where it holds one.
pub(super) fn bind(facts: &mut Facts<'_>, noted: &mut Noted, id: &CertificateId) -> bool {
    let Some(remote) = facts.remote(id) else {
        return false;
    };
    let (name, at) = (noted.name.clone(), facts.anchor());
    let adopted = Note::Adopted {
        certificate: name,
        id: id.clone(),
    };
    if !facts.note(noted, adopted) {
        return false;
    }
    if facts.is_in_use(id) {
        // Finding it in use is as good as having set it, unless another is to be used: then who
        // moved it here is still a question.
        let id = id.clone();
        let note = if facts.another_is_declared_in_use(&noted.name) {
            Note::Used { id }
        } else {
            Note::SetInUse { id, at }
        };
        facts.note(noted, note);
    }
    match remote.binding_status {
        BindingStatus::Available => {
            let (id, since) = (id.clone(), at);
            let inferred = true;
            facts.note(
                noted,
                Note::Available {
                    id,
                    since,
                    inferred,
                },
            );
        }
        BindingStatus::PendingDeployment | BindingStatus::PendingDeletion => {
            let (id, since) = (id.clone(), at);
            facts.note(noted, Note::Pending { id, since });
        }
        BindingStatus::Inactive | BindingStatus::Unknown(_) => {}
    }
    noted.adopts.get_or_insert_with(|| id.clone());
    true
}
