//! The limits of the policy that hold for a run: what is over them waits for the next one.

use std::collections::BTreeSet;

use certctl_model::{Code, Diagnostic, Guard, Name};
use certctl_plan::WaitFor;

use crate::decision::{Lane, When};
use crate::facts::Facts;
use crate::proposal::Proposal;
use crate::tables::{HeldBack, LaneWaits};

/// One of the limits, at work on an account.
pub(super) struct Limit<'a> {
    pub(super) guard: Guard,
    pub(super) code: Code,
    /// As the policy says it.
    pub(super) said: Option<u32>,
    /// What of it is left to this account.
    pub(super) granted: Option<u32>,
    /// The addresses of which the run has begun it already.
    pub(super) done: &'a BTreeSet<Name>,
}

impl Limit<'_> {
    /// Holds the lanes that `counts` picks, of all proposals over the limit, in this order, where
    /// `holds` says so; returns how many addresses are within.
    pub(super) fn apply(
        &self,
        facts: &Facts<'_>,
        proposals: &[(usize, &Proposal<'_>)],
        counts: &dyn Fn(&Lane) -> bool,
        holds: &dyn Fn(&Lane) -> bool,
    ) -> (HeldBack, u32) {
        let done = u32::try_from(self.done.len()).unwrap_or(u32::MAX);
        let mut left = self.granted.map(|limit| limit.saturating_sub(done));
        let (mut held, mut over, mut within) = (HeldBack::default(), Vec::new(), 0);
        for (n, proposal) in proposals {
            let due = |lane: &Lane| counts(lane) && is_of_this_run(lane);
            let place = &proposal.place;
            if !proposal.lanes().iter().any(due)
                || self.done.contains(&place.name)
                || facts.options.allows(self.guard, &place.address)
            {
                continue;
            }
            if left != Some(0) {
                left = left.map(|left| left - 1);
                within += 1;
                continue;
            }
            for (lane, wait) in proposal.lanes().iter().enumerate() {
                if due(wait) && wait.is_due() && holds(wait) {
                    held.waits.push(LaneWaits {
                        proposal: *n,
                        lane,
                        why: WaitFor::PolicyLimit,
                        until: None,
                    });
                    over.push(place.address.to_string());
                }
            }
        }
        over.dedup();
        held.says.extend(self.says(facts, &over));
        (held, within)
    }

    fn says(&self, facts: &Facts<'_>, over: &[String]) -> Option<Diagnostic> {
        let first = over.first()?;
        let message = format!(
            "`policy.{}` is {} for a run; over it, and waiting: {}",
            self.guard,
            self.said.unwrap_or_default(),
            over.join(", ")
        );
        let hint = format!(
            "run it again for the next; or pass `--allow {}:{first}`",
            self.guard
        );
        let warning = Diagnostic::warning(self.code, message).hint(hint);
        let place = facts.policy.place.clone();
        Some(warning.at(place).account(&facts.account.name))
    }
}

/// Whether a run can get to it: it is due, or waits for what a run waits for.
fn is_of_this_run(lane: &Lane) -> bool {
    match lane.when {
        When::Now => true,
        When::Waits { why, .. } => matches!(why, WaitFor::Deploying | WaitFor::Settling),
    }
}
