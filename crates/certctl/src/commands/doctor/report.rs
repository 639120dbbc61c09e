//! What was checked, what was found, and what to do about it.

use certctl_render::{alike, without_names};
use serde::Serialize;

use crate::commands::validate::count;

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// As it should be.
    Ok,
    /// Could not be checked, or matters only to some.
    Note,
    /// Works, and will hurt.
    Warning,
    /// Does not work.
    Error,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Check {
    /// What was checked.
    pub(crate) check: String,
    pub(crate) verdict: Verdict,
    /// What was found.
    pub(crate) finding: String,
    /// What to do, where there is something to do.
    pub(crate) advice: Option<String>,
}

impl Check {
    pub(crate) fn new(
        check: impl Into<String>,
        verdict: Verdict,
        finding: impl Into<String>,
    ) -> Self {
        Self {
            check: check.into(),
            verdict,
            finding: finding.into(),
            advice: None,
        }
    }

    pub(crate) fn advice(self, advice: impl Into<String>) -> Self {
        Self {
            advice: Some(advice.into()),
            ..self
        }
    }

    pub(crate) fn maybe_advice(self, advice: Option<impl Into<String>>) -> Self {
        Self {
            advice: advice.map(Into::into),
            ..self
        }
    }
}

/// How many accounts are named of those with which the same is wrong.
const MAX_NAMED: usize = 50;

/// Checks of which the same is said, as one; the document keeps them all.
fn together(group: &[&Check]) -> Option<Check> {
    let (first, others) = group.split_first()?;
    let mut told = (*first).clone();
    let (false, Some((_, what))) = (others.is_empty(), of_account(first)) else {
        return Some(told);
    };
    told.check = format!("{} accounts: {what}", group.len());
    if told.verdict > Verdict::Ok {
        let names = group.iter().filter_map(|check| of_account(check));
        let mut names: Vec<&str> = names.map(|(name, _)| name).collect();
        let more = names.len().saturating_sub(MAX_NAMED);
        names.truncate(MAX_NAMED);
        let more = match more {
            0 => String::new(),
            more => format!(" and {more} that `--format json` names"),
        };
        told.finding = format!("{}; so in {}{more}", told.finding, names.join(", "));
    }
    Some(told)
}

/// The account that a check is of, and what is checked there.
fn of_account(check: &Check) -> Option<(&str, &str)> {
    check.check.split_once(": ")
}

/// What is said, without the names and ids of the account: equal where two are told together.
fn likeness(check: &Check) -> String {
    let (name, what) = of_account(check).unwrap_or(("", &check.check));
    let said = |text: &str| without_names(text, name);
    let advice = check.advice.as_deref().map(said);
    format!(
        "{:?}",
        (
            name.is_empty(),
            check.verdict,
            what,
            said(&check.finding),
            advice
        )
    )
}

/// The checks, one or two lines each.
pub(crate) fn human(checks: &[Check]) -> String {
    let keyed = checks.iter().map(|check| (likeness(check), check));
    let groups = alike(keyed.collect());
    let shown: Vec<Check> = groups.iter().filter_map(|group| together(group)).collect();
    let widest = shown.iter().map(|check| check.check.chars().count());
    let width = widest.max().unwrap_or_default();
    let mut text = String::new();
    for check in &shown {
        let verdict = match check.verdict {
            Verdict::Ok => "ok",
            Verdict::Note => "note",
            Verdict::Warning => "warning",
            Verdict::Error => "error",
        };
        let name = &check.check;
        text.push_str(&format!("{verdict:<8} {name:<width$}  {}\n", check.finding));
        if let Some(advice) = &check.advice {
            text.push_str(&format!("{:<8} {:<width$}  do: {advice}\n", "", ""));
        }
    }
    let of = |verdict| checks.iter().filter(|c| c.verdict == verdict).count();
    text.push_str(&format!(
        "\n{}, {}, {}.\n",
        count(of(Verdict::Error), "error"),
        count(of(Verdict::Warning), "warning"),
        count(of(Verdict::Note), "note")
    ));
    text
}

/// The same as one document.
pub(crate) fn json(checks: &[Check]) -> String {
    let document = serde_json::json!({
        "format_version": "1.1",
        "kind": "doctor",
        "checks": checks,
    });
    format!("{document:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_alike_in_many_accounts_is_one_line() {
        let mut checks = vec![Check::new("spec", Verdict::Ok, "certctl.yaml: 8 accounts")];
        for n in 1..=8 {
            let name = format!("a{n}");
            checks.push(Check::new(format!("{name}: read"), Verdict::Ok, "allowed"));
            let token = match n {
                3 => Check::new(format!("{name}: token"), Verdict::Ok, "active"),
                _ => Check::new(
                    format!("{name}: token"),
                    Verdict::Error,
                    format!("account {name}, certctl.yaml:{n}:9: no token"),
                )
                .advice("set one"),
            };
            checks.push(token);
        }
        assert_eq!(
            human(&checks),
            "\
ok       spec               certctl.yaml: 8 accounts
ok       8 accounts: read   allowed
error    7 accounts: token  account a1, certctl.yaml:1:9: no token; so in a1, a2, a4, a5, a6, a7, a8
                            do: set one
ok       a3: token          active

7 errors, 0 warnings, 0 notes.
"
        );
    }
}
