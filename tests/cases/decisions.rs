//! `docs/decisions.md`: the tables of the planner, each row with the cases that show it. Written from
//! the tables and the corpus by `UPDATE=1 cargo test`; a row without a case fails.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use certctl_model::Blocks;
use certctl_plan::WaitFor;
use certctl_planner::{checks, holds, plan_account, rules, spoken};

use crate::{directories, input::Inputs, name_of};

/// How many cases are named beside a row.
const NAMED: usize = 3;

/// The cases that show each row, by table and name.
type Shown = BTreeMap<(&'static str, &'static str), Vec<String>>;

fn shown() -> Shown {
    let mut shown = Shown::new();
    for directory in directories() {
        let inputs = Inputs::read(&directory);
        let input = inputs.account_input();
        let said = spoken(&input, &inputs.options, inputs.now).expect("it was read");
        let outcome = plan_account(&input, &inputs.options, inputs.now);
        let steps = outcome.changes.iter().flat_map(|change| &change.steps);
        let waits = steps.filter_map(|step| step.waits_for);
        let tables = [
            ("rule", said.rules),
            ("hold", said.holds.iter().map(|(name, _)| *name).collect()),
            ("check", said.checks),
            ("wait", waits.map(WaitFor::as_str).collect()),
        ];
        for (table, names) in tables {
            for name in names {
                let cases = shown.entry((table, name)).or_default();
                let case = name_of(&directory);
                if cases.last() != Some(&case) {
                    cases.push(case);
                }
            }
        }
    }
    shown
}

/// Links to the first cases of a row.
fn links(shown: &Shown, table: &'static str, name: &'static str) -> String {
    let cases = shown.get(&(table, name));
    let cases = cases.unwrap_or_else(|| panic!("no case shows the {table} `{name}`"));
    let link = |case: &String| {
        let number = case.get(..3).expect("NNN-name");
        format!("[{number}](../tests/cases/{case})")
    };
    let links: Vec<String> = cases.iter().take(NAMED).map(link).collect();
    links.join(" ")
}

fn blocks(blocks: Blocks) -> &'static str {
    match blocks {
        Blocks::Account => "the account",
        Blocks::Address => "the address",
        Blocks::NewChanges => "what is new in the account",
        Blocks::Nothing => "nothing",
    }
}

fn page() -> String {
    let shown = shown();
    let mut page = String::from(HEAD);
    let mut row = |cells: &[&str]| writeln!(page, "| {} |", cells.join(" | ")).expect("a string");
    for (n, rule) in rules().enumerate() {
        let number = (n + 1).to_string();
        let name = format!("`{}`", rule.name);
        let cases = links(&shown, "rule", rule.name);
        row(&[&number, &name, rule.when, rule.does, &cases]);
    }
    page.push_str(HOLDS);
    let mut row = |cells: &[&str]| writeln!(page, "| {} |", cells.join(" | ")).expect("a string");
    for hold in holds() {
        let name = format!("`{}`", hold.name);
        let waits: Vec<String> = hold
            .waits_for
            .iter()
            .map(|w| format!("`{}`", w.as_str()))
            .collect();
        let cases = links(&shown, "hold", hold.name);
        row(&[&name, hold.when, &waits.join(", "), &cases]);
    }
    page.push_str(CHECKS);
    let mut row = |cells: &[&str]| writeln!(page, "| {} |", cells.join(" | ")).expect("a string");
    for check in checks() {
        let name = format!("`{}`", check.name);
        let cases = links(&shown, "check", check.name);
        row(&[&name, check.finds, blocks(check.blocks), &cases]);
    }
    page.push_str(WAITS);
    let mut row = |cells: &[&str]| writeln!(page, "| {} |", cells.join(" | ")).expect("a string");
    for wait in WaitFor::ALL {
        let name = format!("`{}`", wait.as_str());
        let cases = links(&shown, "wait", wait.as_str());
        row(&[&name, wait.meaning(), &cases]);
    }
    page
}

#[test]
fn every_row_has_a_case_and_the_page_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/decisions.md");
    let page = page();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &page).expect("docs/decisions.md");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        kept, page,
        "run `UPDATE=1 cargo test` and review docs/decisions.md"
    );
}

const HEAD: &str = "\
# How certctl decides

Written from the planner's tables and its corpus by `UPDATE=1 cargo test`; not by hand.

A plan is made in five stages, and each reads only what the one before it gave:

1. **Facts.** What is declared, observed and remembered is put together: names that moved, what was
   seen since the last run, what a person commanded, what is taken over.
2. **Rules.** Each address gets one decision, by the first rule that speaks.
3. **Holds.** Steps that are due are made to wait where something holds them back.
4. **Checks.** What is wrong is said, with what it stops.
5. **Plan.** Addresses, steps and diagnostics are put in order.

## Rules

The first rule that speaks decides. Whatever it decides, what was replaced before is removed once its
retire period is over.

| | rule | when | what certctl does | cases |
|---|---|---|---|---|
";

const HOLDS: &str = "
## Holds

A hold makes steps wait that are due. It adds nothing and removes nothing.

| hold | when | waits for | cases |
|---|---|---|---|
";

const CHECKS: &str = "
## Checks

What an error stops, at most its account. What is under way (a rotation, a retirement, a renewal that
is due, an emergency) goes on where an error stops only what is new.

| check | what it finds | an error stops | cases |
|---|---|---|---|
";

const WAITS: &str = "
## What a step can wait for

As in a plan's `waiting.for`.

| word | meaning | cases |
|---|---|---|
";
