//! What the API said of the certificates of an address, and of what Gateway uses.

use certctl_model::{
    CertificateId, Configuration, Evidence, InUse, Inspection, Installation, Observed,
    RemoteCertificate, Timestamp,
};
use certctl_plan::{Change, count, devices_said, escape, list, time, time_from};

use super::paper::Paper;
use super::scene::Scene;
use crate::words::status;

pub(super) fn write(paper: &mut Paper, scene: &Scene<'_>, change: &Change) {
    let Some(observed) = scene.observed() else {
        return;
    };
    for held in &change.certificates {
        let id = &held.id;
        let said = match observed.certificate(id) {
            Some(remote) => certificate(remote, scene.plan.planned_at),
            None if observed.gone.contains(id) => "it does not exist".to_owned(),
            None => "it is not listed".to_owned(),
        };
        paper.item(&format!(
            "API    {} {}  {said}",
            held.role.as_str(),
            id_of(id)
        ));
    }
    if change.certificates.is_empty() {
        let all = count(observed.certificates.len(), "certificate");
        paper.item(&format!(
            "API    nothing is bound to it; the account has {all}"
        ));
    }
    account(paper, observed);
}

/// What the API says of the account as a whole.
pub(super) fn account(paper: &mut Paper, observed: &Observed) {
    paper.item(&format!("API    {}", in_use(observed)));
    match &observed.configuration {
        Some(configuration) => paper.item(&format!("API    {}", configured(configuration))),
        None => paper.item(
            "API    the configuration was not read: that is done where a request is to be sent",
        ),
    }
    match observed.installation {
        Some(Installation::Enabled) => {
            paper.item("API    devices: the Cloudflare One Client installs certificates");
        }
        Some(Installation::Disabled) => {
            paper.item("API    devices: the Cloudflare One Client installs no certificates");
        }
        Some(Installation::Unknown) | None => {}
    }
    match observed.evidence.as_deref() {
        Some(Evidence::Counted { question, counts }) => paper.item(&format!(
            "API    devices, as to {}: {}",
            id_of(&question.certificate),
            devices_said(counts)
        )),
        Some(Evidence::Denied) => paper.item("API    devices: the token may not read them"),
        Some(Evidence::Unreadable) => paper.item("API    devices: they could not be read"),
        Some(Evidence::Assumed) | None => {}
    }
    if let Some(date) = observed.date {
        paper.item(&format!("API    its clock said {}", time(date)));
    }
}

pub(super) fn id_of(id: &CertificateId) -> String {
    escape(id.as_str()).into_owned()
}

/// All that is said of one certificate.
pub(super) fn certificate(remote: &RemoteCertificate, now: Timestamp) -> String {
    let mut parts = vec![
        escape(&remote.kind.to_string()).into_owned(),
        status(Some(&remote.binding_status)),
    ];
    if remote.in_use {
        parts.push("in use by Gateway".to_owned());
    }
    match &remote.inspection {
        Inspection::Sound(facts) => parts.push(format!("{} days", facts.days())),
        Inspection::Unsound(why) => parts.push(format!("fails verification: {}", escape(why))),
    }
    parts.extend(remote.created_at.map(|at| format!("created {}", time(at))));
    let expires = remote.expires();
    parts.extend(expires.map(|at| match at <= now {
        true => format!("expired {}", time_from(now, at)),
        false => format!("expires {}", time_from(now, at)),
    }));
    if let Some(facts) = remote.facts() {
        parts.push(format!("SHA-256 {}", facts.fingerprint));
    }
    parts.join(", ")
}

fn in_use(observed: &Observed) -> String {
    match observed.in_use() {
        InUse::Nothing => "Gateway uses none of the account's certificates".to_owned(),
        InUse::Certificate(id) => format!("Gateway uses {}", id_of(&id)),
        InUse::Disputed { listed, configured } => {
            let listed: Vec<String> = listed.iter().map(id_of).collect();
            let listed = match &listed[..] {
                [] => "nothing".to_owned(),
                all => list(all),
            };
            let said = match (configured, &observed.configuration) {
                (None, None) => return format!("the list says that Gateway uses {listed}"),
                (None, Some(_)) => "nothing".to_owned(),
                (Some(id), _) => id_of(&id),
            };
            format!(
                "two answers disagree about what Gateway uses: the list says {listed}, the configuration \
                 {said}"
            )
        }
    }
}

fn configured(configuration: &Configuration) -> String {
    let names = match &configuration.certificate_id {
        Some(id) if id.is_nil() => "names Cloudflare's shared certificate".to_owned(),
        Some(id) => format!("names {}", id_of(id)),
        None => "says nothing of a certificate".to_owned(),
    };
    let inspects = match configuration.tls_decrypt {
        Some(true) => "TLS decryption is on",
        Some(false) => "TLS decryption is off",
        None => "of TLS decryption it says nothing",
    };
    format!("the configuration {names}; {inspects}")
}
