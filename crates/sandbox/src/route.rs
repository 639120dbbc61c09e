//! Which operation a method and a path mean.

use serde::{Deserialize, Serialize};

use crate::turn::Turn;
use crate::wire::{Outcome, Refusal};
use crate::{configuration, lifecycle, mtls};

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

impl Call {
    fn segments(&self) -> Vec<&str> {
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

/// Does what a call asks for.
///
/// # Errors
/// A refusal; nothing was changed then.
pub(crate) fn dispatch(turn: &mut Turn<'_>, call: &Call) -> Outcome {
    let id = call.certificate().unwrap_or_default();
    let segments = call.segments();
    let Some(rest) = segments.get(2..) else {
        return Err(Refusal::no_route(&call.path));
    };
    match (rest, call.method.as_str()) {
        (["gateway", "certificates"], "GET") => Ok(lifecycle::list(turn)),
        (["gateway", "certificates"], "POST") => lifecycle::create(turn, &call.body),
        (["gateway", "certificates", _], "GET") => lifecycle::get(turn, &id),
        (["gateway", "certificates", _], "DELETE") => lifecycle::delete(turn, &id),
        (["gateway", "certificates", _, "activate"], "POST") => lifecycle::activate(turn, &id),
        (["gateway", "certificates", _, "deactivate"], "POST") => lifecycle::deactivate(turn, &id),
        (["gateway", "configuration"], "GET") => Ok(configuration::get(turn)),
        (["gateway", "configuration"], "PATCH") => configuration::patch(turn, &call.body),
        (["gateway", "configuration"], "PUT") => configuration::put(turn, &call.body),
        (["gateway", "configuration", "custom_certificate"], "GET") => {
            Ok(configuration::legacy(turn))
        }
        (["mtls_certificates"], "GET") => Ok(mtls::list(turn, call.query.as_deref())),
        (["mtls_certificates"], "POST") => mtls::upload(turn, &call.body),
        (["mtls_certificates", _], "GET") => mtls::get(turn, &id),
        (["mtls_certificates", _], "DELETE") => mtls::delete(turn, &id),
        (["mtls_certificates", _, "associations"], "GET") => mtls::associations(turn, &id),
        (
            ["gateway", "certificates"]
            | ["gateway", "certificates", _]
            | ["gateway", "certificates", _, "activate" | "deactivate"]
            | ["gateway", "configuration"]
            | ["gateway", "configuration", "custom_certificate"]
            | ["mtls_certificates"]
            | ["mtls_certificates", _]
            | ["mtls_certificates", _, "associations"],
            _,
        ) => Err(Refusal::method_not_allowed()),
        _ => Err(Refusal::no_route(&call.path)),
    }
}
