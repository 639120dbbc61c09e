//! What devices trust already: a custom chain under the root of the one that Gateway uses. Devices need
//! the root alone, so that nothing is waited for where only an intermediate changes.

use certctl_model::{CaFacts, CertificateId, Fingerprint, InUse, Period, RemoteCertificate};
use certctl_spec::Certificate;

use crate::facts::Facts;

/// Why there is no trust period; goes on from what happens to the address.
pub(crate) const SAME_ROOT: &str = "under the same root, so that no trust period is needed";

/// Whether this certificate is under the root of the one that Gateway uses.
pub(crate) fn is_trusted_already(facts: &Facts<'_>, id: &CertificateId) -> bool {
    let InUse::Certificate(used) = facts.in_use() else {
        return false;
    };
    let root = root_of(facts, id);
    used != id && root.is_some() && root == root_of(facts, used)
}

/// How long it is to be available before Gateway uses it; what is yet to be made is not known yet.
pub(crate) fn trust_period(
    facts: &Facts<'_>,
    declared: &Certificate,
    id: Option<&CertificateId>,
) -> Period {
    match id.is_some_and(|id| is_trusted_already(facts, id)) {
        true => Period::ZERO,
        false => declared.rotation.trust_period,
    }
}

fn root_of(facts: &Facts<'_>, id: &CertificateId) -> Option<Fingerprint> {
    let known: Option<&CaFacts> = facts.remote(id).and_then(RemoteCertificate::facts);
    known.and_then(|known| known.root)
}
