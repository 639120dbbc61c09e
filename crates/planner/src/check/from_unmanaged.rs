//! Somebody chose what Gateway uses, and not by certctl. Where certctl had set another, that is
//! `in_use_moved`; where nobody's browser accepts it, there is nothing to lose.

use certctl_model::{Code, Diagnostic, Guard, InUse};
use certctl_plan::Action;

use super::guarded::guarded;
use crate::facts::Facts;
use crate::proposal::Proposal;

pub(super) fn check(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> Vec<Diagnostic> {
    let InUse::Certificate(used) = facts.in_use() else {
        return Vec::new();
    };
    let ours = facts.state.binding(used).is_some() || facts.state.in_use.is_some();
    if ours || !facts.something_usable_is_in_use() {
        return Vec::new();
    }
    let takes = proposals.iter().filter(|p| p.does(Action::SetInUse));
    takes
        .filter_map(|proposal| {
            let place = proposal
                .place
                .declared
                .map(|declared| declared.place.clone());
            let message = format!("Gateway would switch away from {used}, which nothing claims");
            let guard = (Guard::FromUnmanaged, Code::FromUnmanaged);
            guarded(facts, &proposal.place.address, guard, message, place)
        })
        .collect()
}
