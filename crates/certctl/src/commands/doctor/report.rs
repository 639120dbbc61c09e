//! What was checked, what was found, and what to do about it.

use serde::Serialize;

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

/// The checks, one or two lines each.
pub(crate) fn human(checks: &[Check]) -> String {
    let widest = checks.iter().map(|check| check.check.chars().count());
    let width = widest.max().unwrap_or_default();
    let mut text = String::new();
    for check in checks {
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
        "\n{} errors, {} warnings, {} notes.\n",
        of(Verdict::Error),
        of(Verdict::Warning),
        of(Verdict::Note)
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
