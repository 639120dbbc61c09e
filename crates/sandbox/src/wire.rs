//! The envelope around every answer, and the refusals with their codes.
//!
//! Where the real code or status of a refusal is not known, the number is made up here and says
//! so; no client may depend on those.

use serde_json::{Value, json};

/// What an operation gave: an answer or a refusal.
pub(crate) type Outcome = Result<Reply, Refusal>;

/// A successful answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) result: Value,
    pub(crate) result_info: Option<Value>,
    /// Without an envelope, as the schema has it for one deprecated endpoint.
    pub(crate) bare: bool,
}

impl Reply {
    pub(crate) fn new(status: u16, result: Value) -> Self {
        Self {
            status,
            result,
            result_info: None,
            bare: false,
        }
    }
}

/// A refusal: nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: u32,
    pub(crate) message: String,
    pub(crate) pointer: Option<&'static str>,
    pub(crate) retry_after: Option<u64>,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: u32, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            pointer: None,
            retry_after: None,
        }
    }

    /// Names the field at fault.
    pub(crate) fn at(mut self, pointer: &'static str) -> Self {
        self.pointer = Some(pointer);
        self
    }

    pub(crate) fn no_route(path: &str) -> Self {
        Self::new(404, 7000, format!("No route for that URI: {path}"))
    }

    pub(crate) fn bad_account(account: &str) -> Self {
        let message = format!(
            "Could not route to /accounts/{account}, perhaps your object identifier is invalid?"
        );
        Self::new(404, 7003, message)
    }

    pub(crate) fn method_not_allowed() -> Self {
        Self::new(405, 10405, "Method not allowed")
    }

    pub(crate) fn unauthenticated() -> Self {
        let message = "Missing X-Auth-Key, X-Auth-Email or Authorization headers";
        Self::new(400, 9106, message)
    }

    pub(crate) fn malformed_credentials() -> Self {
        Self::new(400, 6003, "Invalid request headers")
    }

    pub(crate) fn throttled(seconds: u64) -> Self {
        let message = "Please wait and consider throttling your request speed";
        Self {
            retry_after: Some(seconds),
            ..Self::new(429, 971, message)
        }
    }

    pub(crate) fn too_large() -> Self {
        Self::new(413, 2900, "The request body is too large") // made up
    }

    pub(crate) fn bad_json(why: &str) -> Self {
        Self::new(
            400,
            2901,
            format!("The request body is not valid JSON: {why}"),
        ) // made up
    }

    pub(crate) fn bad_validity() -> Self {
        let message = "validity_period_days must be an integer between 1 and 10950";
        Self::new(400, 2902, message).at("/validity_period_days") // made up
    }

    /// The text is real; the code was never recorded, this one is made up.
    pub(crate) fn quota() -> Self {
        let message = "Up to 3 certificates may be created in a 24 hour period";
        Self::new(400, 2903, message)
    }

    pub(crate) fn too_many_available() -> Self {
        let message = "Up to 10 certificates may be available at the edge at once";
        Self::new(400, 2904, message) // made up
    }

    pub(crate) fn not_gateway_managed() -> Self {
        let message = "Only Gateway-managed certificates can be deleted here; \
                       use the mTLS certificate store for custom ones";
        Self::new(400, 2905, message) // made up
    }

    pub(crate) fn unknown_status(status: &str) -> Self {
        Self::new(
            409,
            2906,
            format!("The certificate is in the state {status}"),
        ) // made up
    }

    pub(crate) fn not_available(status: &str) -> Self {
        let message = format!("The certificate must be available at the edge, but it is {status}");
        Self::new(400, 2907, message).at("/settings/certificate/id") // made up
    }

    pub(crate) fn bad_settings(why: impl Into<String>) -> Self {
        Self::new(400, 2908, why).at("/settings") // made up
    }

    pub(crate) fn bad_upload(why: impl Into<String>) -> Self {
        Self::new(400, 2909, why) // made up
    }

    /// The limit is real; code and text are made up.
    pub(crate) fn too_many_custom() -> Self {
        let message = "Up to 5 custom certificates may be uploaded to an account";
        Self::new(400, 2910, message).at("/certificates")
    }

    /// That Gateway needs the key is documented; code and text are made up.
    pub(crate) fn no_private_key() -> Self {
        let message = "The certificate was uploaded without its private key";
        Self::new(400, 2911, message)
    }

    pub(crate) fn in_use() -> Self {
        Self::new(400, 2118, "The certificate is in use")
    }

    pub(crate) fn active() -> Self {
        let message = "The certificate is active and must be deactivated before it is deleted";
        Self::new(400, 2118, message)
    }

    pub(crate) fn not_found() -> Self {
        Self::new(404, 2027, "Certificate not found in SSL store")
    }

    pub(crate) fn no_certificate_for_tls() -> Self {
        let message = "TLS decryption cannot be enabled without a certificate";
        Self::new(400, 2211, message).at("/settings/tls_decrypt")
    }

    pub(crate) fn mtls_exists() -> Self {
        Self::new(400, 1471, "Certificate already exists")
    }

    pub(crate) fn mtls_not_found() -> Self {
        Self::new(404, 1472, "Certificate not found")
    }

    /// What a DELETE answers where nothing is left to delete.
    pub(crate) fn mtls_deleted() -> Self {
        Self::new(400, 1472, "Certificate has already been deleted")
    }

    pub(crate) fn mtls_in_use() -> Self {
        let message = "The certificate is in use by one or more Cloudflare services";
        Self::new(400, 1473, message) // made up
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(403, 10000, "Unauthorized")
    }

    pub(crate) fn internal(why: impl Into<String>) -> Self {
        Self::new(500, 10001, why)
    }
}

/// The status and the body of an outcome.
pub(crate) fn envelope(outcome: &Outcome) -> (u16, Value) {
    match outcome {
        Ok(reply) if reply.bare => (reply.status, reply.result.clone()),
        Ok(reply) => {
            let mut body = json!({
                "success": true, "errors": [], "messages": [], "result": reply.result,
            });
            if let (Some(info), Value::Object(fields)) = (&reply.result_info, &mut body) {
                fields.insert("result_info".to_owned(), info.clone());
            }
            (reply.status, body)
        }
        Err(refusal) => {
            let mut error = json!({ "code": refusal.code, "message": refusal.message });
            if let (Some(pointer), Value::Object(fields)) = (refusal.pointer, &mut error) {
                fields.insert("source".to_owned(), json!({ "pointer": pointer }));
            }
            let body = json!({
                "success": false, "errors": [error], "messages": [], "result": null,
            });
            (refusal.status, body)
        }
    }
}
