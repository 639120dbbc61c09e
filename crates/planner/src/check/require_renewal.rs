//! `policy.require_renewal`: every certificate is renewed by time.

use certctl_model::{Code, Diagnostic, Guard};

use super::guarded::guarded;
use crate::facts::Facts;
use crate::proposal::Proposal;

pub(super) fn check(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> Vec<Diagnostic> {
    if !facts.policy.require_renewal {
        return Vec::new();
    }
    let missing = |proposal: &Proposal<'_>| {
        let declared = proposal.place.declared?;
        if declared.rotation.renew_before.is_some() || proposal.place.successor.is_some() {
            return None;
        }
        let message =
            "it has no `rotation.renew_before`, but `policy.require_renewal` asks for one";
        let place = Some(declared.place.clone());
        let guard = (Guard::RequireRenewal, Code::RequireRenewal);
        let address = &proposal.place.address;
        guarded(facts, address, guard, message.to_owned(), place)
    };
    proposals.iter().filter_map(missing).collect()
}
