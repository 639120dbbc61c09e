//! `policy.max_in_use_switches`: switches that one run may make, other than to an address's own
//! successor.

use certctl_model::{Code, Guard, InUse, Period};
use certctl_plan::{Action, Limits};

use super::limit::Limit;
use crate::decision::Lane;
use crate::facts::Facts;
use crate::last_resort::lifts_limits;
use crate::proposal::Proposal;
use crate::tables::HeldBack;

pub(super) fn hold(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> HeldBack {
    let allowance = &facts.options.allowance;
    let limit = Limit {
        guard: Guard::MaxInUseSwitches,
        code: Code::MaxInUseSwitches,
        said: Limits::of(facts.policy).switches,
        granted: allowance.limits(facts.policy).switches,
        done: &allowance.switches,
    };
    let mut taking: Vec<(usize, &Proposal<'_>)> = proposals.iter().enumerate().collect();
    taking.retain(|(_, proposal)| takes_from_another(facts, proposal));
    let switches = |lane: &Lane| {
        let mut steps = lane.steps.iter();
        steps.any(|step| step.action() == Action::SetInUse)
    };
    // A switch is held when it comes first; what leads to it is not.
    let (mut held, within) = limit.apply(facts, &taking, &switches, &leads_with_switch);
    held.tally.switches = within;
    held
}

fn leads_with_switch(lane: &Lane) -> bool {
    lane.first() == Some(Action::SetInUse)
}

/// Whether Gateway would move to this address from one that is not its own predecessor.
fn takes_from_another(facts: &Facts<'_>, proposal: &Proposal<'_>) -> bool {
    let InUse::Certificate(used) = facts.in_use() else {
        return false;
    };
    let holder = facts.state.binding(used);
    let own = holder.is_some_and(|(holder, _)| *holder == proposal.place.name);
    let at_once = proposal
        .place
        .declared
        .is_some_and(|declared| declared.rotation.trust_period == Period::ZERO);
    let first = proposal.lanes().iter().any(leads_with_switch);
    let trust = proposal
        .place
        .declared
        .map(|declared| declared.rotation.trust_period);
    let in_time = trust.is_none_or(|trust| !lifts_limits(facts, trust));
    facts.something_usable_is_in_use() && !own && (first || at_once) && in_time
}
