//! A fault: what goes wrong, and at which requests.
//!
//! It counts the requests that it matches and strikes the `nth` of them, `times` times in a row.

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
    /// A create that issues something else: `days_off`, `starts_later_days`, `wrong_fingerprint`,
    /// `not_a_ca`.
    OddCertificate,
    /// Everything is answered as if it had happened, and nothing happens.
    NoEffect,
    /// It happened, and the answer is about another certificate: the one that `id` names, or one
    /// that does not exist.
    WrongId,
    /// A problem document (RFC 9457) in place of an envelope, as Cloudflare's edge answers by itself:
    /// `status` (502), `seconds` as its `retry_after`, and whatever `body` adds; it happened if
    /// `acts` (no).
    Problem,
    /// Before the request is handled, somebody does `call` on the control plane. Nothing else is
    /// wrong with it, so another fault may strike it as well.
    Hand,
}

/// A call of the control plane.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlCall {
    /// The method.
    pub method: String,
    /// The path below `/sandbox`, with a leading slash.
    pub path: String,
    /// The body; null for none.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub body: Value,
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
    /// For [`FaultKind::OddCertificate`]: it becomes valid, and expires, so many days later.
    #[serde(default, skip_serializing_if = "none")]
    pub starts_later_days: u32,
    /// For [`FaultKind::OddCertificate`]: the fingerprint told is of something else.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wrong_fingerprint: bool,
    /// For [`FaultKind::OddCertificate`]: a leaf is issued.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_a_ca: bool,
    /// For [`FaultKind::WrongId`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// For [`FaultKind::Hand`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<ControlCall>,
}

/// How an issued certificate differs from what was asked for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Oddity {
    pub(crate) days_off: i32,
    pub(crate) starts_later_days: u32,
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

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes fields by reference"
)]
fn none(number: &u32) -> bool {
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
            starts_later_days: 0,
            wrong_fingerprint: false,
            not_a_ca: false,
            id: None,
            call: None,
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
            FaultKind::Status | FaultKind::SuccessFalse | FaultKind::Problem => false,
            FaultKind::ResetAfter
            | FaultKind::CutAfter
            | FaultKind::TimeoutAfter
            | FaultKind::Error500After
            | FaultKind::NullResult
            | FaultKind::ListLag
            | FaultKind::OddCertificate
            | FaultKind::NoEffect
            | FaultKind::WrongId
            | FaultKind::Hand => true,
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
            starts_later_days: self.starts_later_days,
            wrong_fingerprint: self.wrong_fingerprint,
            not_a_ca: self.not_a_ca,
        })
    }

    /// The word for its kind in JSON and in the journal.
    pub(crate) fn name(&self) -> String {
        let word = serde_json::to_value(self.kind).unwrap_or_default();
        word.as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn matches(&self, method: &str, path: &str) -> bool {
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
