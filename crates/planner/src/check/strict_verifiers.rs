//! A custom certificate that browsers take for a CA and strict verifiers do not: what runs on them, such as
//! Python, breaks behind Gateway.

use certctl_model::{Code, Diagnostic, RemoteCertificate};

use crate::facts::Facts;
use crate::proposal::Proposal;

pub(super) fn check(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> Vec<Diagnostic> {
    let found = proposals.iter().filter_map(|proposal| {
        let place = &proposal.place;
        let declared = place.declared.filter(|declared| declared.custom.is_some())?;
        let remains = place.successor.or(place.current)?;
        let known = facts.remote(&remains.id).and_then(RemoteCertificate::facts)?;
        let why = known.lax.as_ref()?;
        let message = format!("strict verifiers reject {}: {why}", remains.id);
        let warning = Diagnostic::warning(Code::StrictVerifiers, message).hint(
            "programs on Python 3.13 or later, and others that verify strictly, fail behind Gateway; \
             have its owner make one with these extensions",
        );
        let at = Some(declared.custom_place.clone());
        Some(warning.at(at).address(&place.address))
    });
    found.collect()
}
