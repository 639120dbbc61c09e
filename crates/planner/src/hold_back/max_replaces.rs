//! `policy.max_replaces`: replacements that one run may start. Renewals do not count.

use certctl_model::{Code, Guard};
use certctl_plan::Limits;

use super::limit::Limit;
use crate::facts::Facts;
use crate::proposal::Proposal;
use crate::replacement::starts_replacement;
use crate::tables::HeldBack;

pub(super) fn hold(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> HeldBack {
    let allowance = &facts.options.allowance;
    let limit = Limit {
        guard: Guard::MaxReplaces,
        code: Code::MaxReplaces,
        said: Limits::of(facts.policy).replaces,
        granted: allowance.limits(facts.policy).replaces,
        done: &allowance.replaces,
    };
    let all: Vec<(usize, &Proposal<'_>)> = proposals.iter().enumerate().collect();
    let (mut held, within) = limit.apply(facts, &all, &starts_replacement, &|_| true);
    held.tally.replaces = within;
    held
}
