//! Which certificates are available for Gateway, and which of them a plan takes away.

use std::collections::BTreeSet;

use certctl_model::{CertificateId, Role};
use certctl_plan::{Action, WaitFor};

use crate::certificate::is_sound;
use crate::decision::When;
use crate::facts::Facts;
use crate::proposal::Proposal;

/// What taking away comes to, where it would leave no certificate available that is valid and verified.
pub(crate) struct LastOnes {
    /// The proposals whose declaration takes one of the last away, in order.
    pub(crate) removers: Vec<usize>,
    /// Whether another certificate is on its way to the edge.
    pub(crate) comes: bool,
    /// The certificates that are available now.
    pub(crate) available: BTreeSet<CertificateId>,
}

/// The last available certificates of the account, where the plan would take them all away.
pub(crate) fn last_ones(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> Option<LastOnes> {
    let leaving: BTreeSet<&CertificateId> = proposals.iter().flat_map(leaves).collect();
    if leaving.is_empty() {
        return None;
    }
    let certificates = facts.observed.certificates.iter();
    let available = certificates.filter(|remote| is_sound(facts, remote));
    if available
        .clone()
        .any(|remote| !leaving.contains(&remote.id))
    {
        return None;
    }
    let available: BTreeSet<CertificateId> = available.map(|remote| remote.id.clone()).collect();
    let takes = |proposal: &Proposal<'_>| takes_by_declaration(facts, proposal, &available);
    let numbered = proposals.iter().enumerate();
    let removers = numbered.filter(|(_, p)| takes(p)).map(|(n, _)| n).collect();
    Some(LastOnes {
        removers,
        comes: proposals.iter().any(becomes_available),
        available,
    })
}

/// The certificates that this takes from the edge, or deletes.
pub(crate) fn leaves<'p>(proposal: &'p Proposal<'_>) -> impl Iterator<Item = &'p CertificateId> {
    proposal
        .steps()
        .filter(|step| matches!(step.action(), Action::Deactivate | Action::Delete))
        .filter_map(|step| step.certificate_id())
}

/// Whether it brings another one to the edge, or one is on its way there.
fn becomes_available(proposal: &Proposal<'_>) -> bool {
    let declared = proposal.place.declared;
    let wanted = declared.is_some_and(|declared| declared.activate != Some(false));
    let on_its_way = proposal.own_lanes().any(|lane| match lane.when {
        When::Now => false,
        When::Waits { why, .. } => matches!(why, WaitFor::Deploying | WaitFor::Settling),
    });
    wanted && (proposal.does(Action::Activate) || on_its_way)
}

/// Whether the spec takes an available certificate away: its address is gone from it, or it is not
/// to be active. What a rotation retires is neither.
fn takes_by_declaration(
    facts: &Facts<'_>,
    proposal: &Proposal<'_>,
    available: &BTreeSet<CertificateId>,
) -> bool {
    let declared = proposal.place.declared;
    let switched_off = declared.is_some_and(|declared| declared.activate == Some(false));
    let retires = |id: &CertificateId| {
        let binding = facts.state.binding(id);
        binding.is_some_and(|(_, binding)| binding.role == Role::Retiring)
    };
    // What may be in use is not taken away in the first place.
    leaves(proposal).any(|id| {
        available.contains(id)
            && !facts.may_be_in_use(id)
            && (proposal.is_removed() || (switched_off && !retires(id)))
    })
}
