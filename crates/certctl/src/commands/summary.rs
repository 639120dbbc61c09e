//! What `apply` ends with for people: what became of each change, of many alike in one line, and the sum.

use certctl_apply::{Outcome, Report, ResultLine};
use certctl_model::Timestamp;
use certctl_plan::escape;
use certctl_render::{alike, without_names};

use crate::commands::validate::count;

/// Ended by a newline; `failed` where anything was blocked, refused or failed.
pub(crate) fn summary(report: &Report, failed: bool) -> String {
    let verdict = if failed {
        "Apply incomplete"
    } else if report.results.is_empty() {
        return "Nothing to do.\n".to_owned();
    } else {
        "Apply complete"
    };
    let keyed = report
        .results
        .iter()
        .map(|result| (likeness(result), result));
    let mut text: String = alike(keyed.collect())
        .iter()
        .map(|group| line(group))
        .collect();
    text.push_str(&format!(
        "\n{verdict}: {} applied, {} waiting, {} failed; {}.\n",
        report.applied,
        report.waiting,
        report.failed,
        count(
            usize::try_from(report.requests).unwrap_or(usize::MAX),
            "request"
        ),
    ));
    text
}

/// Equal where the same became of two certificates of one name.
fn likeness(result: &ResultLine) -> String {
    let error = result.error.as_deref();
    let error = error.map(|error| without_names(error, result.address.account.as_str()));
    let waiting = result.waiting.as_ref();
    let waiting = waiting.map(|waiting| (waiting.why, waiting.next, waiting.until.is_some()));
    let certificate = &result.address.certificate;
    format!("{:?}", (certificate, result.outcome, error, waiting))
}

fn line(group: &[&ResultLine]) -> String {
    let Some((first, others)) = group.split_first() else {
        return String::new();
    };
    let said = became(first, group);
    if others.is_empty() {
        return format!("{}: {said}\n", first.address);
    }
    let accounts = group.iter().map(|result| result.address.account.as_str());
    let named = match first.outcome {
        Outcome::Failed | Outcome::Skipped => {
            format!(" ({})", accounts.collect::<Vec<_>>().join(", "))
        }
        Outcome::Done | Outcome::Waiting | Outcome::Pending => String::new(),
    };
    let certificate = &first.address.certificate;
    format!("{certificate} in {} accounts{named}: {said}\n", group.len())
}

fn became(first: &ResultLine, group: &[&ResultLine]) -> String {
    match (&first.error, first.outcome) {
        (Some(error), _) => format!("failed: {}", escape(error)),
        (None, Outcome::Waiting) => waits(first, group),
        (None, Outcome::Pending) => "Cloudflare is still deploying; run it again".to_owned(),
        (None, Outcome::Skipped) => "not done".to_owned(),
        (None, Outcome::Failed) => "failed".to_owned(),
        (None, Outcome::Done) => "done".to_owned(),
    }
}

fn waits(first: &ResultLine, group: &[&ResultLine]) -> String {
    let Some(waiting) = &first.waiting else {
        return "waits for a later run".to_owned();
    };
    let next = waiting.next.as_str();
    let why = certctl_render::wait_for(waiting.why);
    let until = group
        .iter()
        .filter_map(|result| result.waiting.as_ref()?.until);
    match (until.clone().min(), until.max()) {
        (Some(first), Some(last)) => {
            let until = certctl_render::until(waiting.why, &span(first, last));
            format!("waits {until} for {why}, then {next}")
        }
        _ => format!("waits for {why}, then {next}"),
    }
}

fn span(first: Timestamp, last: Timestamp) -> String {
    if first == last {
        return first.to_string();
    }
    format!("{first} to {last}")
}
