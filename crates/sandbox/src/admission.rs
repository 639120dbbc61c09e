//! May a request pass: are there credentials, and is there rate left?
//!
//! Any credential will do. It is kept only as a digest, to count its requests.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::wire::Refusal;

/// Requests are counted over five minutes, and too many block for five.
const WINDOW: SignedDuration = SignedDuration::from_mins(5);
/// What the API says its limit is.
const DOCUMENTED_LIMIT: u32 = 1200;

/// Counts the requests of each credential.
#[derive(Debug)]
pub(crate) struct Admission {
    limit: Option<u32>,
    windows: Mutex<HashMap<Vec<u8>, Window>>,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    since: Timestamp,
    count: u32,
    blocked: bool,
}

/// What the headers of a response say about the rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    pub(crate) seconds: i64,
}

impl Admission {
    pub(crate) fn new(limit: Option<u32>) -> Self {
        Self {
            limit,
            windows: Mutex::default(),
        }
    }

    /// Counts a request. Without a limit the rate is always full.
    pub(crate) fn admit(&self, headers: &HeaderMap, now: Timestamp) -> (Result<(), Refusal>, Rate) {
        let full = Rate {
            limit: self.limit.unwrap_or(DOCUMENTED_LIMIT),
            remaining: self.limit.unwrap_or(DOCUMENTED_LIMIT),
            seconds: WINDOW.as_secs(),
        };
        let credential = match credential(headers) {
            Ok(credential) => credential,
            Err(refusal) => return (Err(refusal), full),
        };
        let Some(limit) = self.limit else {
            return (Ok(()), full);
        };
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = Window {
            since: now,
            count: 0,
            blocked: false,
        };
        let window = windows.entry(credential).or_insert(fresh);
        if now.duration_since(window.since) >= WINDOW || now < window.since {
            *window = fresh;
        }
        window.count = window.count.saturating_add(1);
        if window.count > limit && !window.blocked {
            *window = Window {
                since: now,
                blocked: true,
                ..*window
            };
        }
        let left = WINDOW - now.duration_since(window.since);
        let rate = Rate {
            limit,
            remaining: limit.saturating_sub(window.count),
            seconds: left.as_secs() + i64::from(left.subsec_nanos() > 0),
        };
        if window.blocked {
            let seconds = u64::try_from(rate.seconds).unwrap_or_default();
            return (Err(Refusal::throttled(seconds)), rate);
        }
        (Ok(()), rate)
    }
}

/// A digest of the credential.
fn credential(headers: &HeaderMap) -> Result<Vec<u8>, Refusal> {
    let text = |name: &str| {
        headers
            .get(name)
            .map(|value| value.as_bytes())
            .filter(|value| !value.is_empty())
    };
    if let Some(value) = text("authorization") {
        let token = value
            .strip_prefix(b"Bearer ")
            .filter(|token| !token.trim_ascii().is_empty());
        return match token {
            Some(token) => Ok(Sha256::digest(token).to_vec()),
            None => Err(Refusal::malformed_credentials()),
        };
    }
    match (text("x-auth-email"), text("x-auth-key")) {
        (Some(email), Some(key)) => Ok(Sha256::digest([email, b":", key].concat()).to_vec()),
        _ => Err(Refusal::unauthenticated()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(
            axum::http::HeaderName::from_static(name),
            value.parse().unwrap(),
        )])
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    #[test]
    fn a_credential_must_be_there() {
        let gate = Admission::new(None);
        let code = |headers| {
            gate.admit(&headers, at(0))
                .0
                .map_err(|refusal| refusal.code)
        };
        assert_eq!(code(HeaderMap::new()), Err(9106));
        assert_eq!(code(with("authorization", "Basic abc")), Err(6003));
        assert_eq!(code(with("x-auth-email", "a@example.com")), Err(9106));
        assert_eq!(code(with("authorization", "Bearer t")), Ok(()));
    }

    #[test]
    fn too_many_requests_block_for_five_minutes() {
        let gate = Admission::new(Some(2));
        let token = with("authorization", "Bearer t");
        let status = |seconds| gate.admit(&token, at(seconds)).0.map_err(|r| r.retry_after);
        assert_eq!(status(0), Ok(()));
        assert_eq!(status(10), Ok(()));
        assert_eq!(status(20), Err(Some(300)));
        assert_eq!(status(310), Err(Some(10)));
        assert_eq!(status(320), Ok(()));
        let other = with("authorization", "Bearer u");
        assert!(gate.admit(&other, at(20)).0.is_ok());
    }
}
