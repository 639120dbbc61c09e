//! A request, as far as the operations care: what it asks, of which account, of which certificate.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::wire::Refusal;

/// Where the API lives on the server.
pub(crate) const PREFIX: &str = "/client/v4";

/// A request, as far as the operations care.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Call {
    pub(crate) method: String,
    /// Without the prefix and the query.
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) body: String,
}

/// A kind of read that can lag by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Read {
    List,
    Certificate,
    Configuration,
}

impl Call {
    pub(crate) fn segments(&self) -> Vec<&str> {
        self.path.split('/').skip(1).collect()
    }

    /// The account that the path names.
    ///
    /// # Errors
    /// A refusal, when the path names none or its id has not the shape of one.
    pub(crate) fn account(&self) -> Result<String, Refusal> {
        match self.segments().as_slice() {
            ["accounts", id, ..] => account_id(id),
            _ => Err(Refusal::no_route(&self.path)),
        }
    }

    /// Which kind of read this is, if it is one that can lag.
    pub(crate) fn reads(&self) -> Option<Read> {
        if self.method != "GET" {
            return None;
        }
        match self.segments().get(2..)? {
            ["gateway", "certificates"] => Some(Read::List),
            ["gateway", "certificates", _] => Some(Read::Certificate),
            ["gateway", "configuration"] => Some(Read::Configuration),
            _ => None,
        }
    }

    /// The certificate that the path names.
    pub(crate) fn certificate(&self) -> Option<String> {
        match self.segments().as_slice() {
            ["accounts", _, "gateway", "certificates", id, ..]
            | ["accounts", _, "mtls_certificates", id, ..]
                if !id.is_empty() =>
            {
                Some(id.to_ascii_lowercase())
            }
            _ => None,
        }
    }
}

/// A body with a word in place of the private key, so that no call that is kept holds one: an effect
/// that comes later is written down with its call. An empty key stays empty.
pub(crate) fn without_key(body: String) -> String {
    if !body.contains("private_key") {
        return body;
    }
    match serde_json::from_str(&body) {
        Ok(Value::Object(mut fields)) => {
            if let Some(key) = fields.get_mut("private_key").filter(|key| has_text(key)) {
                *key = json!("dropped");
            }
            Value::Object(fields).to_string()
        }
        // It is refused as it is, and what stands in it is anybody's guess.
        _ => String::new(),
    }
}

/// Whether a field was given, and is not empty.
pub(crate) fn has_text(field: &Value) -> bool {
    !field.is_null() && field.as_str() != Some("")
}

/// An account's id, in lower case.
///
/// # Errors
/// A refusal, when it has not 32 hexadecimal digits.
pub(crate) fn account_id(text: &str) -> Result<String, Refusal> {
    if text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(Refusal::bad_account(text))
    }
}
