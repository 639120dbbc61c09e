//! The last available certificates stay until another one is: one that is on its way to the edge is
//! not there yet.

use certctl_model::CertificateId;
use certctl_plan::{Action, WaitFor};

use crate::available::last_ones;
use crate::decision::Lane;
use crate::facts::Facts;
use crate::proposal::Proposal;
use crate::tables::{HeldBack, LaneWaits};

pub(super) fn hold(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> HeldBack {
    let mut held = HeldBack::default();
    let Some(last) = last_ones(facts, proposals).filter(|last| last.comes) else {
        return held;
    };
    for n in last.removers {
        let Some(proposal) = proposals.get(n) else {
            continue;
        };
        let address = &proposal.place.address;
        let takes = |lane: &Lane| {
            let first = lane.steps.first();
            let id = first.and_then(|step| step.certificate_id());
            let down = matches!(lane.first(), Some(Action::Deactivate | Action::Delete));
            let stays = |id: &CertificateId| {
                last.available.contains(id) && !facts.options.allows_removal(address, id)
            };
            down && id.is_some_and(stays)
        };
        let lanes = proposal.lanes().iter().enumerate();
        let taken = lanes.filter(|(_, lane)| takes(lane));
        held.waits.extend(taken.map(|(lane, _)| LaneWaits {
            proposal: n,
            lane,
            why: WaitFor::RetireAfter,
            until: None,
        }));
    }
    held
}
