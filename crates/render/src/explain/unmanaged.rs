//! A certificate of the account that no address holds.

use certctl_model::{CertificateId, CertificateType, Mutation, RemoteCertificate};
use certctl_plan::time;

use super::api;
use super::paper::Paper;
use super::scene::Scene;

/// All that is to be said of a certificate that no address holds; none where the account has none of this id.
#[must_use]
pub fn explain_unmanaged(scene: &Scene<'_>, id: &CertificateId) -> Option<String> {
    let observed = scene.observed()?;
    let remote = observed.certificate(id)?;
    let account = &scene.input.account.name;
    let now = scene.plan.planned_at;
    let mut paper = Paper::new(scene.width);
    paper.line(&format!(
        "{} in {account} is not managed by this spec: certctl leaves it alone",
        api::id_of(id)
    ));
    paper.section("By which rule");
    paper.item("none: rules are asked of addresses, and no address holds it");
    paper.item("certctl deactivates and deletes only what its state binds to an address");
    paper.section(&format!("From which facts, as of {}", time(now)));
    paper.item(&format!("API    {}", api::certificate(remote, now)));
    api::account(&mut paper, observed);
    let known = remembered(scene, remote);
    if known.is_empty() {
        paper.item("state  no address holds it, or held it");
    }
    for line in known {
        paper.item(&format!("state  {line}"));
    }
    paper.section("What would change it");
    for line in ways(scene, remote) {
        paper.item(&line);
    }
    Some(paper.text())
}

fn remembered(scene: &Scene<'_>, remote: &RemoteCertificate) -> Vec<String> {
    let (account, id) = (scene.input.account, &remote.id);
    let Some(state) = scene.state() else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    for (name, entry) in &state.certificates {
        if entry.had.contains(id) {
            lines.push(format!("{} held it once", account.address(name)));
        }
    }
    if state.suspects.contains(id) {
        lines.push(
            "it is younger than the state: nobody said yet whose it is (stale_state)".to_owned(),
        );
    }
    if state.strangers.contains(id) {
        lines.push("somebody said that it is nobody's of this spec".to_owned());
    }
    let managed = remote.kind == CertificateType::GatewayManaged;
    for intent in state.intents.iter().filter(|_| managed) {
        if let Mutation::Create {
            certificate, known, ..
        } = &intent.mutation
            && !known.contains(id)
        {
            lines.push(format!(
                "a create for {} at {}, of which the outcome is not known, may have made it",
                account.address(certificate),
                time(intent.at)
            ));
        }
    }
    lines
}

fn ways(scene: &Scene<'_>, remote: &RemoteCertificate) -> Vec<String> {
    let (id, account) = (api::id_of(&remote.id), &scene.input.account.name);
    match remote.kind {
        CertificateType::GatewayManaged => vec![
            format!(
                "`import: {id}` at an address of {account} in the spec: that address takes it over"
            ),
            "`certctl import` writes an address for each certificate that the spec lacks"
                .to_owned(),
        ],
        CertificateType::Custom => vec![
            format!(
                "`custom: {{ id: {id} }}` at an address of {account} in the spec: that address takes it over"
            ),
            "certctl never deactivates or deletes a custom certificate that it did not upload"
                .to_owned(),
        ],
        CertificateType::Unknown(_) => {
            vec!["nothing: certctl does not know this type, and never touches it".to_owned()]
        }
    }
}
