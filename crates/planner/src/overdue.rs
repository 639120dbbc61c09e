//! Steps that have been due for so long that the run which should do them may have died.
//!
//! A plan has no memory, so what is due now says nothing of how long it has been. For the steps of a
//! rotation that can be told from what is known: since when the successor has been available, the old
//! one retiring, the expiry within `renew_before`. Of all others nothing is said.

use certctl_model::{Binding, Code, Diagnostic, Entry, Period, Role, Timestamp};
use certctl_spec::{Certificate, Rotation};

use crate::expiry::Finding;
use crate::lanes::take_down::kept_until;
use certctl_plan::{AccountInput, AccountOutcome, Action, Change, ChangeKind, Step};

/// How long a step may be due before somebody should look: a daily run that was late once is no
/// finding.
const TOLERATED: Period = Period::DAY;

/// The steps of a planned account that have been due for more than a day, in the order of its addresses.
#[must_use]
pub fn overdue(input: &AccountInput<'_>, outcome: &AccountOutcome, now: Timestamp) -> Vec<Finding> {
    let due = |change: &Change| {
        let steps = change.steps.iter().filter(|step| step.due);
        let since = |step: &Step| Some((step.clone(), due_since(input, change, step)?));
        let found: Vec<Finding> = steps
            .filter_map(since)
            .filter(|(_, since)| Period::between(*since, now) > TOLERATED)
            .map(|(step, since)| finding(change, &step, since))
            .collect();
        found
    };
    outcome.changes.iter().flat_map(due).collect()
}

fn finding(change: &Change, step: &Step, since: Timestamp) -> Finding {
    let what = match (step.action(), step.certificate_id()) {
        (Action::Create, _) => "the renewal".to_owned(),
        (action, Some(id)) => format!("`{}` of {id}", action.as_str()),
        (action, None) => format!("`{}`", action.as_str()),
    };
    let message =
        format!("{what} has been due since {since}; the run that should do it may have died");
    Finding {
        diagnostic: Diagnostic::warning(Code::Overdue, message)
            .hint(
                "look at the schedule that runs `certctl apply`; `certctl plan` shows what is due",
            )
            .address(&change.address),
        certificate_id: step.certificate_id().cloned(),
        at: since,
    }
}

/// Since when a due step has been due, where that can be told.
fn due_since(input: &AccountInput<'_>, change: &Change, step: &Step) -> Option<Timestamp> {
    let name = &change.address.certificate;
    let entry = input.state?.certificates.get(name)?;
    let declared = input.account.certificate(name);
    let bound = |role| {
        let is_it = |b: &&Binding| step.certificate_id() == Some(&b.id) && b.role == role;
        entry.bindings.iter().find(is_it)
    };
    match step.action() {
        Action::SetInUse => {
            let since = bound(Role::Successor)?.available_since?;
            let rotation = &declared?.rotation;
            // When enough devices had been seen, nobody remembers.
            let measured = rotation.trust_evidence.is_some();
            (!measured).then(|| rotation.trust_period.after(since))
        }
        Action::Deactivate | Action::Delete => {
            let kept = entry.retire_after;
            let retire_after = declared.map_or_else(
                || kept.unwrap_or(Rotation::default().retire_after),
                |declared| declared.rotation.retire_after,
            );
            kept_until(bound(Role::Retiring)?, retire_after)
        }
        Action::Create if change.kind == ChangeKind::Renew => renewal(input, declared?, entry),
        _ => None,
    }
}

fn renewal(input: &AccountInput<'_>, declared: &Certificate, entry: &Entry) -> Option<Timestamp> {
    let current = entry.with_role(Role::Current)?;
    let observed = input.observed.ok()?;
    let expires = observed.certificate(&current.id)?.expires()?;
    // A certificate that was bound within its renewal period was not due before.
    let due = declared.rotation.renew_before?.before(expires);
    Some(due.max(current.bound_at))
}
