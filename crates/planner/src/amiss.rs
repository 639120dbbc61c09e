//! What is not as it is declared, and what will not come right by itself: for `status --check`.

use certctl_model::{Blocks, Code, Diagnostic, Reason, Timestamp};
use certctl_plan::{AccountOutcome, Change, ChangeKind};

use crate::expiry::Finding;

/// Of a planned account: the errors that stop nothing and end in an outage, in-use that somebody moved,
/// clocks that contradict each other, and declared addresses that hold no certificate.
#[must_use]
pub fn amiss(outcome: &AccountOutcome, now: Timestamp) -> Vec<Finding> {
    let ever = [Code::InUseMoved, Code::InUseDisputed, Code::ClockSkew];
    let counts = |d: &&Diagnostic| {
        d.is_error() && (d.blocking() == Blocks::Nothing || ever.contains(&d.code))
    };
    let errors = outcome.diagnostics.iter().filter(counts).cloned();
    let missing = outcome
        .changes
        .iter()
        .filter(|c| c.kind == ChangeKind::Create || c.reason.code == Reason::Gone);
    errors
        .chain(missing.map(missing_here))
        .map(|diagnostic| Finding {
            diagnostic,
            certificate_id: None,
            at: now,
        })
        .collect()
}

/// What was never made may be new in the spec; what was there, somebody deleted.
fn missing_here(change: &Change) -> Diagnostic {
    let found = match change.reason.code {
        Reason::Gone => {
            let message = format!("it is declared, and {}", change.reason.message);
            Diagnostic::error(Code::Missing, message).blocks_nothing()
        }
        _ => Diagnostic::warning(Code::Missing, "it is declared, and there is no certificate"),
    };
    found
        .hint("`certctl plan` shows what is done about it; `certctl apply` does it")
        .address(&change.address)
}
