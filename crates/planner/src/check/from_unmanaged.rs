//! Somebody chose what Gateway uses, and not by certctl. Where certctl had set another, that is
//! `in_use_moved`; where nobody's browser accepts it, there is nothing to lose.

use certctl_model::{
    CertificateId, CertificateType, Code, Diagnostic, Guard, InUse, RemoteCertificate,
};
use certctl_plan::Action;

use crate::facts::Facts;
use crate::place::Place;
use crate::proposal::Proposal;

pub(super) fn check(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> Vec<Diagnostic> {
    let (InUse::Certificate(used), Some(Guard::FromUnmanaged)) =
        (facts.in_use(), facts.somebody_elses_choice())
    else {
        return Vec::new();
    };
    if !facts.something_usable_is_in_use() {
        return Vec::new();
    }
    let takes = |p: &&Proposal<'_>| {
        let allowed = facts.switch_is_allowed(Guard::FromUnmanaged, &p.place.address);
        p.does(Action::SetInUse) && !allowed
    };
    let takes = proposals.iter().filter(takes);
    takes.map(|p| question(facts, &p.place, used)).collect()
}

fn question(facts: &Facts<'_>, place: &Place<'_>, used: &CertificateId) -> Diagnostic {
    let remote = facts.remote(used);
    let what = remote.map_or_else(String::new, description);
    let message = format!("Gateway would switch away from {used}, {what}which nothing claims");
    let address = &place.address;
    let keep = match remote.map(|remote| &remote.kind) {
        Some(CertificateType::GatewayManaged) => format!("`import: {used}`"),
        Some(CertificateType::Custom) => format!("`custom: {{ id: {used} }}`"),
        Some(CertificateType::Unknown(_)) | None => "an address of its own".to_owned(),
    };
    let hint = format!(
        "the safe way: take it over first, by {keep}, so that a successor follows it; if Gateway is to \
         leave it, pass `--allow from_unmanaged:{address}`, once"
    );
    let spot = place.declared.map(|declared| declared.place.clone());
    Diagnostic::error(Code::FromUnmanaged, message)
        .hint(hint)
        .at(spot)
        .address(address)
}

/// What it is, and since when: `a certificate that somebody uploaded at …, `.
fn description(remote: &RemoteCertificate) -> String {
    let what = match &remote.kind {
        CertificateType::GatewayManaged => "a certificate that Cloudflare made",
        CertificateType::Custom => "a certificate that somebody uploaded",
        CertificateType::Unknown(_) => "a certificate of a type that certctl does not know, made",
    };
    match remote.created_at {
        Some(at) => format!("{what} at {at}, "),
        None => format!("{what}, "),
    }
}
