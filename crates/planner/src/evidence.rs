//! Measured trust: which share of the devices a switch waits for, and what was counted. Counts that answer
//! another question, or that could not be had, show nothing: then nobody can be shown to have had the time.

use certctl_model::{Binding, CertificateId, DeviceCounts, Evidence, TrustEvidence};
use certctl_spec::Certificate;

use crate::facts::Facts;
use crate::trusted::is_next_trusted;

/// What is declared, where it is needed: devices that trust a certificate already have nothing to fetch.
pub(crate) fn needed(
    facts: &Facts<'_>,
    declared: &Certificate,
    id: Option<&CertificateId>,
) -> Option<TrustEvidence> {
    let evidence = declared.rotation.trust_evidence;
    evidence.filter(|_| !is_next_trusted(facts, declared, id))
}

/// What the devices show of this certificate, whatever is declared.
pub(crate) fn counted(facts: &Facts<'_>, binding: &Binding) -> Option<DeviceCounts> {
    match facts.observed.evidence.as_deref()? {
        Evidence::Counted { question, counts }
            if question.certificate == binding.id
                && Some(question.available_since) == binding.available_since =>
        {
            Some(*counts)
        }
        _ => None,
    }
}

/// Whether the switch to this certificate still waits for devices: too few were seen, or nobody can say.
pub(crate) fn is_lacking(facts: &Facts<'_>, declared: &Certificate, binding: &Binding) -> bool {
    let Some(needed) = needed(facts, declared, Some(&binding.id)) else {
        return false;
    };
    match facts.observed.evidence.as_deref() {
        Some(Evidence::Assumed) => false,
        Some(Evidence::Counted { question, counts }) => {
            let same = counted(facts, binding).is_some()
                && question.active_within == needed.active_within
                && question.sync_margin == needed.sync_margin;
            !(same && counts.meets(needed.seen))
        }
        Some(Evidence::Denied | Evidence::Unreadable) | None => true,
    }
}
