//! What an address could take for its own: what fits it, what nothing claims, what is younger than the
//! state.

use certctl_model::{CaFacts, CertificateType, RemoteCertificate};
use certctl_spec::{Certificate, Import};

use crate::facts::Facts;

/// Whether this declaration may mean this certificate.
pub(super) fn fits(facts: &Facts<'_>, remote: &RemoteCertificate, declared: &Certificate) -> bool {
    let lasts_as_declared = |found: &CaFacts| {
        let days = declared.validity_period_days;
        days.is_none_or(|days| found.is_valid_for(days))
    };
    is_unclaimed(facts, remote)
        && !facts.may_have_expired(remote)
        && remote.facts().is_some_and(lasts_as_declared)
}

pub(super) fn is_unclaimed(facts: &Facts<'_>, remote: &RemoteCertificate) -> bool {
    let imported =
        facts.account.certificates.iter().any(
            |certificate| matches!(&certificate.import, Some(Import::Id(id)) if *id == remote.id),
        );
    remote.kind == CertificateType::GatewayManaged
        && facts.state.binding(&remote.id).is_none()
        && !imported
}

/// Whether it is younger than the state, or was when that was looked at first, and nobody said yet that it
/// is not ours. What was made within the settle window before may have been missing from the list.
pub(super) fn is_younger(facts: &Facts<'_>, remote: &RemoteCertificate) -> bool {
    let made = remote.created_at.zip(facts.seen_at);
    let younger = made.is_some_and(|(made, seen)| facts.options.settle_timeout.after(made) > seen);
    if !younger && !facts.state.suspects.contains(&remote.id) {
        return false;
    }
    let mut entries = facts.state.certificates.values();
    !facts.state.strangers.contains(&remote.id)
        && !entries.any(|entry| entry.had.contains(&remote.id))
}
