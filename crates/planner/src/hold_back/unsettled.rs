//! What was asked of a certificate stands until its effect is seen, or can no longer show: it is not
//! asked again, whatever it was answered with. Nor is anything else asked of the same certificate, or a
//! second switch, for nobody can know which of the two would come last.

use certctl_model::{Intent, Mutation};
use certctl_plan::{Action, WaitFor};

use crate::decision::Lane;
use crate::facts::Facts;
use crate::proposal::Proposal;
use crate::tables::{HeldBack, LaneWaits};

pub(super) fn hold(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> HeldBack {
    let mut held = HeldBack::default();
    for intent in &facts.state.intents {
        let Some(until) = facts.may_show_until(&intent.sent()) else {
            continue;
        };
        for (n, proposal) in proposals.iter().enumerate() {
            let lanes = proposal.lanes().iter().enumerate();
            let held_back = lanes.filter(|(_, lane)| stands_before(intent, lane));
            held.waits.extend(held_back.map(|(lane, _)| LaneWaits {
                proposal: n,
                lane,
                why: WaitFor::Settling,
                until: Some(until),
            }));
        }
    }
    held
}

fn stands_before(intent: &Intent, lane: &Lane) -> bool {
    let Some(step) = lane.steps.first() else {
        return false;
    };
    let asked = intent.mutation.certificate_id();
    let same = asked.is_some() && step.certificate_id() == asked;
    let second_switch = matches!(intent.mutation, Mutation::SetInUse { .. });
    (same && !step.action().is_state_only()) || (second_switch && step.action() == Action::SetInUse)
}
