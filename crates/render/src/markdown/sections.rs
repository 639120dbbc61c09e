//! The sections between what is dangerous and how to apply: each says one thing, an item per change.

use std::collections::BTreeMap;

use certctl_model::{Candidate, Diagnostic, Severity};

use super::budget::Section;
use super::escape::{code, prose};
use super::moments;
use crate::failures::failures;
use crate::fold::{Group, groups};
use crate::steps::{View, When, confined};
use crate::words;
use certctl_plan::time;
use certctl_plan::{Action, Change, ChangeKind, Step, WaitFor};

/// Errors, or warnings.
pub(super) fn diagnostics(view: &View<'_>, severity: Severity) -> Section {
    let (head, noun) = match severity {
        Severity::Error => ("### Errors: these accounts are not applied\n\n", "error"),
        Severity::Warning => ("### Warnings\n\n", "warning"),
    };
    let chosen = view
        .plan
        .diagnostics
        .iter()
        .filter(|d| d.severity == severity);
    Section {
        head: head.to_owned(),
        items: failures(chosen).iter().map(diagnostic).collect(),
        foot: "\n".to_owned(),
        noun,
    }
}

fn diagnostic(diagnostic: &Diagnostic) -> String {
    let about = match (&diagnostic.address, &diagnostic.account) {
        (Some(address), _) => format!("{} ", code(&address.to_string())),
        (None, Some(account)) => format!("{} ", code(account.as_str())),
        (None, None) => String::new(),
    };
    let place = diagnostic.place.as_ref().map_or_else(String::new, |place| {
        format!(
            ", at {}",
            code(&format!("{}:{}:{}", place.file, place.line, place.column))
        )
    });
    let hint = diagnostic
        .hint
        .as_ref()
        .map_or_else(String::new, |hint| format!(" Hint: {}.", prose(hint)));
    format!(
        "- {about}{}{place}: {}{}{hint}\n",
        code(diagnostic.code.as_str()),
        prose(&diagnostic.message),
        if diagnostic.message.ends_with(['.', '?', '!']) {
            ""
        } else {
            "."
        },
    ) + &choice(&diagnostic.candidates)
}

/// The certificates to choose from, below the item that asks.
fn choice(candidates: &[Candidate]) -> String {
    if candidates.is_empty() {
        return String::new();
    }
    let rule = ["---"; Candidate::COLUMNS.len()].join(" | ");
    let head = Candidate::COLUMNS.join(" | ");
    let row = |candidate: &Candidate| {
        let cells = candidate.cells().map(|cell| code(&cell));
        format!("  | {} |\n", cells.join(" | "))
    };
    let rows: String = candidates.iter().map(row).collect();
    format!("\n  | {head} |\n  | {rule} |\n{rows}\n")
}

/// What people must do, and before when: devices that do not sync need the new certificate before
/// Gateway uses it.
pub(super) fn to_do(view: &View<'_>) -> Section {
    let items = view
        .plan
        .changes
        .iter()
        .filter(|change| switch(change).is_some());
    let items = groups(view, items).into_iter().filter_map(|group| {
        let text = install(view, &group, switch(group.first)?);
        Some((group, text))
    });
    let items = grouped(items);
    Section {
        head: "### To do before the switch\n\n\
               The Cloudflare One Client installs a new certificate by itself on Windows, macOS and \
               Debian-based Linux. Install it by hand or by MDM on iOS, Android, ChromeOS and Red Hat \
               Enterprise Linux, on macOS where trust is given by hand, and in applications with a \
               trust store of their own; without it their HTTPS fails after the switch. \
               `certctl pem ADDRESS` prints it.\n\n"
            .to_owned(),
        items,
        foot: "\n".to_owned(),
        noun: "installation",
    }
}

fn switch(change: &Change) -> Option<usize> {
    change
        .steps
        .iter()
        .position(|step| step.action() == Action::SetInUse)
}

fn install(view: &View<'_>, group: &Group<'_>, n: usize) -> String {
    let change = group.first;
    let what = change
        .steps
        .get(n)
        .filter(|step| step.certificate_id().is_some())
        .map_or_else(
            || "the new certificate".to_owned(),
            |step| object(group, step),
        );
    let waits_for = change.steps.get(n).and_then(|step| step.waits_for);
    let fixed = |at| moments::fixed(view, change, waits_for?, at);
    let before = match view.when(change, n) {
        When::Now => "before the next apply, which switches at once".to_owned(),
        When::From(at) => match fixed(at) {
            Some(at) => {
                let earliest = |change: &Change| change.steps.get(n)?.not_before;
                format!(
                    "before {}",
                    moments::span(group.span(earliest).unwrap_or((at, at)))
                )
            }
            None => format!("before the switch, {}", moments::when(view, group, n)),
        },
        When::Then(phrase) if waits_for == Some(WaitFor::Wave) => {
            format!("before the switch, {phrase}")
        }
        When::Then(_) if view.is_trusted_first(change) => {
            let trust = change.after.as_ref().and_then(|after| after.trust_period);
            let trust = trust.map_or_else(|| "its trust period".to_owned(), |p| p.to_string());
            let confined = confined(change);
            format!("within {trust} after it becomes available; then Gateway switches{confined}")
        }
        When::Then(_) => "as soon as it exists: Gateway uses it once it is available".to_owned(),
    };
    let held = change.steps.get(n).and_then(|step| {
        let id = step.certificate_id()?;
        change.certificates.iter().position(|held| held.id == *id)
    });
    let devices = held.and_then(|held| group.devices(held));
    let devices = devices.map_or_else(String::new, |said| format!("; {said}"));
    format!("install {what} {before}{devices}")
}

/// What a step is done to, an id as code.
pub(super) fn object(group: &Group<'_>, step: &Step) -> String {
    let object = group.object(step);
    match step.certificate_id() {
        Some(_) if !group.is_folded() => code(&object),
        _ => object,
    }
}

/// One item for all changes of which the same is said, in the order of the first of each; so many at
/// a time that an item can still be left out.
fn grouped<'a>(said: impl Iterator<Item = (Group<'a>, String)>) -> Vec<String> {
    const TOGETHER: usize = 20;
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (group, text) in said {
        let place = *places.entry(text.clone()).or_insert_with(|| {
            groups.push((text, Vec::new()));
            groups.len() - 1
        });
        if let Some((_, addresses)) = groups.get_mut(place) {
            addresses.push(format!("{}{}", code(&group.who()), group.places()));
        }
    }
    groups
        .iter()
        .flat_map(|(text, addresses)| {
            addresses
                .chunks(TOGETHER)
                .map(move |chunk| format!("- {}: {text}\n", chunk.join(", ")))
        })
        .collect()
}

/// What waits, and until when.
pub(super) fn waits(view: &View<'_>) -> Section {
    let waiting = view.plan.changes.iter();
    let waiting = waiting.filter(|change| change.waiting.is_some());
    let groups = groups(view, waiting);
    let items = groups.iter().filter_map(|group| wait(view, group));
    Section {
        head: "### Waits\n\n".to_owned(),
        items: items.collect(),
        foot: "\n".to_owned(),
        noun: "wait",
    }
}

fn wait(view: &View<'_>, group: &Group<'_>) -> Option<String> {
    let waiting = group.first.waiting.as_ref()?;
    let until = moments::until(view, group).map_or_else(String::new, |until| format!(" {until}"));
    let then =
        words::then(waiting.next).map_or_else(String::new, |next| format!(", then `{next}`"));
    Some(format!(
        "- {} ({}){} waits{until} for {}{then}\n",
        code(&group.who()),
        group.first.kind.as_str(),
        group.places(),
        words::wait_for(waiting.why)
    ))
}

/// What an approval of this plan covers although it is done later.
pub(super) fn later(view: &View<'_>) -> Section {
    let items = groups(view, &view.plan.changes)
        .into_iter()
        .filter_map(|group| {
            let steps = group.first.steps.iter().enumerate();
            let steps: Vec<String> = steps
                .filter(|(n, _)| view.when(group.first, *n) != When::Now)
                .map(|(n, step)| {
                    format!(
                        "`{}` {} {}",
                        step.action().as_str(),
                        object(&group, step),
                        moments::when(view, &group, n)
                    )
                })
                .collect();
            (!steps.is_empty()).then(|| (group, steps.join("; ")))
        });
    let items = grouped(items);
    Section {
        head: "### Runs later without another approval\n\n\
               Who approves this plan approves these steps too: later runs of `certctl apply` do them \
               once they are due.\n\n"
            .to_owned(),
        items,
        foot: "\n".to_owned(),
        noun: "later run",
    }
}

/// Every change in a table; many alike in one row.
pub(super) fn table(view: &View<'_>) -> Section {
    let rows = view
        .plan
        .changes
        .iter()
        .filter(|change| change.kind != ChangeKind::NoOp);
    Section {
        head: "### Changes\n\n\
               | | certificate | change | why | affects |\n|---|---|---|---|---|\n"
            .to_owned(),
        items: groups(view, rows)
            .iter()
            .map(|group| {
                let change = group.first;
                let blocked = if view.is_blocked(change) {
                    ", blocked"
                } else {
                    ""
                };
                format!(
                    "| `{}` | {}{} | {}{blocked} | {} | {} |\n",
                    words::symbol(change.kind),
                    code(&group.who()),
                    group.places(),
                    change.kind.as_str(),
                    prose(&group.reason()),
                    words::radius(change.blast_radius),
                )
            })
            .collect(),
        foot: "\n".to_owned(),
        noun: "row",
    }
}

/// What nothing claims.
pub(super) fn unmanaged(view: &View<'_>) -> Section {
    let rows = view.plan.unmanaged.iter().map(|one| {
        let expires = one.expires_on.map_or_else(|| "unknown".to_owned(), time);
        format!(
            "| {} | {} | {} | {} | {expires} |\n",
            code(one.account.as_str()),
            code(one.certificate_id.as_str()),
            code(&one.kind.to_string()),
            if one.in_use { "yes" } else { "no" },
        )
    });
    Section {
        head: "### Unmanaged, and left alone\n\n\
               | account | certificate | type | in use | expires |\n|---|---|---|---|---|\n"
            .to_owned(),
        items: rows.collect(),
        foot: "\n".to_owned(),
        noun: "unmanaged certificate",
    }
}
