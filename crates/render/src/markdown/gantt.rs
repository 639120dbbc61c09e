//! Charts: until when what exists is valid, and how old and new overlap.
//!
//! What exists has dates. What is yet to be made has none before somebody applies, so the overlap is
//! drawn in days from the apply, and an unchanged plan keeps its chart.

use certctl_model::{Period, Role, Timestamp};

use super::budget::Section;
use super::escape::label;
use super::moments;
use crate::steps::View;
use certctl_plan::time;
use certctl_plan::{Action, Change, ChangeKind};

/// How many addresses a chart shows; more cannot be read, and charts have a size limit.
const SECTIONS: usize = 20;
/// How many days the chart of the overlap has: its axis counts within a year.
const DAYS: i64 = 360;

/// Both charts, each an item.
pub(super) fn charts(view: &View<'_>) -> Section {
    let validity = chart(
        "Validity of what exists",
        "%Y-%m",
        view.plan
            .changes
            .iter()
            .filter_map(|change| validity(view, change)),
    );
    let overlap = chart(
        "Overlap of old and new, in days from the apply",
        "day %j",
        view.plan.changes.iter().filter_map(overlap),
    );
    Section {
        head: "### Validity and overlap\n\n".to_owned(),
        items: [validity, overlap].into_iter().flatten().collect(),
        foot: String::new(),
        noun: "chart",
    }
}

fn chart(title: &str, axis: &str, sections: impl Iterator<Item = String>) -> Option<String> {
    let mut sections: Vec<String> = sections.collect();
    let more = sections.len().saturating_sub(SECTIONS);
    sections.truncate(SECTIONS);
    if sections.is_empty() {
        return None;
    }
    let note = if more > 0 {
        format!("{more} more are not drawn.\n\n")
    } else {
        String::new()
    };
    Some(format!(
        "```mermaid\ngantt\n    title {title}\n    dateFormat YYYY-MM-DD\n    axisFormat {axis}\n{}```\n\n{note}",
        sections.concat()
    ))
}

fn section(change: &Change, bars: &[String]) -> Option<String> {
    (!bars.is_empty()).then(|| {
        format!(
            "    section {}\n{}",
            label(&change.address.to_string()),
            bars.concat()
        )
    })
}

/// One bar per certificate that is held; its beginning follows from its end and its validity.
fn validity(view: &View<'_>, change: &Change) -> Option<String> {
    if change.kind == ChangeKind::NoOp {
        return None;
    }
    let mut bars = Vec::new();
    for held in &change.certificates {
        let side = match held.role {
            Role::Current => change.before.as_ref(),
            Role::Successor => change.after.as_ref(),
            Role::Retiring => None,
        };
        let days = side.and_then(|shape| shape.validity_period_days);
        let Some(end) = held.expires_on.and_then(date) else {
            continue;
        };
        let start = days
            .zip(held.expires_on)
            .and_then(|(days, end)| date(Period::days(days.days()).before(end)));
        let name = format!(
            "{} {}",
            held.role.as_str(),
            held.id.as_str().get(..8).unwrap_or("certificate")
        );
        let tag = if held.in_use { "active, " } else { "" };
        bars.push(match start {
            Some(start) => format!("    {} :{tag}{start}, {end}\n", label(&name)),
            None => format!("    {} expires :milestone, {end}, 0d\n", label(&name)),
        });
    }
    let switch = change
        .waiting
        .as_ref()
        .filter(|waiting| waiting.next == Action::SetInUse)
        .filter(|waiting| !view.waits_for_unknown(change, Some(waiting.why)))
        .and_then(|waiting| moments::fixed(view, change, waiting.why, waiting.until?))
        .and_then(date);
    if let Some(switch) = switch.filter(|_| !bars.is_empty()) {
        bars.push(format!("    switch :milestone, {switch}, 0d\n"));
    }
    section(change, &bars)
}

/// A day as a chart reads it, within the years that charts can draw.
fn date(at: Timestamp) -> Option<String> {
    let text = time(at);
    let year: i32 = text.get(..4)?.parse().ok()?;
    let whole = text.as_bytes().get(10) == Some(&b'T');
    (whole && (1970..=9998).contains(&year)).then(|| text.get(..10).map(str::to_owned))?
}

/// A rotation that is yet to start: the old one until it is removed, the new one beside it.
fn overlap(change: &Change) -> Option<String> {
    let does = |action| change.steps.iter().any(|step| step.action() == action);
    let removes = does(Action::Deactivate) || does(Action::Delete);
    if !change.steps.iter().any(|step| step.action().makes()) || !removes {
        return None;
    }
    let after = change.after.as_ref()?;
    let switches = does(Action::SetInUse);
    let trust = after
        .trust_period
        .filter(|_| switches)
        .map_or(0, whole_days);
    let removed = trust + after.retire_after.map_or(0, whole_days);
    let end = removed + 7;
    if end > DAYS {
        return None;
    }
    let bar = |name: &str, tag: &str, from: i64, to: i64| {
        let (from, to) = (day(from), day(to));
        (from < to).then(|| format!("    {name} :{tag}{from}, {to}\n"))
    };
    let bars = if switches {
        vec![
            bar("old in use", "active, ", 0, trust),
            bar("old kept", "", trust, removed),
            bar("new distributed", "", 0, trust),
            bar("new in use", "active, ", trust, end),
        ]
    } else {
        vec![
            bar("old kept", "", 0, removed),
            bar("new available", "", 0, end),
        ]
    };
    let bars: Vec<String> = bars.into_iter().flatten().collect();
    section(change, &bars)
}

fn whole_days(period: Period) -> i64 {
    let day = Period::DAY.as_seconds();
    (period.as_seconds() + day - 1) / day
}

/// The day of the overlap's calendar: the apply is the first day of a year.
fn day(n: i64) -> String {
    const NEW_YEAR: i64 = 946_684_800;
    let at = NEW_YEAR + n * Period::DAY.as_seconds();
    Timestamp::from_second(at)
        .ok()
        .and_then(date)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn old_and_new_overlap() {
        let plan = fixture::plan(vec![fixture::replace_in_use()]);
        let charts = charts(&View::new(&plan)).items;
        insta::assert_snapshot!(charts.concat(), @r#"
        ```mermaid
        gantt
            title Validity of what exists
            dateFormat YYYY-MM-DD
            axisFormat %Y-%m
            section acme/inspection
            current f174e90a :active, 2026-11-23, 2031-11-22
        ```

        ```mermaid
        gantt
            title Overlap of old and new, in days from the apply
            dateFormat YYYY-MM-DD
            axisFormat day %j
            section acme/inspection
            old in use :active, 2000-01-01, 2000-01-08
            old kept :2000-01-08, 2000-01-15
            new distributed :2000-01-01, 2000-01-08
            new in use :active, 2000-01-08, 2000-01-22
        ```
        "#);
    }

    #[test]
    fn the_switch_of_an_open_rotation_has_a_date() {
        let plan = fixture::plan(vec![fixture::waits_for_trust()]);
        let charts = charts(&View::new(&plan)).items;
        insta::assert_snapshot!(charts.concat(), @r#"
        ```mermaid
        gantt
            title Validity of what exists
            dateFormat YYYY-MM-DD
            axisFormat %Y-%m
            section acme/inspection
            current f174e90a :active, 2026-11-23, 2031-11-22
            successor 0b5b7f06 :2026-11-23, 2027-11-23
            switch :milestone, 2026-11-30, 0d
        ```
        "#);
    }
}
