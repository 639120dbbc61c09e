//! Faults that a test queues, and that the server then puts in the way of requests.
//!
//! A fault counts the requests that it matches and strikes the `nth` of them, `times` times in a
//! row. Faults are not kept over a restart; what they have left behind is.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FaultKind {
    /// The server is down for `seconds` (1), from the moment after the request before the `nth`
    /// was answered. Real sockets only; in process the `nth` request is disrupted.
    RefuseConnection,
    /// The connection is reset, nothing happened.
    ResetBefore,
    /// It happened, then the connection is reset.
    ResetAfter,
    /// It happened, half of the response comes, then the connection ends.
    CutAfter,
    /// Nothing happened, no response for `seconds` (60), then a reset.
    TimeoutBefore,
    /// It happened, no response for `seconds` (60), then a reset.
    TimeoutAfter,
    /// The answer is `status` (500) with `headers` and `body`; it happened if `acts` (no).
    Status,
    /// 500 with an envelope, nothing happened.
    #[serde(rename = "500_before")]
    Error500Before,
    /// It happened, then 500 with an envelope.
    #[serde(rename = "500_after")]
    Error500After,
    /// 200 with `success: false`; it happened if `acts` (no).
    SuccessFalse,
    /// The right status with `result: null`; it happened if `acts` (yes).
    NullResult,
    /// A list that omits what is younger than `seconds` (5).
    ListLag,
    /// The connection is reset, and `seconds` (5) later it happens all the same.
    LateEffect,
    /// A create that issues something else: `days_off`, `wrong_fingerprint`, `not_a_ca`.
    OddCertificate,
}

/// A fault, and where it strikes. What does not matter to a kind is ignored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// Only requests of this method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Only requests whose path (without `/client/v4` and query) contains this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_contains: Option<String>,
    /// Only requests whose path ends with this: tells a create from an activation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_ends_with: Option<String>,
    /// The first of the matching requests that it strikes, counted from now.
    #[serde(default = "one")]
    pub nth: u32,
    /// How many in a row.
    #[serde(default = "one")]
    pub times: u32,
    /// How long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// For [`FaultKind::Status`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// For [`FaultKind::Status`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// For [`FaultKind::Status`]: a text as it is, anything else as JSON; none is an empty body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// Whether the request takes effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acts: Option<bool>,
    /// For [`FaultKind::OddCertificate`]: so many days more, or less.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub days_off: i32,
    /// For [`FaultKind::OddCertificate`]: the fingerprint told is of something else.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wrong_fingerprint: bool,
    /// For [`FaultKind::OddCertificate`]: a leaf is issued.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_a_ca: bool,
}

/// How an issued certificate differs from what was asked for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Oddity {
    pub(crate) days_off: i32,
    pub(crate) wrong_fingerprint: bool,
    pub(crate) not_a_ca: bool,
}

fn one() -> u32 {
    1
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes fields by reference"
)]
fn is_zero(number: &i32) -> bool {
    *number == 0
}

impl Fault {
    /// A fault of this kind that strikes the next request, whatever it is.
    #[must_use]
    pub fn new(kind: FaultKind) -> Self {
        Self {
            kind,
            method: None,
            path_contains: None,
            path_ends_with: None,
            nth: 1,
            times: 1,
            seconds: None,
            status: None,
            headers: BTreeMap::new(),
            body: None,
            acts: None,
            days_off: 0,
            wrong_fingerprint: false,
            not_a_ca: false,
        }
    }

    /// Whether the request is to take effect now.
    pub(crate) fn acts(&self) -> bool {
        let by_kind = match self.kind {
            FaultKind::RefuseConnection
            | FaultKind::ResetBefore
            | FaultKind::TimeoutBefore
            | FaultKind::Error500Before
            | FaultKind::LateEffect => return false,
            FaultKind::Status | FaultKind::SuccessFalse => false,
            FaultKind::ResetAfter
            | FaultKind::CutAfter
            | FaultKind::TimeoutAfter
            | FaultKind::Error500After
            | FaultKind::NullResult
            | FaultKind::ListLag
            | FaultKind::OddCertificate => true,
        };
        self.acts.unwrap_or(by_kind)
    }

    pub(crate) fn duration(&self) -> Duration {
        let by_kind = match self.kind {
            FaultKind::TimeoutBefore | FaultKind::TimeoutAfter => 60.0,
            FaultKind::RefuseConnection => 1.0,
            _ => 5.0,
        };
        Duration::try_from_secs_f64(self.seconds.unwrap_or(by_kind)).unwrap_or_default()
    }

    pub(crate) fn oddity(&self) -> Option<Oddity> {
        (self.kind == FaultKind::OddCertificate).then_some(Oddity {
            days_off: self.days_off,
            wrong_fingerprint: self.wrong_fingerprint,
            not_a_ca: self.not_a_ca,
        })
    }

    /// The word for its kind in JSON and in the journal.
    pub(crate) fn name(&self) -> String {
        let word = serde_json::to_value(self.kind).unwrap_or_default();
        word.as_str().unwrap_or_default().to_owned()
    }

    fn matches(&self, method: &str, path: &str) -> bool {
        self.method
            .as_deref()
            .is_none_or(|m| m.eq_ignore_ascii_case(method))
            && self
                .path_contains
                .as_deref()
                .is_none_or(|p| path.contains(p))
            && self
                .path_ends_with
                .as_deref()
                .is_none_or(|p| path.ends_with(p))
    }
}

/// What the queue has for one request.
#[derive(Debug, Default)]
pub(crate) struct Claim {
    /// Strikes this request.
    pub(crate) fault: Option<Fault>,
    /// The server is to go down for so long before this request is answered.
    pub(crate) then_refuse: Option<Duration>,
}

/// The faults to come.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    waiting: Vec<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    fault: Fault,
    seen: u32,
}

impl Queue {
    pub(crate) fn push(&mut self, fault: Fault) {
        self.waiting.push(Waiting { fault, seen: 0 });
    }

    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// Each waiting fault with how many matching requests it has seen.
    pub(crate) fn list(&self) -> Vec<(&Fault, u32)> {
        self.waiting.iter().map(|w| (&w.fault, w.seen)).collect()
    }

    /// Counts a request, and takes what strikes it: the oldest fault whose turn it is. Over real
    /// sockets (`connected`) a refusal cannot wait for the request that it refuses, so it comes
    /// with the one before.
    pub(crate) fn claim(&mut self, method: &str, path: &str, connected: bool) -> Claim {
        let mut claim = Claim::default();
        for waiting in &mut self.waiting {
            if !waiting.fault.matches(method, path) {
                continue;
            }
            waiting.seen += 1;
            if waiting.fault.kind == FaultKind::RefuseConnection && connected {
                if waiting.seen + 1 == waiting.fault.nth {
                    claim.then_refuse = Some(waiting.fault.duration());
                    waiting.seen = u32::MAX;
                }
            } else if waiting.seen >= waiting.fault.nth && claim.fault.is_none() {
                claim.fault = Some(waiting.fault.clone());
            }
        }
        self.waiting
            .retain(|w| w.seen < w.fault.nth.saturating_add(w.fault.times).saturating_sub(1));
        claim
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strikes(queue: &mut Queue, count: usize) -> Vec<bool> {
        (0..count)
            .map(|_| queue.claim("POST", "/x", false).fault.is_some())
            .collect()
    }

    #[test]
    fn it_strikes_the_nth_so_many_times_and_is_spent() {
        let mut queue = Queue::default();
        queue.push(Fault {
            nth: 3,
            times: 2,
            ..Fault::new(FaultKind::ResetBefore)
        });
        assert!(queue.claim("POST", "/x", false).fault.is_none());
        assert_eq!(strikes(&mut queue, 4), [false, true, true, false]);
        assert!(queue.list().is_empty());
    }

    #[test]
    fn it_counts_only_what_it_matches() {
        let mut queue = Queue::default();
        queue.push(Fault {
            method: Some("POST".to_owned()),
            path_ends_with: Some("/certificates".to_owned()),
            ..Fault::new(FaultKind::ResetBefore)
        });
        let mut claimed = |method, path| queue.claim(method, path, false).fault.is_some();
        assert!(!claimed("GET", "/gateway/certificates"));
        assert!(!claimed("POST", "/gateway/certificates/1/activate"));
        assert!(claimed("POST", "/gateway/certificates"));
    }

    #[test]
    fn over_sockets_a_refusal_comes_with_the_request_before() {
        let mut queue = Queue::default();
        queue.push(Fault {
            nth: 3,
            ..Fault::new(FaultKind::RefuseConnection)
        });
        assert!(queue.claim("GET", "/x", true).then_refuse.is_none());
        assert!(queue.claim("GET", "/x", true).then_refuse.is_some());
        assert!(queue.list().is_empty());
    }
}
