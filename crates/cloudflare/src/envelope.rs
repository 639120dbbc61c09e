//! The envelope around every answer: `{"success", "errors", "messages", "result", "result_info"}`.
//!
//! *Purpose*: law 4, "a bad answer is not an empty answer". `success` is looked at itself (it is
//! false inside of a 200 now and then, and the official SDKs do not notice), and whatever is not an
//! envelope is [`Malformed`]. *Non-goals*: `messages`, and `errors` beside `success: true` (the
//! reference page has both), mean nothing.

use std::fmt;

use serde_json::{Map, Value};

use crate::error::ApiMessage;

/// Cloudflare's words are kept up to this many characters.
pub(crate) const LONGEST_TEXT: usize = 1_000;
/// Of a list of errors, this many are kept.
const MOST_ERRORS: usize = 20;

/// Text from the API that is not what the API's schema says. Never holds the text itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub(crate) String);

impl Malformed {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

/// A well-formed answer, be it yes or no.
#[derive(Debug, Clone, PartialEq)]
pub enum Envelope {
    /// `success: true`.
    Success {
        /// The `result`; null where there is none.
        result: Value,
        /// The `result_info`; null where there is none.
        result_info: Value,
    },
    /// `success: false`, with at least one error.
    Refused(Vec<ApiMessage>),
}

impl Envelope {
    /// Reads an answer's body.
    ///
    /// # Errors
    /// When it is not JSON (HTML, cut off, empty), is no object, has no boolean `success`, or has
    /// `success: false` without any error that could be shown.
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        let text = body.trim_ascii();
        if text.is_empty() {
            return Err(Malformed::new("the response is empty"));
        }
        let value: Value = serde_json::from_slice(text).map_err(|error| {
            Malformed::new(if text.starts_with(b"<") {
                "the response is HTML instead of JSON"
            } else if error.is_eof() {
                "the response is cut off"
            } else {
                "the response is not JSON"
            })
        })?;
        let Value::Object(mut object) = value else {
            return Err(Malformed::new(format!(
                "the response is {} instead of an object",
                Kind(&value)
            )));
        };
        match object.get("success") {
            Some(Value::Bool(true)) => Ok(Self::Success {
                result: object.remove("result").unwrap_or(Value::Null),
                result_info: object.remove("result_info").unwrap_or(Value::Null),
            }),
            Some(Value::Bool(false)) => match messages(object.get("errors")) {
                errors if errors.is_empty() => Err(Malformed::new(
                    "the response has success: false and no readable error",
                )),
                errors => Ok(Self::Refused(errors)),
            },
            _ => Err(Malformed::new("the response has no boolean `success`")),
        }
    }
}

/// The readable entries of `errors`, each followed by those of its undocumented `error_chain`.
fn messages(errors: Option<&Value>) -> Vec<ApiMessage> {
    let entries = |value: Option<&Value>| -> Vec<Map<String, Value>> {
        let array = value.and_then(Value::as_array).map(Vec::as_slice);
        let objects = array.unwrap_or_default().iter().take(MOST_ERRORS);
        objects
            .filter_map(|entry| entry.as_object().cloned())
            .collect()
    };
    let mut found = Vec::new();
    for error in entries(errors) {
        found.extend(message(&error));
        for link in entries(error.get("error_chain")) {
            found.extend(message(&link));
        }
    }
    found.truncate(MOST_ERRORS);
    found
}

fn message(object: &Map<String, Value>) -> Option<ApiMessage> {
    Some(ApiMessage {
        code: object.get("code").and_then(Value::as_i64)?,
        message: text(object.get("message")).unwrap_or_default(),
        documentation_url: text(object.get("documentation_url")).filter(|url| is_link(url)),
        pointer: text(
            object
                .get("source")
                .and_then(|source| source.get("pointer")),
        ),
    })
}

/// Whether a person may be sent there: https, and nothing but an address.
fn is_link(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| {
        url.scheme() == "https" && url.username().is_empty() && url.password().is_none()
    })
}

/// A text, cut to a readable length; none where it is empty or no text at all.
pub(crate) fn text(value: Option<&Value>) -> Option<String> {
    let text = value?.as_str()?;
    (!text.is_empty()).then(|| text.chars().take(LONGEST_TEXT).collect())
}

/// What a JSON value is, without its content.
pub(crate) struct Kind<'a>(pub(crate) &'a Value);

impl fmt::Display for Kind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_envelope_says_why() {
        for (body, why) in [
            ("", "the response is empty"),
            (" \r\n", "the response is empty"),
            ("null", "the response is null instead of an object"),
            ("[]", "the response is an array instead of an object"),
            ("<html>502</html>", "the response is HTML instead of JSON"),
            ("error code: 1015", "the response is not JSON"),
            (
                r#"{"success":true,"result":[{"id"#,
                "the response is cut off",
            ),
            (r#"{"success":true} trailing"#, "the response is not JSON"),
            ("{}", "the response has no boolean `success`"),
            (
                r#"{"success":"true"}"#,
                "the response has no boolean `success`",
            ),
            (
                r#"{"success":null}"#,
                "the response has no boolean `success`",
            ),
            (
                r#"{"success":false}"#,
                "the response has success: false and no readable error",
            ),
            (
                r#"{"success":false,"errors":[],"result":[]}"#,
                "the response has success: false and no readable error",
            ),
            (
                r#"{"success":false,"errors":["nope",{"message":"no code"}]}"#,
                "the response has success: false and no readable error",
            ),
        ] {
            assert_eq!(
                Envelope::parse(body.as_bytes()),
                Err(Malformed::new(why)),
                "{body}"
            );
        }
        let deep = "[".repeat(100_000);
        assert!(Envelope::parse(deep.as_bytes()).is_err());
        assert!(Envelope::parse(b"\xff\xfe{").is_err());
    }

    #[test]
    fn errors_beside_success_mean_nothing() {
        let body = br#"{"errors":[{"code":1000,"message":"m"}],"messages":7,"success":true}"#;
        let Envelope::Success { result, .. } = Envelope::parse(body).unwrap() else {
            panic!("refused");
        };
        assert!(result.is_null());
    }

    #[test]
    fn errors_keep_code_words_and_place() {
        let body = br#"{"success":false,"result":null,"messages":[],"errors":[
            {"code":6003,"message":"Invalid request headers","documentation_url":"https://d/",
             "source":{"pointer":"/p"},"error_chain":[{"code":6111,"message":"inner"}],"new":1}]}"#;
        let Envelope::Refused(errors) = Envelope::parse(body).unwrap() else {
            panic!("not refused");
        };
        assert_eq!(errors.len(), 2);
        assert_eq!(
            errors[0].to_string(),
            "Invalid request headers (code 6003) at /p"
        );
        assert_eq!(errors[0].documentation_url.as_deref(), Some("https://d/"));
        assert_eq!(errors[1].code, 6111);
    }

    #[test]
    fn only_a_link_is_shown_as_one() {
        for (url, kept) in [
            ("https://developers.cloudflare.com/x", true),
            ("http://developers.cloudflare.com/x", false),
            ("https://user:pw@developers.cloudflare.com/", false),
            ("javascript:alert(1)", false),
            ("/relative", false),
        ] {
            let errors = serde_json::json!([{"code": 1, "message": "m", "documentation_url": url}]);
            let body = serde_json::json!({"success": false, "errors": errors}).to_string();
            let Envelope::Refused(errors) = Envelope::parse(body.as_bytes()).unwrap() else {
                panic!("not refused");
            };
            let expected = kept.then(|| url.to_owned());
            assert_eq!(errors[0].documentation_url, expected);
        }
    }

    #[test]
    fn endless_words_are_cut() {
        let body = format!(
            r#"{{"success":false,"errors":[{}]}}"#,
            vec![format!(r#"{{"code":1,"message":"{}"}}"#, "x".repeat(5_000)); 50].join(",")
        );
        let Envelope::Refused(errors) = Envelope::parse(body.as_bytes()).unwrap() else {
            panic!("not refused");
        };
        assert_eq!(errors.len(), MOST_ERRORS);
        assert_eq!(errors[0].message.len(), LONGEST_TEXT);
    }
}
