//! The planner: `plan(accounts, options, now) -> Plan`.
//!
//! *Purpose*: decide everything, so that the executor has no meaningful choice left.
//!
//! *Invariants*: a pure function, total and deterministic (laws 5 and 7): no clock but `now`, no
//! files, no environment (`clippy.toml` forbids them); problems are diagnostics in the plan.
//!
//! *The way of the data*, each in the module of its name:
//!
//! | | |
//! |---|---|
//! | `account` | one account from its inputs to its outcome |
//! | `reshape` | one draft per address, renames applied |
//! | `catch_up` | a copy of the state is brought up to what was observed; each fact is noted |
//! | `settle` | the open create, by looking |
//! | `unbound`, `removal`, `rotation` | an address that holds nothing, that is not declared, or neither |
//! | `takeover`, `activation`, `in_use`, `window`, `retire` | the parts of a certificate's life |
//! | `orders` | what a person orders: compromised, rollback, resume |
//! | `unattended` | `--only rotation` |
//! | `limits` | three creations a day, ten available, across addresses |
//! | `slots`, `expiry` | ten available for good; what expires soon and is not renewed |
//! | `guard` | what needs somebody's leave, and the limits of the policy |
//! | `overdue` | since when a step has been due |
//! | `certificate`, `edge` | what is asked about one certificate, and about the slots |
//! | `finish`, `shape` | the drafts become the plan (crate `plan`) |
//!
//! What is decided for an address are *lanes*: sequences of steps on one certificate, of which only
//! the first can be due. What was noted on the way is one step before them, `record` or `adopt`.

mod account;
mod activation;
mod catch_up;
mod certificate;
mod context;
mod draft;
mod edge;
mod expiry;
mod finish;
mod guard;
mod in_use;
mod limits;
mod orders;
mod overdue;
mod removal;
mod reshape;
mod retire;
mod rotation;
mod settle;
mod shape;
mod slots;
mod takeover;
mod unattended;
mod unbound;
mod window;

pub use account::{decide_account, plan_account};
pub use expiry::{Finding, expiring};
pub use overdue::overdue;

use certctl_model::{Diagnostic, Timestamp};
use certctl_plan::{AccountInput, AccountOutcome, Allowance, Options, Plan, Planner, Tally};

/// Plans every account and puts the results together. What the policy lets a run do is handed from
/// account to account, by name.
#[must_use]
pub fn plan(
    accounts: &[AccountInput<'_>],
    general: Vec<Diagnostic>,
    options: &Options,
    now: Timestamp,
) -> Plan {
    let mut by_name: Vec<&AccountInput<'_>> = accounts.iter().collect();
    by_name.sort_by(|a, b| a.account.name.cmp(&b.account.name));
    let mut taken = Tally::default();
    let mut outcomes = Vec::new();
    for account in by_name {
        let options = Options {
            allowance: Allowance::after(account.policy, &taken),
            ..options.clone()
        };
        let outcome = plan_account(account, &options, now);
        taken.add(&outcome.account.tally);
        outcomes.push(outcome);
    }
    guard::check_fleet(&mut outcomes, options);
    Plan::assemble(outcomes, general, options, now)
}

/// The rules of this crate, for whoever carries plans out.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rules;

impl Planner for Rules {
    fn account(
        &self,
        input: &AccountInput<'_>,
        options: &Options,
        now: Timestamp,
    ) -> AccountOutcome {
        plan_account(input, options, now)
    }

    fn fleet(
        &self,
        inputs: &[AccountInput<'_>],
        general: Vec<Diagnostic>,
        options: &Options,
        now: Timestamp,
    ) -> Plan {
        plan(inputs, general, options, now)
    }
}
