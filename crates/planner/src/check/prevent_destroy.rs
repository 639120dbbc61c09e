//! A replacement that `lifecycle.prevent_destroy` refuses. A renewal goes on.

use certctl_model::{Blocks, Code, Diagnostic};

use crate::certificate::is_custom;
use crate::facts::Facts;
use crate::proposal::Proposal;
use crate::refused::is_refused;

pub(super) fn check(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> Vec<Diagnostic> {
    let refused = proposals.iter().filter(|p| is_refused(facts, &p.place));
    refused
        .map(|proposal| {
            let place = &proposal.place;
            let message = "it would be replaced, but `lifecycle.prevent_destroy` protects it";
            let current = place.current.map(|current| &current.id);
            let custom = place.declared.is_some_and(|d| d.custom.is_some());
            let has_custom = current.is_some_and(|id| is_custom(facts, id));
            let kept = match (custom, has_custom) {
                (_, true) => "declare the CA that it has",
                (true, false) => "remove `custom`",
                (false, false) => "declare the validity that it has",
            };
            let hint = format!("{kept}; to replace it, first apply `prevent_destroy: false`");
            let blocks = match proposal.decision.rotates {
                true => Blocks::Nothing,
                false => Blocks::Address,
            };
            Diagnostic::error(Code::PreventDestroy, message)
                .hint(hint)
                .at(place.declared.map(|declared| declared.place.clone()))
                .address(&place.address)
                .blocks(blocks)
        })
        .collect()
}
