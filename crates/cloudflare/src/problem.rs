//! Problem documents (RFC 9457), with which Cloudflare's edge answers in the API's stead.
//!
//! *Caveat*: such an answer proves nothing of a write, for whoever wrote it is not the API. What it adds
//! is words, the id by which support finds the request, how long to wait, and whether a repeat is of use.

use std::time::Duration;

use serde::Deserialize;

use crate::envelope::LONGEST_TEXT;

/// What of a problem document is worth telling.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Title, detail and Cloudflare's own code, in one line.
    pub(crate) what: String,
    /// Cloudflare's id of the request.
    pub(crate) ray: Option<String>,
    /// How long to wait before a repeat.
    pub(crate) retry_after: Option<Duration>,
    /// Whether a repeat is said to be of no use.
    pub(crate) is_final: bool,
}

/// The members that are read; all of them may be absent, and others be there.
#[derive(Deserialize)]
struct Document {
    title: String,
    detail: Option<String>,
    error_code: Option<i64>,
    ray_id: Option<String>,
    retryable: Option<bool>,
    retry_after: Option<f64>,
}

impl Problem {
    /// Reads a body; none where it is no problem document.
    pub(crate) fn parse(body: &[u8]) -> Option<Self> {
        let document: Document = serde_json::from_slice(body).ok()?;
        let short = |text: &str| text.chars().take(LONGEST_TEXT).collect::<String>();
        let mut what = short(document.title.trim());
        if let Some(detail) = document.detail.as_deref().map(str::trim)
            && !detail.is_empty()
        {
            what = format!("{what}: {}", short(detail));
        }
        if let Some(code) = document.error_code {
            what = format!("{what} (code {code})");
        }
        let seconds = document.retry_after;
        Some(Self {
            what,
            ray: document
                .ray_id
                .filter(|ray| !ray.is_empty() && ray.len() <= 200),
            retry_after: seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
            is_final: document.retryable == Some(false),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_problem_says() {
        let body = br#"{"type":"https://x","title":"Error 1020: Access denied","status":403,
            "detail":"The site owner blocks this.","instance":"8f","error_code":1020,"ray_id":"8f00-FRA",
            "retryable":false,"owner_action_required":true,"new":[]}"#;
        assert_eq!(
            Problem::parse(body),
            Some(Problem {
                what: "Error 1020: Access denied: The site owner blocks this. (code 1020)"
                    .to_owned(),
                ray: Some("8f00-FRA".to_owned()),
                retry_after: None,
                is_final: true,
            })
        );
        let least = Problem::parse(br#"{"title":"Bad gateway","retry_after":120}"#).unwrap();
        assert_eq!(least.what, "Bad gateway");
        assert_eq!(least.retry_after, Some(Duration::from_secs(120)));
        assert!(!least.is_final);
    }

    #[test]
    fn what_is_no_problem() {
        for body in [
            "",
            "<html>",
            "{}",
            "[]",
            r#"{"success":false}"#,
            r#"{"title":7}"#,
        ] {
            assert_eq!(Problem::parse(body.as_bytes()), None, "{body}");
        }
        let endless = format!(r#"{{"title":"{}","retry_after":1e300}}"#, "x".repeat(9_000));
        let problem = Problem::parse(endless.as_bytes()).unwrap();
        assert_eq!(
            (problem.what.len(), problem.retry_after),
            (LONGEST_TEXT, None)
        );
    }
}
