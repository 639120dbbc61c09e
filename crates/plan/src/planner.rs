//! Who decides, as whoever carries a plan out sees it: handed in from above, so that an executor
//! depends on the value of a plan and not on the rules that it comes from.

use certctl_model::{Diagnostic, Timestamp};

use crate::input::{AccountInput, Bystander};
use crate::options::Options;
use crate::outcome::AccountOutcome;
use crate::plan::Plan;

/// Plans accounts. Pure: the same inputs give the same plan.
pub trait Planner: Sync {
    /// Plans one account.
    fn account(
        &self,
        input: &AccountInput<'_>,
        options: &Options,
        now: Timestamp,
    ) -> AccountOutcome;

    /// Plans every account beside those that are not planned, and puts the results together; `general` are diagnostics of no account.
    fn fleet(
        &self,
        inputs: &[AccountInput<'_>],
        beside: &[Bystander<'_>],
        general: Vec<Diagnostic>,
        options: &Options,
        now: Timestamp,
    ) -> Plan;
}
