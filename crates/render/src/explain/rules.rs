//! The rule that decided, those that were asked before it, what holds back, and what is wrong.

use certctl_model::{Blocks, Diagnostic, Severity};
use certctl_plan::{Change, escape};
use certctl_planner::{HoldRow, holds, rules};

use super::paper::Paper;
use super::scene::Scene;

pub(super) fn write(paper: &mut Paper, scene: &Scene<'_>, n: usize, change: &Change) {
    paper.section("By which rule: they are asked in this order, and the first that speaks decides");
    for (place, rule) in (1..).zip(rules()) {
        let decides = rule.name == change.rule;
        let answer = if decides { "yes" } else { "no" };
        paper.item(&format!(
            "{place:2} {:<18} {answer:<3}  {}",
            rule.name, rule.when
        ));
        if decides {
            paper.below(&format!("   certctl {}", rule.does));
            break;
        }
    }
    let held: Vec<HoldRow> = holds().filter(|row| spoke(scene, row, n)).collect();
    if !held.is_empty() {
        paper.section("What holds it back");
    }
    for row in held {
        paper.item(&format!("{}: {}", row.name, row.when));
    }
    let mut says = scene.says(&change.address).peekable();
    if says.peek().is_some() {
        paper.section("What certctl says of it");
    }
    for said in says {
        diagnostic(paper, said);
    }
}

fn spoke(scene: &Scene<'_>, row: &HoldRow, n: usize) -> bool {
    scene.spoken.holds.contains(&(row.name, n))
}

fn diagnostic(paper: &mut Paper, said: &Diagnostic) {
    let severity = match said.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let stops = match said.blocking() {
        Blocks::Account => ", which stops the account",
        Blocks::Address => ", which stops this address",
        Blocks::NewChanges => ", which stops what is new in the account",
        Blocks::Nothing => "",
    };
    paper.item(&format!(
        "{severity}[{}]{stops}: {}",
        said.code,
        escape(&said.message)
    ));
    if let Some(hint) = &said.hint {
        paper.below(&format!("what to do: {}", escape(hint)));
    }
}
