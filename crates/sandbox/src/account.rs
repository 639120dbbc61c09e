//! What an account holds, and how the passing of time changes it.
//!
//! Nothing runs in the background: whoever looks at an account first lets it catch up
//! ([`catch_up`]), event by event and each at its own time. So a clock that leaps over a year ends
//! where one that ticked through it would.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::certificate::{
    AVAILABLE, Certificate, INACTIVE, NIL_ID, PENDING_DELETION, PENDING_DEPLOYMENT,
};
use crate::journal::Interception;
use crate::route::Call;
use crate::turn::{Rules, Turn};

/// An account: a lazily made, at first empty one for every valid id.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Account {
    /// In the order of their creation.
    pub(crate) certificates: Vec<Certificate>,
    /// The blocks of the Gateway configuration that were ever set.
    pub(crate) settings: Map<String, Value>,
    pub(crate) settings_created_at: Option<Timestamp>,
    pub(crate) settings_updated_at: Option<Timestamp>,
    /// Creations of the last 24 hours, which deleting does not give back.
    pub(crate) creations: Vec<Timestamp>,
    /// The number in the name of the CA that was issued last.
    pub(crate) generation: u32,
    /// Calls whose client has long been dropped, and whose effect is still to come.
    pub(crate) late: Vec<LateCall>,
    /// How interception stood when it was last looked at.
    pub(crate) interception: Interception,
}

/// A call that takes effect later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LateCall {
    pub(crate) due: Timestamp,
    pub(crate) call: Call,
}

impl Account {
    pub(crate) fn find(&self, id: &str) -> Option<&Certificate> {
        self.certificates.iter().find(|c| c.id == id)
    }

    pub(crate) fn find_mut(&mut self, id: &str) -> Option<&mut Certificate> {
        self.certificates.iter_mut().find(|c| c.id == id)
    }

    /// The id that the configuration names: by the block of today, else by the deprecated one.
    /// It may be the nil UUID.
    pub(crate) fn configured_id(&self) -> Option<&str> {
        let named = |block: &str| self.settings.get(block)?.get("id")?.as_str();
        let legacy = self.settings.get("custom_certificate");
        let legacy_enabled =
            legacy.and_then(|block| block.get("enabled")) == Some(&Value::Bool(true));
        named("certificate").or_else(|| named("custom_certificate").filter(|_| legacy_enabled))
    }

    /// The certificate in use.
    pub(crate) fn in_use(&self) -> Option<&str> {
        self.configured_id().filter(|id| *id != NIL_ID)
    }

    pub(crate) fn is_in_use(&self, id: &str) -> bool {
        self.in_use() == Some(id)
    }

    /// Whether Gateway can intercept at this moment.
    pub(crate) fn interception_at(&self, now: Timestamp) -> Interception {
        match self.configured_id() {
            None => Interception::Unset,
            Some(NIL_ID) => Interception::Nil,
            Some(id) => match self.find(id) {
                None => Interception::Missing,
                Some(found) if !found.is(AVAILABLE) => Interception::NotAvailable,
                Some(found) if found.expires_on <= now => Interception::Expired,
                Some(_) => Interception::Working,
            },
        }
    }

    /// How many creations count against the quota.
    pub(crate) fn recent_creations(&self, now: Timestamp) -> usize {
        let day = SignedDuration::from_hours(24);
        self.creations
            .iter()
            .filter(|at| now.duration_since(**at) < day)
            .count()
    }

    fn next_event(&self, now: Timestamp) -> Option<(Timestamp, Event)> {
        let deployments = self
            .certificates
            .iter()
            .filter_map(|c| Some((c.settles_at?, Event::Settles(c.id.clone()))));
        let late = self
            .late
            .iter()
            .enumerate()
            .map(|(index, late)| (late.due, Event::Late(index)));
        let expiry = self
            .in_use()
            .filter(|_| self.interception == Interception::Working)
            .and_then(|id| self.find(id))
            .map(|c| (c.expires_on, Event::Expires));
        deployments
            .chain(late)
            .chain(expiry)
            .filter(|(at, _)| *at <= now)
            .min_by_key(|(at, _)| *at)
    }
}

enum Event {
    Settles(String),
    Late(usize),
    Expires,
}

/// Lets everything happen that is due by now, in the order of time. What happened is left in the
/// effects of the returned turn's journal.
pub(crate) fn catch_up(
    account_id: &str,
    account: &mut Account,
    now: Timestamp,
    rules: &Rules,
) -> Vec<crate::journal::Effect> {
    let mut effects = Vec::new();
    while let Some((at, event)) = account.next_event(now) {
        let mut turn = Turn::new(account_id, account, at, rules);
        match event {
            Event::Settles(id) => settle(&mut turn, &id),
            Event::Late(index) => {
                let late = turn.account.late.remove(index);
                // Whoever asked is gone, so a refusal reaches nobody.
                let _unheard = crate::route::dispatch(&mut turn, &late.call);
            }
            Event::Expires => {}
        }
        turn.observe_interception();
        effects.append(&mut turn.effects);
    }
    let earliest = now
        .checked_sub(SignedDuration::from_hours(24))
        .unwrap_or(now);
    account.creations.retain(|at| *at > earliest);
    effects
}

/// A pending status becomes what it was pending for.
fn settle(turn: &mut Turn<'_>, id: &str) {
    let Some(certificate) = turn.account.find_mut(id) else {
        return;
    };
    certificate.settles_at = None;
    let to = match certificate.status.as_str() {
        PENDING_DEPLOYMENT => AVAILABLE,
        PENDING_DELETION => INACTIVE,
        _ => return,
    };
    turn.set_status(id, to, None);
}
