//! One change, folded: what is declared against what is there, what it holds, its steps.

use similar::{ChangeTag, TextDiff};

use super::budget::Section;
use super::escape::{code, fenced, line, prose};
use super::moments;
use crate::steps::View;
use crate::words;
use certctl_plan::time;
use certctl_plan::{Action, BoundCertificate, Change, ChangeKind, sides};

/// A folded part for each of these changes.
pub(super) fn details(view: &View<'_>, dangerous: &[&Change]) -> Section {
    let rest = view.plan.changes.iter().filter(|change| {
        change.kind != ChangeKind::NoOp && !dangerous.iter().any(|d| std::ptr::eq(*d, *change))
    });
    let items = dangerous
        .iter()
        .copied()
        .chain(rest)
        .map(|change| fold(view, change));
    Section {
        head: "### Details\n\n".to_owned(),
        items: items.collect(),
        foot: String::new(),
        noun: "detail",
    }
}

fn fold(view: &View<'_>, change: &Change) -> String {
    // An address has letters, digits, `-` and `/` only: safe as HTML.
    let mut text = format!(
        "<details>\n<summary><code>{}</code>: {}</summary>\n\n{}.\n\n",
        change.address,
        change.kind.as_str(),
        prose(change.reason.message.trim_end_matches('.')),
    );
    let diff = diff(change);
    if !diff.is_empty() {
        text.push_str(&fenced("diff", &diff));
        text.push('\n');
    }
    for held in &change.certificates {
        text.push_str(&one(held));
    }
    if !change.certificates.is_empty() {
        text.push('\n');
    }
    for (n, step) in change.steps.iter().enumerate() {
        let object = match step.certificate_id() {
            Some(id) => code(id.as_str()),
            None => change.object(step),
        };
        text.push_str(&format!(
            "{}. `{}` {object}: {}\n",
            n + 1,
            step.action().as_str(),
            moments::when(view, change, n)
        ));
    }
    let back = change
        .rollback_until
        .and_then(|until| moments::fixed(view, change, Action::Delete, until));
    if let Some(until) = back {
        text.push_str(&format!("\nCan be rolled back until {}.\n", time(until)));
    }
    text.push_str("\n</details>\n\n");
    text
}

/// What is there with `-`, what is declared with `+`.
fn diff(change: &Change) -> Vec<String> {
    let (before, after) = sides(change);
    let (old, new): (Vec<&str>, Vec<&str>) = (
        before.iter().map(String::as_str).collect(),
        after.iter().map(String::as_str).collect(),
    );
    TextDiff::from_slices(&old, &new)
        .iter_all_changes()
        .map(|changed| {
            let sign = match changed.tag() {
                ChangeTag::Equal => ' ',
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            };
            format!("{sign} {}", line(changed.value()))
        })
        .collect()
}

fn one(held: &BoundCertificate) -> String {
    let used = if held.in_use { ", in use" } else { "" };
    let expires = held
        .expires_on
        .map_or_else(String::new, |at| format!(", expires {}", time(at)));
    format!(
        "- {} {}: {}{used}{expires}\n",
        held.role.as_str(),
        code(held.id.as_str()),
        code(&words::status(held.binding_status.as_ref())),
    )
}
