//! What comes next at each address, when, and how what is declared differs from what is there.

use certctl_model::{Address, Role, Timestamp};
use certctl_plan::{AccountOutcome, Change, WaitFor};
use certctl_spec::{Account, Certificate};
use serde::Serialize;

/// One address: what is declared of it, and what happens to it next.
#[derive(Debug, Serialize)]
pub(super) struct Outlook {
    pub(super) address: Address,
    /// None where the spec does not declare it (any more).
    pub(super) declared: Option<Declared>,
    pub(super) next: Next,
}

/// What the spec says that there should be.
#[derive(Debug, Serialize)]
pub(super) struct Declared {
    /// None where the spec leaves it out: whatever is there fits.
    pub(super) validity_period_days: Option<i64>,
    pub(super) activate: Option<bool>,
    pub(super) in_use: Option<bool>,
}

/// What happens next.
#[derive(Debug, Serialize)]
#[serde(tag = "when", rename_all = "snake_case")]
pub(super) enum Next {
    /// The next `certctl apply` does this step.
    Now { step: &'static str },
    /// This step waits; `at` is none where nobody can know.
    Waits {
        step: &'static str,
        at: Option<Timestamp>,
        #[serde(rename = "for")]
        why: WaitFor,
    },
    /// Nothing until a successor is created, on this day.
    Renews { at: Timestamp },
    /// An error stands in the way; the code of the first one.
    Blocked { code: String, message: String },
    /// Nothing, for good: no renewal is declared, or nothing is there.
    Nothing,
}

/// Each address of the account that is declared or bound, in order.
pub(super) fn outlooks(account: &Account, outcome: &AccountOutcome) -> Vec<Outlook> {
    outcome
        .changes
        .iter()
        .map(|change| {
            let declared = account.certificate(&change.address.certificate);
            Outlook {
                address: change.address.clone(),
                declared: declared.map(|certificate| Declared {
                    validity_period_days: certificate
                        .validity_period_days
                        .map(|days| i64::from(days.days())),
                    activate: certificate.activate,
                    in_use: certificate.in_use,
                }),
                next: next(outcome, change, declared),
            }
        })
        .collect()
}

fn next(outcome: &AccountOutcome, change: &Change, declared: Option<&Certificate>) -> Next {
    if let Some(error) = outcome.diagnostics.iter().find(|diagnostic| {
        diagnostic.is_error()
            && (diagnostic.address.as_ref() == Some(&change.address)
                || (!outcome.account.applyable && diagnostic.address.is_none()))
    }) {
        return Next::Blocked {
            code: error.code.to_string(),
            message: error.message.clone(),
        };
    }
    if let Some(step) = change.steps.iter().find(|step| step.due) {
        return Next::Now {
            step: step.action().as_str(),
        };
    }
    if let Some(waiting) = &change.waiting {
        return Next::Waits {
            step: waiting.next.as_str(),
            at: waiting.until,
            why: waiting.why,
        };
    }
    // The successor of a custom one is its owner's to make.
    let declared = declared.filter(|certificate| certificate.custom.is_none());
    let renew_before = declared.and_then(|certificate| certificate.rotation.renew_before);
    let current = change.certificates.iter().find(|c| c.role == Role::Current);
    match (renew_before, current.and_then(|current| current.expires_on)) {
        (Some(before), Some(expires)) => Next::Renews {
            at: before.before(expires),
        },
        _ => Next::Nothing,
    }
}
