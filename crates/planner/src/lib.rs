//! The planner: `plan(accounts, options, now) -> Plan`.
//!
//! *Purpose*: decide everything, so that the executor has no meaningful choice left.
//!
//! *Invariants*: a pure function, total and deterministic (laws 5 and 7): no clock but `now`, no
//! files, no environment (`clippy.toml` forbids them); problems are diagnostics in the plan.
//!
//! *The way of the data*, in `account.rs`, from stage to stage:
//!
//! | stage | module | what it may do |
//! |---|---|---|
//! | accepted | `accepted` | give a run without approval what was accepted, in place of what is declared |
//! | facts | `gather` → `facts`, `noted` | the only one that notes: renames, what was seen, commands, adoptions |
//! | decide | `decide` (the table `RULES`) | one decision for each address, by the first rule that speaks |
//! | hold back | `hold_back` (the table `HOLDS`) | make lanes wait that are due, nothing else |
//! | check | `check` (the table `CHECKS`) | say what is wrong, and what that blocks |
//! | assemble | `taken_up`, `aim`, `assemble`, `attributes`, `blast_radius` | the proposals become the plan (crate `plan`) |
//!
//! What is decided for an address are *lanes*: sequences of steps on one certificate, of which only
//! the first can be due (`decision`, `lanes`). What was noted on the way is one step before them,
//! `record` or `adopt`. `certificate`, `claim`, `edge` and `available` answer the questions that
//! several rules ask. `expiry` and `overdue` are for `status --check`.

mod accepted;
mod account;
mod aim;
mod amiss;
mod assemble;
mod attributes;
mod available;
mod blast_radius;
mod certificate;
mod check;
mod claim;
mod decide;
mod decision;
mod edge;
mod evidence;
mod expiry;
mod facts;
mod gather;
mod hold_back;
mod lanes;
mod last_resort;
mod noted;
mod open_create;
mod overdue;
mod own;
mod peers;
mod place;
mod proposal;
mod reference;
mod refused;
mod replacement;
mod select;
mod tables;
mod taken_up;
mod trusted;
mod waves;

pub use account::{decide_account, plan_account};
pub use amiss::amiss;
pub use expiry::{Finding, expiring};
pub use overdue::overdue;
pub use peers::Peers;
pub use reference::{CheckRow, HoldRow, RuleRow, checks, holds, rules, spoken};
pub use tables::Spoken;
pub use waves::Peer;

use certctl_model::{Diagnostic, Timestamp};
use certctl_plan::{
    AccountInput, AccountOutcome, Allowance, Bystander, Options, Plan, Planner, Tally,
};

/// Plans every account and puts the results together. What the policy lets a run do is handed from
/// account to account, by name.
#[must_use]
pub fn plan(
    accounts: &[AccountInput<'_>],
    general: Vec<Diagnostic>,
    options: &Options,
    now: Timestamp,
) -> Plan {
    plan_beside(accounts, &[], general, options, now)
}

/// Plans every account, beside those that are not planned and that others may have to wait for.
#[must_use]
pub fn plan_beside(
    accounts: &[AccountInput<'_>],
    beside: &[Bystander<'_>],
    general: Vec<Diagnostic>,
    options: &Options,
    now: Timestamp,
) -> Plan {
    let outcomes = one_by_one(accounts, beside, options, now);
    let plan = Plan::assemble(outcomes, general.clone(), options, now);
    let tallies = plan.accounts.iter().map(|account| &account.tally);
    if check::mass_destroy(tallies, options).is_none() {
        return plan;
    }
    let refused = plan_fleet(accounts, beside, options, now);
    Plan::assemble(refused, general, options, now)
}

/// The plans of all accounts by name, as each is beside the others; not put together.
#[must_use]
pub fn plan_fleet(
    accounts: &[AccountInput<'_>],
    beside: &[Bystander<'_>],
    options: &Options,
    now: Timestamp,
) -> Vec<AccountOutcome> {
    let mut outcomes: Vec<_> = one_by_one(accounts, beside, options, now).collect();
    check::check_fleet(&mut outcomes, options);
    outcomes
}

/// The plans of all accounts by name, each made when it is asked for: with what those before it leave of
/// the policy's limits, but not yet refused what all together would remove.
fn one_by_one<'a>(
    accounts: &'a [AccountInput<'a>],
    beside: &'a [Bystander<'a>],
    options: &'a Options,
    now: Timestamp,
) -> impl Iterator<Item = AccountOutcome> + 'a {
    let mut by_name: Vec<&AccountInput<'_>> = accounts.iter().collect();
    by_name.sort_by(|a, b| a.account.name.cmp(&b.account.name));
    let mut peers = peers(&by_name, beside, options, now);
    let mut taken = Tally::default();
    by_name.into_iter().enumerate().map(move |(n, account)| {
        let options = Options {
            allowance: Allowance::after(&taken),
            wave: peers.as_mut().and_then(|peers| peers.wave(n)),
            ..options.clone()
        };
        let outcome = plan_account(account, &options, now);
        taken.add(&outcome.account.tally);
        outcome
    })
}

/// All accounts as the others see them, those first that are planned. Without waves no account knows of
/// another.
fn peers<'a>(
    accounts: &[&AccountInput<'a>],
    beside: &[Bystander<'a>],
    options: &Options,
    now: Timestamp,
) -> Option<Peers<'a>> {
    if accounts.iter().all(|account| !waves::declared(account)) {
        return None;
    }
    let planned = accounts.iter().map(|account| {
        let outcome = decide_account(account, options, now);
        Peer::planned(account, &outcome, options, now)
    });
    let others = beside.iter().map(|one| Peer::beside(one, options, now));
    Some(Peers::new(planned.chain(others).collect(), now))
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
        beside: &[Bystander<'_>],
        general: Vec<Diagnostic>,
        options: &Options,
        now: Timestamp,
    ) -> Plan {
        plan_beside(inputs, beside, general, options, now)
    }
}
