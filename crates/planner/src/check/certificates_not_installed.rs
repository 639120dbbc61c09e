//! A switch is to come, and the client installs no certificate on any device: whoever did not install it
//! otherwise sees errors after the switch.

use certctl_model::{Code, Diagnostic, Installation};
use certctl_plan::BlastRadius;

use crate::blast_radius::blast_radius;
use crate::facts::Facts;
use crate::proposal::Proposal;

pub(super) fn check(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> Vec<Diagnostic> {
    let noticed = |proposal: &Proposal<'_>| blast_radius(facts, proposal) != BlastRadius::Nobody;
    let disabled = facts.observed.installation == Some(Installation::Disabled);
    if !disabled || !proposals.iter().any(noticed) {
        return Vec::new();
    }
    let message = "the Cloudflare One Client installs certificates on no device of this account, and a \
                   switch is to come";
    let hint = "switch on `Install CA to system certificate store` in the Zero Trust settings, or install the \
                certificate by device management before the switch: `certctl trust-kit --out DIR`";
    let diagnostic = Diagnostic::warning(Code::CertificatesNotInstalled, message).hint(hint);
    vec![diagnostic.account(&facts.account.name)]
}
