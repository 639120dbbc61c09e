//! What removes something or moves what Gateway uses: first in the comment, never cut.
//!
//! What happens alike to many is one bullet with all their names. With too many of them each is told
//! shorter: a line, only its name among those to which the same happens, and at last its name within its
//! account.

use std::collections::BTreeMap;

use certctl_model::CertificateId;

use super::escape::{code, prose};
use crate::fold::{self, Group};
use crate::steps::{View, is_dangerous};
use crate::words;
use certctl_plan::list;
use certctl_plan::{Action, BlastRadius, Change, ChangeKind, Step};

/// The changes that remove something or move what Gateway uses, the most dangerous first.
pub(super) fn dangerous<'a>(view: &View<'a>) -> Vec<&'a Change> {
    let mut changes: Vec<&Change> = view
        .plan
        .changes
        .iter()
        .filter(|change| is_dangerous(change))
        .collect();
    changes.sort_by_key(|change| (rank(change), &change.address));
    changes
}

/// The dangerous changes as text of at most `room` bytes, in the fullest form that fits into `share`
/// or, failing that, the shortest form. `None` when not even that can name all of them.
pub(super) fn tell(
    view: &View<'_>,
    changes: &[&Change],
    share: usize,
    room: usize,
) -> Option<String> {
    if changes.is_empty() {
        return Some(String::new());
    }
    let head = "### What removes or switches something\n\n";
    type Form = fn(&View<'_>, &[&Change]) -> String;
    let forms: [(Form, usize); 4] = [
        (bullets, share),
        (lines, share),
        (|_, changes| groups(changes, addresses), room),
        (|_, changes| groups(changes, braces), room),
    ];
    forms
        .iter()
        .map(|(form, limit)| (format!("{head}{}\n", form(view, changes)), *limit))
        .find(|(text, limit)| text.len() <= room.min(*limit))
        .map(|(text, _)| text)
}

/// What reaches more people comes first; then what leaves nothing behind.
fn rank(change: &Change) -> (std::cmp::Reverse<BlastRadius>, u8) {
    let kind = match change.kind {
        ChangeKind::Delete => 0,
        ChangeKind::Replace => 1,
        ChangeKind::Renew => 2,
        ChangeKind::Update | ChangeKind::Move | ChangeKind::Adopt => 3,
        ChangeKind::Create | ChangeKind::Forget | ChangeKind::NoOp => 4,
    };
    (std::cmp::Reverse(change.blast_radius), kind)
}

fn bullets(view: &View<'_>, changes: &[&Change]) -> String {
    fold::groups(view, changes.iter().copied())
        .iter()
        .map(|group| bullet(view, group))
        .collect()
}

/// With the name of each one, where many are told together.
fn bullet(view: &View<'_>, group: &Group<'_>) -> String {
    let change = group.first;
    let blocked = if view.is_blocked(change) {
        " Blocked by errors."
    } else {
        ""
    };
    let names = if group.is_folded() {
        let all = group.all().map(|change| format!("`{}`", change.address));
        format!(" {}", all.collect::<Vec<_>>().join(" "))
    } else {
        String::new()
    };
    format!(
        "- **{} {}{}** affects **{}**. {}. Why: {}.{blocked}{names}\n",
        code(&group.who()),
        change.kind.as_str(),
        group.places(),
        words::radius(change.blast_radius),
        effects(view, group),
        prose(group.reason().trim_end_matches('.')),
    )
}

fn lines(_: &View<'_>, changes: &[&Change]) -> String {
    changes
        .iter()
        .map(|change| {
            format!(
                "- {} {}: {}\n",
                code(&change.address.to_string()),
                change.kind.as_str(),
                words::radius(change.blast_radius),
            )
        })
        .collect()
}

type Accounts<'a> = BTreeMap<&'a str, Vec<&'a str>>;

/// One item for all to which the same happens.
fn groups(changes: &[&Change], name: fn(&Accounts<'_>) -> Vec<String>) -> String {
    let mut groups: BTreeMap<_, Accounts<'_>> = BTreeMap::new();
    for change in changes {
        groups
            .entry((rank(change).0, change.kind))
            .or_default()
            .entry(change.address.account.as_str())
            .or_default()
            .push(change.address.certificate.as_str());
    }
    let mut text = String::new();
    for ((radius, kind), accounts) in groups {
        let n: usize = accounts.values().map(Vec::len).sum();
        text.push_str(&format!(
            "- **{n} {}**, affects **{}**: {}\n",
            kind.as_str(),
            words::radius(radius.0),
            name(&accounts).join(" "),
        ));
    }
    text
}

/// `` `acme/a` `acme/b` ``; names have letters, digits and `-` only.
fn addresses(accounts: &Accounts<'_>) -> Vec<String> {
    let all = accounts
        .iter()
        .flat_map(|(account, names)| names.iter().map(move |name| (account, name)));
    all.map(|(account, name)| format!("`{account}/{name}`"))
        .collect()
}

/// `` `acme/{a,b}` ``
fn braces(accounts: &Accounts<'_>) -> Vec<String> {
    accounts
        .iter()
        .map(|(account, names)| format!("`{account}/{{{}}}`", names.join(",")))
        .collect()
}

/// What the steps come to: a switch, deletions, what leaves the edge.
fn effects(view: &View<'_>, group: &Group<'_>) -> String {
    let change = group.first;
    let object = |step: &Step| match group.is_folded() {
        true => group.object(step),
        false => code(&group.object(step)),
    };
    let done = |action| -> Vec<(&CertificateId, String)> {
        let steps = change.steps.iter().filter(|step| step.action() == action);
        steps
            .filter_map(|step| Some((step.certificate_id()?, object(step))))
            .collect()
    };
    let mut effects = Vec::new();
    if let Some(step) = change.steps.iter().find(|s| s.action() == Action::SetInUse) {
        let to = step
            .certificate_id()
            .map_or_else(|| "a new certificate".to_owned(), |_| object(step));
        let from = group
            .switched_from(view)
            .filter(|from| *from != group.who())
            .map_or_else(String::new, |from| format!(", away from {}", code(&from)));
        effects.push(format!("Gateway switches to {to}{from}"));
    }
    let deleted = done(Action::Delete);
    let withdrawn: Vec<String> = done(Action::Deactivate)
        .into_iter()
        .filter(|one| !deleted.contains(one))
        .map(|(_, object)| object)
        .collect();
    let deleted: Vec<String> = deleted.into_iter().map(|(_, object)| object).collect();
    if !deleted.is_empty() {
        effects.push(format!("deletes {}", some(&deleted)));
    }
    if !withdrawn.is_empty() {
        effects.push(format!("takes {} off the edge", some(&withdrawn)));
    }
    if effects.is_empty() {
        effects.push("nothing is to be called".to_owned());
    }
    let text = effects.join("; ");
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

fn some(ids: &[String]) -> String {
    const SHOWN: usize = 5;
    match ids.get(..SHOWN) {
        Some(first) if ids.len() > SHOWN => {
            format!("{} and {} more", first.join(", "), ids.len() - SHOWN)
        }
        _ => list(ids),
    }
}
