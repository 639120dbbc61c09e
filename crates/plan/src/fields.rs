//! Field by field: what is there against what will be there.
//!
//! Both sides are written as lines, and `diff` says which of them differ. The periods of a
//! rotation are declared but not observed: beside an observed side they are shown and never differ.

use certctl_model::Period;

use crate::change::{Attributes, Change, ChangeKind};
use crate::diff::{Mark, diff};

/// One field of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What happens to it.
    pub mark: Mark,
    /// Its name, as in the spec: `rotation.trust_period`.
    pub name: String,
    /// The value, or `before -> after`.
    pub value: String,
}

/// Both sides of a change as lines `name: value`: what is there, what will be there.
#[must_use]
pub fn sides(change: &Change) -> (Vec<String>, Vec<String>) {
    // What is forgotten stays as it is.
    let stays = change
        .before
        .as_ref()
        .filter(|_| change.kind == ChangeKind::Forget);
    let after = change.after.as_ref().or(stays);
    let before = change.before.as_ref().map(|before| match after {
        Some(after) => Attributes {
            renew_before: after.renew_before,
            trust_period: after.trust_period,
            trust_evidence: after.trust_evidence,
            retire_after: after.retire_after,
            switch: after.switch,
            windows: after.windows.clone(),
            ..before.clone()
        },
        None => before.clone(),
    });
    (
        before.as_ref().map(lines).unwrap_or_default(),
        after.map(lines).unwrap_or_default(),
    )
}

/// The fields of a change, in the order of the spec.
#[must_use]
pub fn rows(change: &Change) -> Vec<Row> {
    let (before, after) = sides(change);
    let mut rows: Vec<Row> = Vec::new();
    for (mark, line) in diff(&before, &after) {
        let (name, value) = line.split_once(": ").unwrap_or((line, ""));
        let other = rows
            .iter_mut()
            .find(|row| row.name == name && row.mark != mark);
        if let Some(row) = other {
            row.value = if mark == Mark::Added {
                format!("{} -> {value}", row.value)
            } else {
                format!("{value} -> {}", row.value)
            };
            row.mark = Mark::Changed;
        } else {
            rows.push(Row {
                mark,
                name: name.to_owned(),
                value: value.to_owned(),
            });
        }
    }
    rows
}

fn lines(shape: &Attributes) -> Vec<String> {
    // Every field is named, so that a new one does not compile until somebody decided about it.
    let Attributes {
        validity_period_days,
        activate,
        in_use,
        renew_before,
        trust_period,
        trust_evidence,
        retire_after,
        switch,
        windows,
    } = shape;
    let days = validity_period_days.map(|days| format!("validity_period_days: {days}"));
    let period =
        |name: &str, period: &Option<Period>| period.map(|period| format!("{name}: {period}"));
    let evidence = trust_evidence.map(|evidence| format!("rotation.trust_evidence: {evidence}"));
    days.into_iter()
        .chain([format!("activate: {activate}"), format!("in_use: {in_use}")])
        .chain(period("rotation.renew_before", renew_before))
        .chain(period("rotation.trust_period", trust_period))
        .chain(evidence)
        .chain(period("rotation.retire_after", retire_after))
        .chain(switch.map(|_| "rotation.switch: hold".to_owned()))
        .chain((!windows.is_empty()).then(|| format!("rotation.windows: {}", windows.join(", "))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn shown(change: &Change) -> Vec<String> {
        rows(change)
            .into_iter()
            .map(|row| format!("{:?} {} {}", row.mark, row.name, row.value))
            .collect()
    }

    #[test]
    fn only_what_differs_is_marked() {
        let mut change = fixture::replace_in_use();
        assert_eq!(
            shown(&change),
            [
                "Changed validity_period_days 1825 -> 365",
                "Same activate true",
                "Same in_use true",
                "Same rotation.trust_period 7d",
                "Same rotation.retire_after 7d",
            ]
        );
        change.before = None;
        assert_eq!(shown(&change).len(), 5);
        assert!(rows(&change).iter().all(|row| row.mark == Mark::Added));
        change.before = change.after.take();
        assert!(rows(&change).iter().all(|row| row.mark == Mark::Removed));
    }

    #[test]
    fn all_fields_can_differ_at_once() {
        let mut change = fixture::replace_in_use();
        if let Some(after) = &mut change.after {
            after.activate = false;
            after.in_use = false;
        }
        assert_eq!(
            shown(&change)[..3],
            [
                "Changed validity_period_days 1825 -> 365",
                "Changed activate true -> false",
                "Changed in_use true -> false",
            ]
        );
    }
}
