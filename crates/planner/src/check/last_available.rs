//! An account is never left without a certificate that is available, valid and verified.

use certctl_model::{Code, Diagnostic, Guard};

use super::guarded::guarded;
use crate::available::{last_ones, leaves};
use crate::facts::Facts;
use crate::proposal::Proposal;

pub(super) fn check(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> Vec<Diagnostic> {
    let last = last_ones(facts, proposals).filter(|last| !last.comes);
    let Some(last) = last else {
        return Vec::new();
    };
    let removers: Vec<&Proposal<'_>> = last
        .removers
        .iter()
        .filter_map(|n| proposals.get(*n))
        .collect();
    let allowed = |proposal: &&Proposal<'_>| {
        let address = &proposal.place.address;
        let mut leaving = leaves(proposal).filter(|id| last.available.contains(*id));
        leaving.any(|id| facts.options.allows_removal(address, id))
    };
    let Some(last) = removers.last().filter(|_| !removers.iter().any(allowed)) else {
        return Vec::new();
    };
    let place = last.place.declared.map(|declared| declared.place.clone());
    let message = "no certificate of the account would be available any more".to_owned();
    let guard = (Guard::LastAvailable, Code::LastAvailable);
    let found = guarded(facts, &last.place.address, guard, message, place);
    found.into_iter().collect()
}
