//! The rows of the three tables that the planner is made of: one row is one pure function.

use certctl_model::{Blocks, Diagnostic, Timestamp};
use certctl_plan::{Tally, WaitFor};

use crate::decision::Decision;
use crate::facts::Facts;
use crate::place::Place;
use crate::proposal::Proposal;

/// Decides one address, or leaves it to the next rule.
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    /// When it speaks, as part of a sentence.
    pub(crate) when: &'static str,
    /// What it does then.
    pub(crate) does: &'static str,
    pub(crate) decide: fn(&Facts<'_>, &Place<'_>) -> Option<Decision>,
}

/// Makes lanes wait that were due; nothing else.
pub(crate) struct Hold {
    pub(crate) name: &'static str,
    /// Which lanes, and why.
    pub(crate) when: &'static str,
    /// What they wait for then.
    pub(crate) waits_for: &'static [WaitFor],
    pub(crate) hold: fn(&Facts<'_>, &[Proposal<'_>]) -> HeldBack,
}

/// What a hold came to.
#[derive(Debug, Default)]
pub(crate) struct HeldBack {
    pub(crate) waits: Vec<LaneWaits>,
    pub(crate) says: Vec<Diagnostic>,
    /// What was counted within the limits per run.
    pub(crate) tally: Tally,
}

/// A lane that is to wait: its proposal and its place there, what for, and until when.
#[derive(Debug)]
pub(crate) struct LaneWaits {
    pub(crate) proposal: usize,
    pub(crate) lane: usize,
    pub(crate) why: WaitFor,
    pub(crate) until: Option<Timestamp>,
}

/// Looks at everything that is proposed, and says what is wrong.
pub(crate) struct Check {
    pub(crate) name: &'static str,
    /// What it finds.
    pub(crate) finds: &'static str,
    /// What its errors block.
    pub(crate) blocks: Blocks,
    pub(crate) check: fn(&Facts<'_>, &[Proposal<'_>]) -> Vec<Diagnostic>,
}

/// The rows that spoke while an account was planned, in the order of the tables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spoken {
    /// The rule of each address.
    pub rules: Vec<&'static str>,
    /// The holds that made something wait, each with the place of its address among the rules here, and
    /// among the changes of the plan.
    pub holds: Vec<(&'static str, usize)>,
    /// The checks that found something.
    pub checks: Vec<&'static str>,
}
