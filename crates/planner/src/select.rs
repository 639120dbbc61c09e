//! `--target`: what is not a target is left out of the plan, but for an open create that was settled.

use certctl_plan::ChangeKind;

use crate::decision::Decision;
use crate::facts::Facts;
use crate::noted::Headline;
use crate::proposal::Proposal;

/// Leaves out what is not a target.
pub(crate) fn keep_targets(facts: &Facts<'_>, proposals: &mut Vec<Proposal<'_>>) {
    proposals.retain_mut(|proposal| {
        if facts.options.targets(&proposal.place.address) {
            return true;
        }
        let kept = proposal.noted.keep_settled_create();
        // Of what was decided, the word alone stands for what is remembered.
        let says_adopt = |headline: &Headline| headline.kind == ChangeKind::Adopt;
        let headline = proposal.decision.headline.take().filter(says_adopt);
        proposal.decision = Decision {
            headline,
            ..Decision::default()
        };
        kept
    });
}
