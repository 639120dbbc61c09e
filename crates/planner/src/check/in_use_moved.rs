//! Somebody moved in-use, and this plan comes to move it back, by a later step: said before the first
//! one is done, and not when the switch is due.

use certctl_model::{Blocks, Code, Diagnostic};
use certctl_plan::{Action, Mandate};

use crate::facts::Facts;
use crate::lanes::switch::moved_by_somebody;
use crate::proposal::Proposal;

pub(super) fn check(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> Vec<Diagnostic> {
    if !facts.something_usable_is_in_use() || facts.in_use_is_uncertain() {
        return Vec::new();
    }
    let found = |proposal: &Proposal<'_>| {
        let place = &proposal.place;
        let mut lanes = proposal.lanes().iter();
        let lane = lanes.find(|lane| lane.steps.iter().any(|s| s.action() == Action::SetInUse))?;
        let known = |d: &Diagnostic| d.code == Code::InUseMoved;
        if proposal.decision.says.iter().any(known) {
            return None;
        }
        let found = moved_by_somebody(facts, place, "what this plan makes")?;
        // A renewal goes on up to its switch; what is new is not begun.
        let blocks = match lane.mandate {
            Mandate::New => Blocks::Address,
            Mandate::Accepted | Mandate::Calendar => Blocks::Nothing,
        };
        let spot = place.declared.map(|declared| declared.place.clone());
        Some(found.at(spot).address(&place.address).blocks(blocks))
    };
    proposals.iter().filter_map(found).collect()
}
