//! What holds back lanes that are due. A hold may only make a lane wait; it adds nothing, drops
//! nothing, and what waits already stays as it is.

mod creations;
mod last_available;
mod limit;
mod max_deletes;
mod max_in_use_switches;
mod max_replaces;
mod stale_state;
mod unattended;
mod unsettled;
mod wave;

use certctl_model::Diagnostic;
use certctl_plan::{Tally, WaitFor};

use crate::decision::When;
use crate::facts::Facts;
use crate::proposal::Proposal;
use crate::tables::{Hold, Spoken};

pub(crate) use creations::left as creations_left;
pub(crate) use unattended::soften;

/// The order of holds: what an earlier one made wait takes nothing away from a later one.
pub(crate) const HOLDS: &[Hold] = &[
    Hold {
        name: "unsettled",
        when: "the effect of a request to the same certificate, or of a switch, may still show",
        waits_for: &[WaitFor::Settling],
        hold: unsettled::hold,
    },
    Hold {
        name: "unattended",
        when: "the run is unattended, and nobody accepted the steps before",
        waits_for: &[WaitFor::Unattended],
        hold: unattended::hold,
    },
    Hold {
        name: "max_deletes",
        when: "more addresses would be removed than `policy.max_deletes` lets a run",
        waits_for: &[WaitFor::PolicyLimit],
        hold: max_deletes::hold,
    },
    Hold {
        name: "max_replaces",
        when: "more replacements would be started than `policy.max_replaces` lets a run",
        waits_for: &[WaitFor::PolicyLimit],
        hold: max_replaces::hold,
    },
    Hold {
        name: "wave",
        when: "an account of an earlier wave was not switched for its `bake`, went back, or is unreadable",
        waits_for: &[WaitFor::Wave],
        hold: wave::hold,
    },
    Hold {
        name: "max_in_use_switches",
        when: "Gateway would switch to more addresses than `policy.max_in_use_switches` lets a run",
        waits_for: &[WaitFor::PolicyLimit],
        hold: max_in_use_switches::hold,
    },
    Hold {
        name: "last_available",
        when: "the last available certificates would be taken away, and others are on their way",
        waits_for: &[WaitFor::RetireAfter],
        hold: last_available::hold,
    },
    Hold {
        name: "stale_state",
        when: "a certificate that fits and that nothing claims is younger than the state",
        waits_for: &[WaitFor::StaleState],
        hold: stale_state::hold,
    },
    Hold {
        name: "creations",
        when: "a create is not settled yet, three were made in 24 hours, or ten are at the edge",
        waits_for: &[
            WaitFor::Settling,
            WaitFor::CreationQuota,
            WaitFor::AvailableCap,
        ],
        hold: creations::hold,
    },
];

/// Applies every hold in order; returns what is said of it, and what was counted.
pub(crate) fn hold_back(
    facts: &Facts<'_>,
    proposals: &mut [Proposal<'_>],
    spoken: &mut Spoken,
) -> (Vec<Diagnostic>, Tally) {
    let (mut says, mut tally) = (Vec::new(), Tally::default());
    for row in HOLDS {
        let held = (row.hold)(facts, proposals);
        for wait in held.waits {
            let proposal = proposals.get_mut(wait.proposal);
            let lane = proposal.and_then(|p| p.decision.lanes.get_mut(wait.lane));
            if let Some(lane) = lane.filter(|lane| lane.is_due()) {
                spoken.holds.push((row.name, wait.proposal));
                let (why, until) = (wait.why, wait.until);
                lane.when = When::Waits { why, until };
            }
        }
        says.extend(held.says);
        tally.add(&held.tally);
    }
    (says, tally)
}
