//! `status --check`: what expires soon of that which matters, what should have been done, and what is
//! not as it is declared.

use certctl_model::{Code, Period, Timestamp};
use certctl_plan::escape;
use certctl_plan::{AccountInput, AccountOutcome};
use certctl_planner::{Finding, amiss, expiring, overdue};
use serde_json::{Value, json};

/// What was found, by the names of the accounts.
pub(super) struct Findings {
    found: Vec<Finding>,
    within: Period,
}

impl Findings {
    pub(super) fn of<'a>(
        inputs: impl Iterator<Item = (AccountInput<'a>, &'a AccountOutcome)>,
        within: Period,
        now: Timestamp,
    ) -> Self {
        let found = inputs
            .flat_map(|(input, outcome)| {
                let amiss = amiss(outcome, now);
                // What nothing renews is an error: it is not said once more that it expires.
                let unrenewed = |other: &Finding| {
                    let (other, code) = (&other.diagnostic, Code::ExpiresUnrenewed);
                    let mut found = amiss.iter().map(|finding| &finding.diagnostic);
                    found.any(|d| d.code == code && d.address == other.address)
                };
                let mut found = expiring(&input, within, now);
                found.retain(|finding| !unrenewed(finding));
                found.extend(overdue(&input, outcome, now));
                found.extend(amiss);
                found
            })
            .collect();
        Self { found, within }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Whether one of them is an error: what will end in an outage.
    pub(super) fn has_error(&self) -> bool {
        self.found
            .iter()
            .any(|finding| finding.diagnostic.is_error())
    }

    /// For people: a line each, and what to do about it, once.
    pub(super) fn text(&self) -> String {
        if self.found.is_empty() {
            return format!(
                "Nothing that is declared or in use expires within {}, and no step is overdue.\n",
                self.within
            );
        }
        let mut text = String::from("Findings:\n");
        let mut hints: Vec<&str> = Vec::new();
        for Finding { diagnostic, .. } in &self.found {
            let address = diagnostic.address.as_ref().map(ToString::to_string);
            let account = diagnostic.account.as_ref().map(ToString::to_string);
            let about = address.or(account).unwrap_or_default();
            let (code, message) = (diagnostic.code, escape(&diagnostic.message));
            text.push_str(&format!("  {about}: {message} [{code}]\n"));
            let hint = diagnostic.hint.as_deref();
            hints.extend(hint.filter(|hint| !hints.contains(hint)));
        }
        for hint in hints {
            text.push_str(&format!("\nhint: {hint}\n"));
        }
        text
    }

    pub(super) fn json(&self) -> Value {
        self.found
            .iter()
            .map(|finding| {
                let diagnostic = &finding.diagnostic;
                json!({
                    "severity": diagnostic.severity,
                    "code": diagnostic.code,
                    "account": diagnostic.account,
                    "address": diagnostic.address,
                    "certificate_id": finding.certificate_id,
                    "at": finding.at,
                    "message": diagnostic.message,
                    "hint": diagnostic.hint,
                })
            })
            .collect()
    }
}
