//! What devices trust already: a custom chain under the root of the one that Gateway uses. Devices need
//! the root alone, so that nothing is waited for where only an intermediate changes.

use certctl_model::{
    CaFacts, CertificateId, Custom, Fingerprint, InUse, Period, RemoteCertificate,
};
use certctl_spec::Certificate;

use crate::facts::Facts;
use crate::own::{is_another, own};

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

/// The same of what takes over: this certificate; without one, a CA that is yet to be uploaded. Of what
/// Cloudflare is yet to issue nobody knows the root.
pub(crate) fn is_next_trusted(
    facts: &Facts<'_>,
    declared: &Certificate,
    id: Option<&CertificateId>,
) -> bool {
    if let Some(id) = id {
        return is_trusted_already(facts, id);
    }
    let (Some(own), InUse::Certificate(used)) = (own(declared), facts.in_use()) else {
        return false;
    };
    let custom = Custom::Own(own.ca.facts.content());
    let root = own.ca.facts.root;
    root.is_some() && root == root_of(facts, used) && is_another(facts, &custom, used)
}

/// How long what takes over is to be available before Gateway uses it.
pub(crate) fn trust_period(
    facts: &Facts<'_>,
    declared: &Certificate,
    id: Option<&CertificateId>,
) -> Period {
    match is_next_trusted(facts, declared, id) {
        true => Period::ZERO,
        false => declared.rotation.trust_period,
    }
}

fn root_of(facts: &Facts<'_>, id: &CertificateId) -> Option<Fingerprint> {
    let known: Option<&CaFacts> = facts.remote(id).and_then(RemoteCertificate::facts);
    known.and_then(|known| known.root)
}
