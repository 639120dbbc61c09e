//! One change, or many alike, folded: what is declared against what is there, what it holds, its steps.

use super::budget::Section;
use super::escape::{code, fenced, line, prose};
use super::moments;
use super::sections::object;
use crate::fold::{Group, groups};
use crate::steps::View;
use crate::words;
use certctl_plan::{BoundCertificate, Change, ChangeKind, Mark, WaitFor, diff, sides};

/// A folded part for each of these changes.
pub(super) fn details(view: &View<'_>, dangerous: &[&Change]) -> Section {
    let rest = view.plan.changes.iter().filter(|change| {
        change.kind != ChangeKind::NoOp && !dangerous.iter().any(|d| std::ptr::eq(*d, *change))
    });
    let groups = groups(view, dangerous.iter().copied().chain(rest));
    let items = groups.iter().map(|group| fold(view, group));
    Section {
        head: "### Details\n\n".to_owned(),
        items: items.collect(),
        foot: String::new(),
        noun: "detail",
    }
}

fn fold(view: &View<'_>, group: &Group<'_>) -> String {
    let change = group.first;
    // An address has letters, digits, `-` and `/` only: safe as HTML.
    let mut text = format!(
        "<details>\n<summary><code>{}</code>{}: {}</summary>\n\n{}.\n\n",
        group.who(),
        group.places(),
        change.kind.as_str(),
        prose(group.reason().trim_end_matches('.')),
    );
    let diff = compared(change);
    if !diff.is_empty() {
        text.push_str(&fenced("diff", &diff));
        text.push('\n');
    }
    for (n, held) in change.certificates.iter().enumerate() {
        text.push_str(&one(group, n, held));
    }
    if !change.certificates.is_empty() {
        text.push('\n');
    }
    for (n, step) in change.steps.iter().enumerate() {
        text.push_str(&format!(
            "{}. `{}` {}: {}\n",
            n + 1,
            step.action().as_str(),
            object(group, step),
            moments::when(view, group, n)
        ));
    }
    let back = change
        .rollback_until
        .and_then(|until| moments::fixed(view, change, WaitFor::RetireAfter, until));
    if let Some(until) = back {
        let until = group
            .span(|change| change.rollback_until)
            .unwrap_or((until, until));
        text.push_str(&format!(
            "\nCan be rolled back until {}.\n",
            moments::span(until)
        ));
    }
    if group.is_folded() {
        let names = group.accounts();
        text.push_str(&format!("\nIn `{}`.\n", names.join("` `")));
    }
    text.push_str("\n</details>\n\n");
    text
}

/// What is there with `-`, what is declared with `+`.
fn compared(change: &Change) -> Vec<String> {
    let (before, after) = sides(change);
    diff(&before, &after)
        .map(|(mark, text)| {
            let sign = match mark {
                Mark::Removed => '-',
                Mark::Added => '+',
                Mark::Same | Mark::Changed => ' ',
            };
            format!("{sign} {}", line(text))
        })
        .collect()
}

fn one(group: &Group<'_>, n: usize, held: &BoundCertificate) -> String {
    let used = if held.in_use { ", in use" } else { "" };
    let expires = group
        .span(|change| change.certificates.get(n)?.expires_on)
        .map_or_else(String::new, |span| {
            format!(", expires {}", moments::span(span))
        });
    let id = if group.is_folded() {
        String::new()
    } else {
        format!(" {}", code(held.id.as_str()))
    };
    let devices = group.devices(n);
    let devices = devices.map_or_else(String::new, |said| format!("; {said}"));
    format!(
        "- {}{id}: {}{used}{expires}{devices}\n",
        held.role.as_str(),
        code(&words::status(held.binding_status.as_ref())),
    )
}
