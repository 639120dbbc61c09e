//! The planner: `plan(accounts, options, now) -> Plan`.
//!
//! *Purpose*: decide everything, so that the executor has no meaningful choice left.
//!
//! *Invariants*: a pure function, total and deterministic (laws 5 and 7): no clock but `now`, no
//! files, no environment (`clippy.toml` forbids them); problems are diagnostics in the plan.
//!
//! *The way of the data*: [`catch_up`](self) brings a copy of the state up to what was observed and
//! notes each fact; each address is then decided on its own by an ordered chain (unbound, removal,
//! rotation, activation, in use), which yields *lanes*: sequences of steps on one certificate of which
//! only the first can be due. Limits of the account are applied last, across addresses.

mod account;
mod activation;
mod catch_up;
mod context;
mod digest;
mod draft;
mod finish;
mod in_use;
mod limits;
mod options;
mod plan;
mod removal;
pub mod render;
mod reshape;
mod retire;
mod rotation;
mod settle;
mod shape;
mod takeover;
mod unbound;
mod verify;

pub use account::{AccountInput, AccountOutcome, plan_account};
pub use options::{Allow, Options};
pub use plan::{
    AccountPlan, Action, BlastRadius, Change, ChangeKind, Held, Plan, Shape, StateVersion, Step,
    Summary, Unmanaged, WaitFor, Waiting, Why,
};

use certctl_model::{Diagnostic, Timestamp};

/// Plans every account and puts the results together.
#[must_use]
pub fn plan(
    accounts: &[AccountInput<'_>],
    general: Vec<Diagnostic>,
    options: &Options,
    now: Timestamp,
) -> Plan {
    let outcomes = accounts
        .iter()
        .map(|account| plan_account(account, options, now))
        .collect();
    Plan::assemble(outcomes, general, options, now)
}
