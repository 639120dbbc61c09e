//! An address comes to hold a certificate that exists, or holds none yet.

use certctl_model::{
    BindingStatus, CertificateId, Code, Custom, Diagnostic, Mutation, Name, Note, RemoteCertificate,
};

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

/// Whether it is what an upload for this name stored that was given up: its content says so, however late
/// it shows.
fn is_late_upload(facts: &Facts<'_>, name: &Name, remote: &RemoteCertificate) -> bool {
    facts.state.abandoned.iter().any(|intent| {
        matches!(&intent.mutation, Mutation::Upload { certificate, content, .. }
            if certificate == name && Custom::Own(*content).is(remote))
    })
}

/// Notes that the address holds this certificate: as its successor, where it holds one.
pub(super) fn bind(facts: &mut Facts<'_>, noted: &mut Noted, id: &CertificateId) -> bool {
    let Some(remote) = facts.remote(id) else {
        return false;
    };
    let (certificate, at, id) = (noted.name.clone(), facts.anchor(), id.clone());
    let bound = match is_late_upload(facts, &certificate, remote) {
        true => Note::Created { certificate, id },
        false => Note::Adopted { certificate, id },
    };
    if !facts.note(noted, bound) {
        return false;
    }
    let id = &remote.id;
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
