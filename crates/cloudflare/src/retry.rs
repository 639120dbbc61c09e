//! Which requests are repeated, and when. The rule, whole:
//!
//! **Writes are never repeated by the client.** Not by the HTTP library either. Whoever called looks
//! for the effect first (law 1).
//!
//! **Reads are repeated** after
//! - a transport fault: not connected, reset, timed out, cut off;
//! - HTTP 408, 425, 429 and every 5xx, whatever their body;
//! - an answer that is no answer: HTML, empty, null or cut JSON, a result of the wrong type;
//! - `success: false` inside of a 2xx, which contradicts itself, and the transient codes 971
//!   ("consider throttling") and 10001 when it says "internal error", with any status;
//! - HTTP 403, once, after about a second: a new token needs a moment until it works everywhere.
//!
//! **Reads are not repeated** after any other well-formed refusal (one for its credentials is final
//! in a 2xx, too), nor after what only a person can mend: a redirect, a 401 without an envelope, an
//! unknown TLS issuer, no trust store, an oversized body. Those are the faults that have a hint.
//!
//! **Between two attempts** pass `retry-after` if the API gave one, else a random time between 0 and
//! 250 ms, doubling with each attempt up to 10 s (exponential backoff with full jitter). There are
//! at most `read_attempts` attempts, and at most `patience` is waited in sum: when the next wait
//! would go beyond, the read ends with what it has.

use std::time::Duration;

use crate::error::RefusalKind;
use crate::exchange::Fault;

const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(10);

/// The memory of one read's attempts.
#[derive(Debug)]
pub(crate) struct Retry {
    left: u32,
    patience: Duration,
    made: u32,
    forbidden: bool,
}

impl Retry {
    /// A read that may be tried so often (at least once), with so much waiting in between.
    pub(crate) fn new(attempts: u32, patience: Duration) -> Self {
        Self {
            left: attempts.saturating_sub(1),
            patience,
            made: 0,
            forbidden: false,
        }
    }

    /// How long to wait before the next attempt; none when there is to be none.
    pub(crate) fn after(&mut self, fault: &Fault) -> Option<Duration> {
        let again = self.judge(fault)?;
        self.left = self.left.checked_sub(1)?;
        let wait = match (fault.retry_after(), again) {
            (Some(asked), _) => asked,
            (None, Again::Moment) => Duration::from_secs(1) + jitter(FIRST),
            (None, Again::Backoff) => jitter(backoff(self.made)),
        };
        self.made += 1;
        self.patience = self.patience.checked_sub(wait)?;
        Some(wait)
    }

    fn judge(&mut self, fault: &Fault) -> Option<Again> {
        let refusal = match fault {
            Fault::NotSent(failure) | Fault::Lost(failure) | Fault::Garbled(failure) => {
                return failure.hint.is_none().then_some(Again::Backoff);
            }
            Fault::Refused(refusal) => refusal,
        };
        let transient = matches!(refusal.status, 408 | 425 | 429 | 500..)
            || refusal.has(&[971])
            || refusal.is_internal();
        if transient {
            return Some(Again::Backoff);
        }
        match refusal.status {
            403 if !self.forbidden => {
                self.forbidden = true;
                Some(Again::Moment)
            }
            200..=299 if refusal.kind() != RefusalKind::Authentication => Some(Again::Backoff),
            _ => None,
        }
    }
}

enum Again {
    Backoff,
    Moment,
}

/// The longest wait before the attempt that follows so many repetitions.
fn backoff(made: u32) -> Duration {
    FIRST.saturating_mul(2u32.saturating_pow(made)).min(LONGEST)
}

fn jitter(longest: Duration) -> Duration {
    longest.mul_f64(fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{ApiMessage, Failure, Refusal};

    fn failure(status: Option<u16>, hint: Option<&str>) -> Failure {
        Failure {
            request: "GET /".to_owned(),
            what: "x".to_owned(),
            status,
            ray: None,
            retry_after: None,
            hint: hint.map(str::to_owned),
        }
    }

    fn refused(status: u16, code: i64, message: &str, retry_after: Option<u64>) -> Fault {
        Fault::Refused(Refusal {
            status,
            errors: vec![ApiMessage {
                code,
                message: message.to_owned(),
                documentation_url: None,
                pointer: None,
            }],
            request: "GET /".to_owned(),
            ray: None,
            retry_after: retry_after.map(Duration::from_secs),
        })
    }

    fn repeats(fault: &Fault) -> usize {
        let mut retry = Retry::new(5, Duration::from_secs(300));
        std::iter::from_fn(|| retry.after(fault)).count()
    }

    #[test]
    fn each_line_of_the_rule() {
        for (fault, times) in [
            (Fault::NotSent(failure(None, None)), 4),
            (Fault::Lost(failure(None, None)), 4),
            (Fault::Garbled(failure(Some(200), None)), 4),
            (Fault::Garbled(failure(Some(429), None)), 4),
            (Fault::Garbled(failure(Some(502), None)), 4),
            (Fault::Garbled(failure(Some(404), None)), 4),
            (Fault::Garbled(failure(Some(401), Some("token"))), 0),
            (Fault::Garbled(failure(Some(302), Some("redirect"))), 0),
            (Fault::NotSent(failure(None, Some("--ca-bundle"))), 0),
            (Fault::Lost(failure(None, Some("oversized"))), 0),
            (refused(408, 1, "", None), 4),
            (refused(425, 1, "", None), 4),
            (refused(429, 1, "", None), 4),
            (refused(500, 1, "", None), 4),
            (refused(503, 10000, "", None), 4),
            (refused(200, 971, "Please wait", None), 4),
            (refused(400, 971, "Please wait", None), 4),
            (refused(403, 10001, "Internal error", None), 4),
            (refused(200, 1000, "", None), 4),
            (refused(200, 10000, "Authentication error", None), 0),
            (refused(403, 10001, "Method not allowed for token", None), 1),
            (refused(403, 10000, "Authentication error", None), 1),
            (refused(401, 10000, "", None), 0),
            (refused(400, 7003, "", None), 0),
            (refused(404, 2027, "", None), 0),
            (refused(422, 1, "", None), 0),
        ] {
            assert_eq!(repeats(&fault), times, "{fault:?}");
        }
    }

    #[test]
    fn waits_grow_are_jittered_and_stay_below_ten_seconds() {
        let fault = Fault::Lost(failure(None, None));
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..50 {
            let mut retry = Retry::new(12, Duration::from_secs(300));
            for n in 0..11 {
                let wait = retry.after(&fault).unwrap();
                assert!(wait <= backoff(n), "{n}: {wait:?}");
                seen.insert(wait);
            }
            assert_eq!(retry.after(&fault), None);
        }
        assert!(seen.len() > 400);
        assert_eq!(backoff(0), Duration::from_millis(250));
        assert_eq!(backoff(3), Duration::from_secs(2));
        assert_eq!(backoff(40), LONGEST);
    }

    #[test]
    fn a_403_waits_about_a_second() {
        let mut retry = Retry::new(5, Duration::from_secs(300));
        let wait = retry.after(&refused(403, 9, "", None)).unwrap();
        assert!((1_000..=1_250).contains(&wait.as_millis()));
    }

    #[test]
    fn retry_after_is_honoured_within_patience() {
        let mut retry = Retry::new(5, Duration::from_secs(300));
        let wait = |retry: &mut Retry, s| retry.after(&refused(429, 1, "", Some(s)));
        assert_eq!(wait(&mut retry, 30), Some(Duration::from_secs(30)));
        assert_eq!(wait(&mut retry, 270), Some(Duration::from_secs(270)));
        assert_eq!(wait(&mut retry, 1), None);
        let mut retry = Retry::new(5, Duration::from_secs(300));
        assert_eq!(wait(&mut retry, 3_600), None);
    }

    #[test]
    fn one_attempt_is_the_least() {
        for attempts in [0, 1] {
            let mut retry = Retry::new(attempts, Duration::from_secs(300));
            assert_eq!(retry.after(&Fault::Lost(failure(None, None))), None);
        }
    }
}
