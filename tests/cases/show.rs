//! A plan, as short as it can be said: for reading beside its inputs.

use std::collections::BTreeSet;
use std::fmt::Write;

use certctl_model::{Blocks, CertificateId, Diagnostic, Note, Reason, Severity};
use certctl_plan::{
    Action, BlastRadius, Change, ChangeKind, Operation, Plan, Step, Summary, devices_said,
};

/// The plan of one account.
pub(crate) fn plan(plan: &Plan) -> String {
    let mut out = String::new();
    let (same, changed): (Vec<&Change>, Vec<&Change>) =
        plan.changes.iter().partition(|c| is_unchanged(c));
    for change in changed {
        show_change(&mut out, change);
    }
    if !same.is_empty() {
        let same: Vec<String> = same.iter().map(|c| c.address.to_string()).collect();
        line(&mut out, &format!("unchanged: {}", same.join(", ")));
    }
    for account in &plan.accounts {
        let (before, after) = (&account.in_use_before, &account.in_use_after);
        let said = |used: &Option<String>| used.clone().unwrap_or("nothing".to_owned());
        if before == after {
            line(&mut out, &format!("in use: {}", said(before)));
        } else {
            let (before, after) = (said(before), said(after));
            line(&mut out, &format!("in use: {before} -> {after}"));
        }
        if account.creations_left < 3 {
            let left = account.creations_left;
            line(&mut out, &format!("creations left: {left}"));
        }
    }
    for other in &plan.unmanaged {
        let used = if other.in_use { ", in use" } else { "" };
        let (id, kind) = (&other.certificate_id, &other.kind);
        line(&mut out, &format!("unmanaged: {id} ({kind}{used})"));
    }
    for diagnostic in &plan.diagnostics {
        show_diagnostic(&mut out, diagnostic);
    }
    line(&mut out, &summary(plan));
    out
}

fn is_unchanged(change: &Change) -> bool {
    change.kind == ChangeKind::NoOp && change.reason.code == Reason::UpToDate
}

fn line(out: &mut String, text: &str) {
    writeln!(out, "{text}").expect("a string");
}

fn show_change(out: &mut String, change: &Change) {
    let kind = word(&change.kind);
    let (address, code) = (&change.address, change.reason.code);
    line(
        out,
        &format!("{kind} {address} [{code}] {}", change.reason.message),
    );
    for step in &change.steps {
        line(out, &format!("  {}", show_step(step)));
    }
    if let Some(waiting) = &change.waiting {
        let until = waiting.until.map(|at| format!(" until {at}"));
        let (why, next) = (word(&waiting.why), waiting.next.as_str());
        let until = until.unwrap_or_default();
        line(out, &format!("  waits for {why}{until}, next {next}"));
    }
    for held in &change.certificates {
        if let Some(counts) = &held.evidence {
            let said = devices_said(counts);
            line(out, &format!("  {}: {said}", held.id));
        }
    }
    if change.blast_radius != BlastRadius::Nobody {
        let radius = word(&change.blast_radius);
        line(out, &format!("  noticed by {radius}"));
    }
    if let Some(until) = change.rollback_until {
        line(out, &format!("  way back until {until}"));
    }
}

fn show_step(step: &Step) -> String {
    let mut said = match (step.due, step.waits_for, step.not_before) {
        (true, ..) => "now ".to_owned(),
        (false, Some(_), Some(at)) => format!("from {at} "),
        (false, Some(_), None) => "not yet ".to_owned(),
        (false, None, _) => "then ".to_owned(),
    };
    said.push_str(step.action().as_str());
    if let Some(id) = step.certificate_id() {
        said = format!("{said} {id}");
    }
    match &step.operation {
        Operation::Create { role, days } => {
            said = format!("{said} {} of {days} days", role.as_str());
        }
        Operation::Upload { role, ca } => {
            said = format!("{said} {} until {}", role.as_str(), ca.not_after);
        }
        _ => {}
    }
    let remembers = matches!(
        step.action(),
        Action::Record | Action::Adopt | Action::Forget
    );
    if remembers && !step.notes.is_empty() {
        let notes: Vec<String> = step.notes.iter().map(show_note).collect();
        said = format!("{said}: {}", notes.join(", "));
    }
    said
}

fn show_note(note: &Note) -> String {
    match note {
        Note::Intent(_) | Note::Answered { .. } | Note::Accept(_) | Note::Named { .. } => {
            "not a planner's note".to_owned()
        }
        Note::Done(mutation) => match mutation.certificate_id() {
            Some(id) => format!("request on {id} done"),
            None => "not a planner's note".to_owned(),
        },
        Note::JustNow { at, .. } => format!("what lies ahead counts as {at}"),
        Note::End(mutation) => match mutation.certificate_id() {
            Some(id) => format!("request on {id} over"),
            None => "open create refused".to_owned(),
        },
        Note::Abandon(_) => "open create made nothing".to_owned(),
        Note::Created { id, .. } => format!("created {id}"),
        Note::Adopted { id, .. } => format!("adopted {id}"),
        Note::Available {
            id,
            since,
            inferred,
        } => {
            let guess = if *inferred { " or before" } else { "" };
            format!("{id} available since {since}{guess}")
        }
        Note::Unavailable { id } => format!("{id} not available"),
        Note::Pending { id, since } => format!("{id} pending since {since}"),
        Note::SetInUse { id, .. } => format!("{id} set in use"),
        Note::Used { id } => format!("{id} used"),
        Note::Unused { id, .. } => format!("{id} no longer used"),
        Note::Promote { since, .. } => format!("successor promoted, as of {since}"),
        Note::Retire { id, .. } => format!("{id} retires"),
        Note::Unbind { id } => format!("{id} unbound"),
        Note::Forget { certificate } => format!("{certificate} forgotten"),
        Note::Move { from, to } => format!("{from} moved to {to}"),
        Note::Settings { .. } => "settings".to_owned(),
        Note::AccountSettings(_) => "settings of the account".to_owned(),
        Note::Removed { certificate } => format!("{certificate} is to go"),
        Note::Rotate { cause, .. } => format!("rotates: {cause:?}"),
        Note::Compromised { id } => format!("{id} compromised"),
        Note::Pem { id, .. } => format!("{id} has a PEM"),
        Note::Hold { id, hold } => format!("switch to {id} {}", word(hold)),
        Note::Seen { at } => format!("seen at {at}"),
        Note::Suspect { ids } => format!("suspect: {}", words(ids)),
        Note::Stranger { ids } => format!("not ours: {}", words(ids)),
        Note::AllowDispute(_) => "dispute allowed".to_owned(),
        Note::AllowSwitch(allowed) => {
            format!("{} away from {} allowed", allowed.guard, allowed.from)
        }
        Note::Rollback { id, .. } => format!("back to {id}"),
        Note::Aim { aim, .. } => match aim {
            Some(aim) => format!("begun: {}", word(aim)),
            None => "nothing begun".to_owned(),
        },
    }
}

fn show_diagnostic(out: &mut String, diagnostic: &Diagnostic) {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let about = diagnostic.address.as_ref().map(ToString::to_string);
    let about = about.or_else(|| diagnostic.account.as_ref().map(ToString::to_string));
    let about = about.unwrap_or_default();
    let (code, message) = (diagnostic.code, &diagnostic.message);
    line(out, &format!("{severity}[{code}] {about}: {message}"));
    if let Some(place) = &diagnostic.place {
        let (file, row, column) = (&place.file, place.line, place.column);
        line(out, &format!("  at {file}:{row}:{column}"));
    }
    for one in &diagnostic.candidates {
        let [id, status, used, days, created, expires, why, _] = one.cells();
        let used = if used == "yes" { ", in use" } else { "" };
        let said = format!("{id} {status}{used}, {days} days, {created} to {expires}: {why}");
        line(out, &format!("  - {said}"));
    }
    if let Some(hint) = &diagnostic.hint {
        line(out, &format!("  hint: {hint}"));
    }
    let usual = match diagnostic.address {
        Some(_) => Blocks::Address,
        None => Blocks::Account,
    };
    if diagnostic.is_error() && diagnostic.blocking() != usual {
        let blocks = word(&diagnostic.blocking());
        line(out, &format!("  blocks {blocks}"));
    }
}

fn summary(plan: &Plan) -> String {
    let value = serde_json::to_value::<Summary>(plan.summary).expect("JSON");
    let counts = value.as_object().expect("an object").iter();
    let counts: Vec<String> = counts
        .filter(|(_, count)| **count != 0)
        .map(|(what, count)| format!("{count} {what}"))
        .collect();
    let end = match (plan.applyable, plan.has_changes) {
        (false, _) => "blocked",
        (true, true) => "to do",
        (true, false) => "nothing to do now",
    };
    format!("= {}; {end}", counts.join(", "))
}

fn word<T: serde::Serialize>(value: &T) -> String {
    let value = serde_json::to_value(value).expect("JSON");
    value.as_str().expect("a word").to_owned()
}

fn words(ids: &BTreeSet<CertificateId>) -> String {
    let ids: Vec<&str> = ids.iter().map(CertificateId::as_str).collect();
    ids.join(", ")
}
