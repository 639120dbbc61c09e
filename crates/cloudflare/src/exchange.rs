//! One request and what came of it, before anybody decides whether to repeat it.
//!
//! *Purpose*: the three ways in which an exchange fails, kept apart because they mean different
//! things to a write: it never left, it was refused in so many words, or nobody knows.

use std::time::Duration;

use certctl_model::Timestamp;
use http::{HeaderMap, StatusCode, header};
use serde_json::Value;

use crate::envelope::{Envelope, Malformed};
use crate::error::{Failure, ReadError, Refusal, WriteError};
use crate::problem::Problem;
use crate::transport::TransportError;

/// A path as it is logged and shown: without the cursor, which may name what stood on the page before.
pub(crate) fn shown(path: &str) -> &str {
    path.split_once("cursor=")
        .map_or(path, |(before, _)| before)
}

/// An answer that says yes.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) date: Option<Timestamp>,
    pub(crate) audit_log_id: Option<String>,
    pub(crate) result: Value,
    pub(crate) result_info: Value,
    failure: Failure,
}

impl Reply {
    /// The fault that this reply is when its result is not what it has to be.
    pub(crate) fn garbled(self, why: &Malformed) -> Fault {
        Fault::Garbled(Failure {
            what: why.to_string(),
            ..self.failure
        })
    }
}

/// Why an exchange gave no result.
#[derive(Debug)]
pub(crate) enum Fault {
    /// It certainly never left.
    NotSent(Failure),
    /// It may have left, and no complete response came back.
    Lost(Failure),
    /// A response came back that is no answer.
    Garbled(Failure),
    /// A well-formed "no", with whatever status.
    Refused(Refusal),
}

impl Fault {
    /// Of a request that was never even built.
    pub(crate) fn not_sent(request: &str, what: String, hint: Option<&str>) -> Self {
        Self::NotSent(Failure {
            hint: hint.map(str::to_owned),
            ..blank(request, what)
        })
    }

    /// Of the transport.
    pub(crate) fn transport(request: &str, error: TransportError) -> Self {
        let failure = Failure {
            hint: error.hint,
            ..blank(request, error.message)
        };
        if error.sent {
            Self::Lost(failure)
        } else {
            Self::NotSent(failure)
        }
    }

    /// How long the API asked to wait.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::NotSent(failure) | Self::Lost(failure) | Self::Garbled(failure) => {
                failure.retry_after
            }
            Self::Refused(refusal) => refusal.retry_after,
        }
    }

    /// The HTTP status, if there was one.
    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::NotSent(failure) | Self::Lost(failure) | Self::Garbled(failure) => failure.status,
            Self::Refused(refusal) => Some(refusal.status),
        }
    }
}

impl From<Fault> for ReadError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(refusal) => Self::Refused(refusal),
            Fault::NotSent(failure) | Fault::Lost(failure) | Fault::Garbled(failure) => {
                Self::Failed(failure)
            }
        }
    }
}

impl From<Fault> for WriteError {
    /// The one place that decides whether a write certainly had no effect.
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::NotSent(failure) => Self::NotSent(failure),
            Fault::Refused(refusal)
                if matches!(refusal.status, 400..=499)
                    && refusal.status != 408
                    && !refusal.is_internal() =>
            {
                Self::Refused(refusal)
            }
            Fault::Refused(refusal) => Self::Unknown(Failure::from(refusal)),
            Fault::Lost(failure) | Fault::Garbled(failure) => Self::Unknown(failure),
        }
    }
}

/// Makes sense of a complete response.
pub(crate) fn read(request: &str, response: &http::Response<bytes::Bytes>) -> Result<Reply, Fault> {
    let headers = response.headers();
    let status = response.status();
    let failure = Failure {
        status: Some(status.as_u16()),
        ray: header(headers, "cf-ray"),
        retry_after: retry_after(headers),
        ..blank(request, String::new())
    };
    match Envelope::parse(response.body()) {
        Ok(Envelope::Success {
            result,
            result_info,
        }) if status.is_success() => Ok(Reply {
            status: status.as_u16(),
            date: date(headers, header::DATE.as_str()),
            audit_log_id: header(headers, "cf-auditlog-id"),
            result,
            result_info,
            failure,
        }),
        Ok(Envelope::Refused(errors)) => Err(Fault::Refused(Refusal {
            status: status.as_u16(),
            errors,
            request: failure.request,
            ray: failure.ray,
            retry_after: failure.retry_after,
        })),
        Ok(Envelope::Success { .. }) => Err(garbled(failure, status, "it says success: true")),
        Err(why) => Err(match Problem::parse(response.body()) {
            Some(problem) => troubled(failure, status, problem),
            None => garbled(failure, status, &why.to_string()),
        }),
    }
}

/// The answer of something in between, which says what its trouble is.
fn troubled(failure: Failure, status: StatusCode, problem: Problem) -> Fault {
    let hint = problem.is_final.then(|| {
        "something between here and the API refuses this request, and says that a repeat is of no \
         use; look up its code, and ask whoever runs that network"
            .to_owned()
    });
    Fault::Garbled(Failure {
        what: format!("HTTP {}: {}", status.as_u16(), problem.what),
        ray: failure.ray.clone().or(problem.ray),
        retry_after: failure.retry_after.or(problem.retry_after),
        hint,
        ..failure
    })
}

fn garbled(failure: Failure, status: StatusCode, why: &str) -> Fault {
    let (what, hint) = if status.is_success() {
        (why.to_owned(), None)
    } else if status.is_redirection() {
        (
            format!(
                "HTTP {}, a redirect, which is not followed",
                status.as_u16()
            ),
            Some("check CLOUDFLARE_BASE_URL, and whether a portal stands between"),
        )
    } else {
        let name = status.canonical_reason().unwrap_or("unknown status");
        let denied = status == StatusCode::UNAUTHORIZED;
        (
            format!("HTTP {} ({name}): {why}", status.as_u16()),
            denied.then_some("check the API token, and CLOUDFLARE_BASE_URL"),
        )
    };
    Fault::Garbled(Failure {
        what,
        hint: hint.map(str::to_owned),
        ..failure
    })
}

fn blank(request: &str, what: String) -> Failure {
    Failure {
        request: request.to_owned(),
        what,
        status: None,
        ray: None,
        retry_after: None,
        hint: None,
    }
}

/// A header as text, if it is one of reasonable length.
pub(crate) fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    (!text.is_empty() && text.len() <= 200).then(|| text.to_owned())
}

/// A date in HTTP's own format.
fn date(headers: &HeaderMap, name: &str) -> Option<Timestamp> {
    let text = header(headers, name)?;
    jiff::fmt::rfc2822::DateTimeParser::new()
        .parse_timestamp(&text)
        .ok()
}

/// `retry-after`: seconds, or a date, which is read against the response's own `date` so that this
/// machine's clock does not matter.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let name = header::RETRY_AFTER.as_str();
    if let Ok(seconds) = header(headers, name)?.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let wait = date(headers, name)?.duration_since(date(headers, header::DATE.as_str())?);
    Some(Duration::try_from(wait).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> http::Response<bytes::Bytes> {
        let mut response = http::Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        response
            .body(bytes::Bytes::copy_from_slice(body.as_bytes()))
            .unwrap()
    }

    #[test]
    fn a_yes_needs_both_the_status_and_the_envelope() {
        let yes = r#"{"success":true,"result":null}"#;
        for status in [200, 201, 202] {
            assert_eq!(
                read("GET /", &answer(status, &[], yes)).unwrap().status,
                status
            );
        }
        for (status, body, what) in [
            (
                500,
                yes,
                "HTTP 500 (Internal Server Error): it says success: true",
            ),
            (404, yes, "HTTP 404 (Not Found): it says success: true"),
            (302, "", "HTTP 302, a redirect, which is not followed"),
            (204, "", "the response is empty"),
            (
                429,
                "",
                "HTTP 429 (Too Many Requests): the response is empty",
            ),
            (
                522,
                "<html>",
                "HTTP 522 (unknown status): the response is HTML instead of JSON",
            ),
        ] {
            match read("GET /", &answer(status, &[], body)) {
                Err(Fault::Garbled(failure)) => assert_eq!(failure.what, what),
                other => panic!("{status}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_problem_document_is_no_answer_and_says_why() {
        let body = r#"{"title":"Error 502: Bad gateway","detail":"The origin failed.","status":502,
            "ray_id":"8f-FRA","retryable":true,"retry_after":60}"#;
        let Err(Fault::Garbled(failure)) = read("POST /", &answer(502, &[], body)) else {
            panic!("an answer");
        };
        assert_eq!(
            failure.what,
            "HTTP 502: Error 502: Bad gateway: The origin failed."
        );
        assert_eq!(failure.ray.as_deref(), Some("8f-FRA"));
        assert_eq!(failure.retry_after, Some(Duration::from_secs(60)));
        assert_eq!(failure.hint, None);
        let banned = r#"{"title":"Error 1020","error_code":1020,"retryable":false}"#;
        let fault = read("GET /", &answer(403, &[], banned)).unwrap_err();
        let mut retry = crate::retry::Retry::new(5, Duration::from_secs(300));
        assert_eq!(retry.after(&fault), None, "a repeat is of no use");
    }

    #[test]
    fn a_refusal_is_one_with_any_status() {
        let no = r#"{"success":false,"errors":[{"code":971,"message":"wait"}]}"#;
        for status in [200, 400, 500] {
            let response = answer(status, &[("retry-after", "7"), ("cf-ray", "abc-FRA")], no);
            let Err(Fault::Refused(refusal)) = read("GET /", &response) else {
                panic!("{status}");
            };
            assert_eq!(refusal.status, status);
            assert_eq!(refusal.ray.as_deref(), Some("abc-FRA"));
            assert_eq!(refusal.retry_after, Some(Duration::from_secs(7)));
        }
    }

    #[test]
    fn headers_are_read_or_absent() {
        let date = ("date", "Mon, 23 Nov 2026 00:00:00 GMT");
        let body = r#"{"success":true}"#;
        let reply = read(
            "GET /",
            &answer(200, &[date, ("cf-auditlog-id", "a1")], body),
        )
        .unwrap();
        assert_eq!(reply.date.unwrap().to_string(), "2026-11-23T00:00:00Z");
        assert_eq!(reply.audit_log_id.as_deref(), Some("a1"));
        assert_eq!(
            read("GET /", &answer(200, &[("date", "?")], body))
                .unwrap()
                .date,
            None
        );
        for (value, seconds) in [
            ("30", Some(30)),
            ("Mon, 23 Nov 2026 00:01:30 GMT", Some(90)),
            ("Sun, 22 Nov 2026 00:00:00 GMT", Some(0)),
            ("-3", None),
            ("soon", None),
        ] {
            let response = answer(429, &[date, ("retry-after", value)], "");
            let fault = read("GET /", &response).unwrap_err();
            assert_eq!(fault.retry_after().map(|d| d.as_secs()), seconds, "{value}");
        }
    }
}
