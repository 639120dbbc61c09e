//! The account as its journal tells it, change by change: what the oracle judges each next change by.

use std::collections::BTreeMap;

use certctl_model::Timestamp;
use certctl_sandbox::{Cause, Effect, Entry};
use jiff::SignedDuration;

const AVAILABLE: &str = "available";

/// After how many days the validity of a certificate begins at the latest, less what it begins before.
const STARTS_LATER_DAYS: i64 = 29;

/// What is known of one certificate.
#[derive(Debug, Clone)]
pub(crate) struct Certificate {
    pub(crate) days: u32,
    /// Whether a request made it, and not a hand.
    pub(crate) ours: bool,
    /// Whether it is not what was asked for.
    pub(crate) odd: bool,
    /// Whether anything went wrong with the request that made it.
    pub(crate) faulty: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) status: String,
    pub(crate) since: Timestamp,
    /// When a request took Gateway away from it last.
    pub(crate) used_until: Option<Timestamp>,
    /// Since when it was available, and until when, each time.
    pub(crate) availability: Vec<(Timestamp, Option<Timestamp>)>,
}

impl Certificate {
    pub(crate) fn expires_on(&self) -> Timestamp {
        let valid = SignedDuration::from_hours(24 * i64::from(self.days));
        self.created_at.checked_add(valid).unwrap_or(Timestamp::MAX)
    }

    /// How long before its expiry nobody waits for devices any more: two days, or a tenth of its validity.
    pub(crate) fn resort(&self) -> SignedDuration {
        let tenth = SignedDuration::from_hours(24 * i64::from(self.days)) / 10;
        SignedDuration::from_hours(48).min(tenth)
    }

    fn turn(&mut self, to: String, at: Timestamp) {
        if self.is_available()
            && let Some((_, until)) = self.availability.last_mut()
        {
            *until = Some(at);
        }
        self.status = to;
        self.since = at;
        if self.is_available() {
            self.availability.push((at, None));
        }
    }

    fn was_available(&self, at: Timestamp) -> bool {
        let within = |(since, until): &(Timestamp, Option<Timestamp>)| {
            *since <= at && until.is_none_or(|until| at < until)
        };
        self.availability.iter().any(within)
    }

    pub(crate) fn is_available(&self) -> bool {
        self.status == AVAILABLE
    }

    /// Whether Gateway can serve with it, and browsers accept it. What begins later has begun by then; what
    /// is odd otherwise certctl never sets in use.
    pub(crate) fn is_sound(&self, at: Timestamp) -> bool {
        let later = SignedDuration::from_hours(24 * STARTS_LATER_DAYS);
        let odd = self.odd && at.duration_since(self.created_at) < later;
        self.is_available() && !odd && at < self.expires_on()
    }

    /// Since when it has been what it is, as far as soundness goes.
    pub(crate) fn sound_or_not_since(&self, at: Timestamp) -> Timestamp {
        if at >= self.expires_on() {
            self.since.max(self.expires_on())
        } else {
            self.since
        }
    }
}

/// The account at a moment.
#[derive(Debug, Default)]
pub(crate) struct Account {
    pub(crate) certificates: BTreeMap<String, Certificate>,
    pub(crate) in_use: Option<String>,
    pub(crate) in_use_since: Option<Timestamp>,
}

impl Account {
    pub(crate) fn used(&self) -> Option<&Certificate> {
        self.certificates.get(self.in_use.as_ref()?)
    }

    /// Whether a certificate that is there now was available at a moment.
    pub(crate) fn was_available(&self, id: &str, at: Timestamp) -> bool {
        let certificate = self.certificates.get(id);
        certificate.is_some_and(|certificate| certificate.was_available(at))
    }

    /// Takes over a change.
    pub(crate) fn see(&mut self, entry: &Entry, effect: &Effect) {
        let id = effect.certificate_id.clone().unwrap_or_default();
        let to = effect.to.clone().unwrap_or_default();
        match effect.effect.as_str() {
            "created" | "seeded" => {
                let days = effect.days.unwrap_or_default();
                // One of another validity than was asked is as good as any.
                let odd =
                    entry.fault.as_deref() == Some("odd_certificate") && days.is_multiple_of(10);
                let certificate = Certificate {
                    days,
                    ours: effect.effect == "created",
                    odd,
                    faulty: entry.fault.is_some(),
                    created_at: effect.at,
                    status: to,
                    since: effect.at,
                    used_until: None,
                    availability: Vec::new(),
                };
                self.certificates.insert(id, certificate);
            }
            "status" => {
                if let Some(certificate) = self.certificates.get_mut(&id) {
                    certificate.turn(to, effect.at);
                }
            }
            "deleted" => drop(self.certificates.remove(&id)),
            "in_use" => {
                let from = self.in_use.take();
                let from = from.and_then(|from| self.certificates.get_mut(&from));
                if let Some(from) = from.filter(|_| entry.cause == Cause::Request) {
                    from.used_until = Some(effect.at);
                }
                self.in_use = effect.to.clone();
                self.in_use_since = Some(effect.at);
            }
            _ => {}
        }
    }
}
