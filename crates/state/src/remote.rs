//! What an object store answers when it does not do what was asked, in words for people.
//!
//! *Invariant*: no key leaves here, whatever a store or a library puts into its errors: each secret
//! that was read from the environment is cut out of the text, and the error itself is dropped.

use std::error::Error as _;
use std::fmt::Write as _;

use object_store::Error;

use crate::{Location, StateError};

const MAX_CHARS: usize = 400;

/// Shorter ones would blank out half a sentence, and are no secrets.
const MIN_SECRET: usize = 6;

/// The error of a request about the object `name`.
pub(crate) fn remote(
    location: &Location,
    secrets: &[String],
    doing: &'static str,
    name: &str,
    error: &Error,
) -> StateError {
    StateError::Remote {
        doing,
        place: if name.is_empty() {
            location.to_string()
        } else {
            format!("{name} in {location}")
        },
        message: message(error, secrets),
        hint: hint(location, error),
    }
}

/// Whether "not found" is about the bucket: a misspelt bucket is not an empty one.
pub(crate) fn no_bucket(error: &(dyn std::error::Error + 'static)) -> bool {
    let text = whole(error);
    [
        "NoSuchBucket",
        "ContainerNotFound",
        "bucket does not exist",
        "AccountNotFound",
    ]
    .iter()
    .any(|word| text.contains(word))
}

/// An error with everything that is below it and not yet said.
fn whole(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let more = error.to_string();
        if !text.contains(&more) {
            let _ = write!(text, ": {more}");
        }
        source = error.source();
    }
    text
}

pub(crate) fn message(error: &Error, secrets: &[String]) -> String {
    let mut text = whole(error);
    // S3 and Azure explain themselves in XML; two of its elements say it all.
    if let (Some(code), Some(said)) = (element(&text, "Code"), element(&text, "Message")) {
        let said = said.lines().next().unwrap_or_default();
        text = format!("{code}: {said}");
    }
    for secret in secrets.iter().filter(|secret| secret.len() >= MIN_SECRET) {
        text = text.replace(secret.as_str(), "***");
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(MAX_CHARS).collect()
}

/// The content of an element of an answer in XML.
pub(crate) fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    Some(rest.split_once(&format!("</{name}>"))?.0)
}

fn hint(location: &Location, error: &Error) -> Option<String> {
    if no_bucket(error) {
        return Some("certctl makes no buckets: check its name, or make it first".to_owned());
    }
    if let Some(hint) = certctl_network::hint(&whole(error)) {
        return Some(hint.to_owned());
    }
    match error {
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => Some(format!(
            "the keys need the right to read objects in {location}, for `apply` also to write them, \
             and to list the bucket: without it a missing object looks forbidden"
        )),
        Error::NotImplemented { .. } | Error::NotSupported { .. } => Some(
            "certctl needs a store with conditional writes (If-Match, If-None-Match)".to_owned(),
        ),
        _ => error
            .source()
            .map(|_| "nothing was decided from this; run again when the store answers".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_one_line_and_no_secret() {
        let error = Error::Generic {
            store: "S3",
            source: "sent hunter2-hunter2 and got\n<Error><Code>SlowDown</Code>\n\
                     <Message>be slower, hunter2-hunter2\nX</Message></Error>"
                .into(),
        };
        let secrets = ["hunter2-hunter2".to_owned()];
        assert_eq!(message(&error, &secrets), "SlowDown: be slower, ***");
        let error = Error::Generic {
            store: "S3",
            source: "a\n b hunter2-hunter2".into(),
        };
        assert_eq!(message(&error, &secrets), "Generic S3 error: a b ***");
    }
}
