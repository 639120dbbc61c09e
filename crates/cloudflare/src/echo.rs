//! A server may echo what it was sent; no secret comes in through its words either.
//!
//! *Guarantee*: a whole body is cleaned before anything is read from it or cut off it, so that no field
//! of an answer, known or unknown, can hold a credential.

use bytes::Bytes;
use serde_json::Value;

/// The body without what `scrub` takes out of a text.
pub(crate) fn clean(body: &Bytes, scrub: &dyn Fn(&str) -> String) -> Bytes {
    let text = String::from_utf8_lossy(body);
    let plain = scrub(&text);
    // JSON may write any character of a secret as an escape.
    let value = if plain.contains("\\u") || plain.contains("\\/") {
        serde_json::from_str::<Value>(&plain).ok()
    } else {
        None
    };
    match value.map(|value| (strings(&value, scrub), value)) {
        Some((cleaned, value)) if cleaned != value => cleaned.to_string().into(),
        _ if plain == text => body.clone(),
        _ => plain.into(),
    }
}

/// The value with each of its texts cleaned. A body is as deep as its parser takes, which is bounded.
fn strings(value: &Value, scrub: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(scrub(text)),
        Value::Array(items) => items.iter().map(|item| strings(item, scrub)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| (scrub(name), strings(member, scrub)))
            .collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(body: &[u8]) -> Bytes {
        clean(&Bytes::copy_from_slice(body), &|text| {
            text.replace("s3cr/t", "[redacted]")
        })
    }

    #[test]
    fn a_secret_is_taken_out_however_it_is_written() {
        for body in [
            r#"{"a":"xs3cr/ty"}"#,
            r#"{"a":"xs3cr\/ty"}"#,
            r#"{"a":"x\u00733cr/ty"}"#,
        ] {
            assert_eq!(
                cleaned(body.as_bytes()),
                r#"{"a":"x[redacted]y"}"#,
                "{body}"
            );
        }
        assert_eq!(cleaned(br#"{"s3cr\/t":1}"#), r#"{"[redacted]":1}"#);
        assert_eq!(cleaned(b"<p>s3cr/t"), "<p>[redacted]");
    }

    #[test]
    fn what_holds_no_secret_stays_byte_for_byte() {
        for body in [
            &b"\xff\xfe"[..],
            br#"{"a": "\u00e4\/", "b": 1.50}"#,
            b"\\u cut",
            b"",
        ] {
            assert_eq!(cleaned(body), body);
        }
    }
}
