//! `--resume` where no rotation is open and none begins: an order that finds nothing to do. It stops
//! nothing, for nothing is lost.

use certctl_model::{Code, Diagnostic, Role};

use crate::facts::Facts;
use crate::proposal::Proposal;

pub(super) fn check(_: &Facts<'_>, proposals: &[Proposal<'_>]) -> Vec<Diagnostic> {
    let idle = |proposal: &&Proposal<'_>| proposal.place.resume && !is_open(proposal);
    proposals.iter().filter(idle).map(say).collect()
}

/// Whether there is a successor, or will be; or there was one, and its predecessor is not gone yet.
fn is_open(proposal: &Proposal<'_>) -> bool {
    let makes = |step: &certctl_plan::Step| step.makes() == Some(Role::Successor);
    let place = &proposal.place;
    place.successor.is_some() || place.retiring().next().is_some() || proposal.steps().any(makes)
}

fn say(proposal: &Proposal<'_>) -> Diagnostic {
    let message = "there is nothing to resume: no rotation is open, and none begins";
    Diagnostic::error(Code::NotPossible, message)
        .hint("`certctl status` shows what is open")
        .address(&proposal.place.address)
}
