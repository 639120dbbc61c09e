//! `policy.max_deletes`: addresses that one run may remove.

use certctl_model::{Code, Guard};
use certctl_plan::{Action, Limits};

use super::limit::Limit;
use crate::decision::Lane;
use crate::facts::Facts;
use crate::proposal::Proposal;
use crate::tables::HeldBack;

pub(super) fn hold(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> HeldBack {
    let allowance = &facts.options.allowance;
    let limit = Limit {
        guard: Guard::MaxDeletes,
        code: Code::MaxDeletes,
        said: Limits::of(facts.policy).deletes,
        granted: allowance.limits(facts.policy).deletes,
        done: &allowance.deletes,
    };
    let begun = |lane: &Lane| lane.first() != Some(Action::Deactivate);
    let mut removed: Vec<(usize, &Proposal<'_>)> = proposals.iter().enumerate().collect();
    removed.retain(|(_, proposal)| proposal.is_removed());
    // What was begun is ended first.
    removed.sort_by_key(|(n, proposal)| (!proposal.lanes().iter().any(begun), *n));
    let takes_down =
        |lane: &Lane| matches!(lane.first(), Some(Action::Deactivate | Action::Delete));
    let (mut held, within) = limit.apply(facts, &removed, &takes_down, &|_| true);
    held.tally.deletes = within;
    held
}
