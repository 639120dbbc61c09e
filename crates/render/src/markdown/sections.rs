//! The sections between what is dangerous and how to apply: each says one thing, an item per change.

use std::collections::BTreeMap;

use certctl_model::{Candidate, Diagnostic, Severity};

use super::budget::Section;
use super::escape::{code, prose};
use super::moments;
use crate::steps::{View, When, confined};
use crate::words;
use certctl_plan::time;
use certctl_plan::{Action, Change, ChangeKind};

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
        items: chosen.map(diagnostic).collect(),
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
        .filter_map(|change| Some((change, install(view, change, switch(change)?))));
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

fn install(view: &View<'_>, change: &Change, n: usize) -> String {
    let what = change
        .steps
        .get(n)
        .and_then(|step| step.certificate_id())
        .map_or_else(|| "the new certificate".to_owned(), |id| code(id.as_str()));
    let before = match view.when(change, n) {
        When::Now => "before the next apply, which switches at once".to_owned(),
        When::From(at) => match moments::fixed(view, change, Action::SetInUse, at) {
            Some(at) => format!("before {}", time(at)),
            None => format!("before the switch, {}", moments::when(view, change, n)),
        },
        When::Then(_) if view.is_trusted_first(change) => {
            let trust = change.after.as_ref().and_then(|after| after.trust_period);
            let trust = trust.map_or_else(|| "its trust period".to_owned(), |p| p.to_string());
            let confined = confined(change);
            format!("within {trust} after it becomes available; then Gateway switches{confined}")
        }
        When::Then(_) => "as soon as it exists: Gateway uses it once it is available".to_owned(),
    };
    format!("install {what} {before}")
}

/// One item for all changes of which the same is said, in the order of the first of each; so many at
/// a time that an item can still be left out.
fn grouped<'a>(said: impl Iterator<Item = (&'a Change, String)>) -> Vec<String> {
    const TOGETHER: usize = 20;
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (change, text) in said {
        let place = *places.entry(text.clone()).or_insert_with(|| {
            groups.push((text, Vec::new()));
            groups.len() - 1
        });
        if let Some((_, addresses)) = groups.get_mut(place) {
            addresses.push(code(&change.address.to_string()));
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
    let items = view.plan.changes.iter().filter_map(|change| {
        let waiting = change.waiting.as_ref()?;
        let until =
            moments::until(view, change).map_or_else(String::new, |until| format!(" {until}"));
        let then =
            words::then(waiting.next).map_or_else(String::new, |next| format!(", then `{next}`"));
        Some(format!(
            "- {} ({}) waits{until} for {}{then}\n",
            code(&change.address.to_string()),
            change.kind.as_str(),
            words::wait_for(waiting.why)
        ))
    });
    Section {
        head: "### Waits\n\n".to_owned(),
        items: items.collect(),
        foot: "\n".to_owned(),
        noun: "wait",
    }
}

/// What an approval of this plan covers although it is done later.
pub(super) fn later(view: &View<'_>) -> Section {
    let items = view.plan.changes.iter().filter_map(|change| {
        let steps: Vec<String> = change
            .steps
            .iter()
            .enumerate()
            .filter(|(n, _)| view.when(change, *n) != When::Now)
            .map(|(n, step)| {
                let object = match step.certificate_id() {
                    Some(id) => code(id.as_str()),
                    None => change.object(step),
                };
                format!(
                    "`{}` {object} {}",
                    step.action().as_str(),
                    moments::when(view, change, n)
                )
            })
            .collect();
        (!steps.is_empty()).then(|| (change, steps.join("; ")))
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

/// Every change in a table.
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
        items: rows
            .map(|change| {
                let blocked = if view.is_blocked(change) {
                    ", blocked"
                } else {
                    ""
                };
                format!(
                    "| `{}` | {} | {}{blocked} | {} | {} |\n",
                    words::symbol(change.kind),
                    code(&change.address.to_string()),
                    change.kind.as_str(),
                    prose(&change.reason.message),
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
