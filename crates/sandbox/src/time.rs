//! How the passing of time changes an account.
//!
//! Nothing runs in the background: whoever looks at an account first lets it catch up
//! ([`catch_up`]), event by event and each at its own time. So a clock that leaps over a year ends
//! where one that ticked through it would.

use jiff::{SignedDuration, Timestamp};

use crate::account::Account;
use crate::certificate::{AVAILABLE, INACTIVE, PENDING_DELETION, PENDING_DEPLOYMENT};
use crate::journal::{Effect, Interception};
use crate::operation::{Operation, Rules};
use crate::route;

enum Event {
    Settles(String),
    Late(usize),
    Expires,
}

/// Lets everything happen that is due by now, in the order of time. What happened is left in the
/// effects of the returned operation.
pub(crate) fn catch_up(
    account_id: &str,
    account: &mut Account,
    now: Timestamp,
    rules: &Rules,
) -> Vec<Effect> {
    let mut effects = Vec::new();
    while let Some((at, event)) = next_event(account, now) {
        let mut operation = Operation::new(account_id, account, at, rules);
        match event {
            Event::Settles(id) => deployed(&mut operation, &id),
            Event::Late(index) => {
                let late = operation.account.late.remove(index);
                // Whoever asked is gone, so a refusal reaches nobody.
                let _unheard = route::dispatch(&mut operation, &late.call);
            }
            Event::Expires => {}
        }
        operation.observe_interception();
        effects.append(&mut operation.effects);
    }
    let earliest = now
        .checked_sub(SignedDuration::from_hours(24))
        .unwrap_or(now);
    account.creations.retain(|at| *at > earliest);
    effects
}

/// The first that is due by now.
fn next_event(account: &Account, now: Timestamp) -> Option<(Timestamp, Event)> {
    let deployments = account
        .certificates
        .iter()
        .filter_map(|c| Some((c.settles_at?, Event::Settles(c.id.clone()))));
    let late = account
        .late
        .iter()
        .enumerate()
        .map(|(index, late)| (late.due, Event::Late(index)));
    let expiry = account
        .in_use()
        .filter(|_| account.interception == Interception::Working)
        .and_then(|id| account.find(id))
        .map(|c| (c.expires_on, Event::Expires));
    deployments
        .chain(late)
        .chain(expiry)
        .filter(|(at, _)| *at <= now)
        .min_by_key(|(at, _)| *at)
}

/// A status becomes what it was to become, or was pending for.
fn deployed(operation: &mut Operation<'_>, id: &str) {
    let Some(certificate) = operation.account.find_mut(id) else {
        return;
    };
    certificate.settles_at = None;
    let to = match (certificate.settles_to.take(), certificate.status.as_str()) {
        (Some(to), _) => to,
        (None, PENDING_DEPLOYMENT) => AVAILABLE.to_owned(),
        (None, PENDING_DELETION) => INACTIVE.to_owned(),
        _ => return,
    };
    operation.set_status(id, &to, None);
}
