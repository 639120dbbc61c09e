//! The tables as others see them: `docs/decisions.md` is written from this, and `explain` reads it.

use certctl_model::{Blocks, Timestamp};
use certctl_plan::{AccountInput, Options, WaitFor};

use crate::account::plan_in_stages;
use crate::check::CHECKS;
use crate::decide::RULES;
use crate::hold_back::HOLDS;
use crate::tables::Spoken;

/// One rule, in the order in which they are asked.
#[derive(Debug, Clone, Copy)]
pub struct RuleRow {
    /// As in a plan's `rule`.
    pub name: &'static str,
    /// When it speaks.
    pub when: &'static str,
    /// What it does then.
    pub does: &'static str,
}

/// One hold, in the order in which they are asked.
#[derive(Debug, Clone, Copy)]
pub struct HoldRow {
    /// Its name.
    pub name: &'static str,
    /// When it holds back.
    pub when: &'static str,
    /// What is waited for then, as in a plan's `waiting.for`.
    pub waits_for: &'static [WaitFor],
}

/// One check.
#[derive(Debug, Clone, Copy)]
pub struct CheckRow {
    /// Its name.
    pub name: &'static str,
    /// What it finds.
    pub finds: &'static str,
    /// What its errors stop.
    pub blocks: Blocks,
}

/// The order of decisions.
pub fn rules() -> impl Iterator<Item = RuleRow> {
    RULES.iter().map(|rule| RuleRow {
        name: rule.name,
        when: rule.when,
        does: rule.does,
    })
}

/// What holds back what is due.
pub fn holds() -> impl Iterator<Item = HoldRow> {
    HOLDS.iter().map(|hold| HoldRow {
        name: hold.name,
        when: hold.when,
        waits_for: hold.waits_for,
    })
}

/// What is checked of everything that is proposed.
pub fn checks() -> impl Iterator<Item = CheckRow> {
    CHECKS.iter().map(|check| CheckRow {
        name: check.name,
        finds: check.finds,
        blocks: check.blocks,
    })
}

/// Which rows speak of this account: why its plan is what it is. None where it could not be read.
#[must_use]
pub fn spoken(input: &AccountInput<'_>, options: &Options, now: Timestamp) -> Option<Spoken> {
    let observed = input.observed.ok()?;
    Some(plan_in_stages(input, observed, options, now).1)
}
