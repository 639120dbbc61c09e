//! One certificate of an account, and the two ways in which the API tells about it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::authority::Reading;

/// The API's word for "no time".
pub(crate) const ZERO_TIME: &str = "0001-01-01T00:00:00Z";
/// The API's word for "no id".
pub(crate) const NIL_ID: &str = "00000000-0000-0000-0000-000000000000";

pub(crate) const GATEWAY_MANAGED: &str = "gateway_managed";
pub(crate) const CUSTOM: &str = "custom";

pub(crate) const INACTIVE: &str = "inactive";
pub(crate) const PENDING_DEPLOYMENT: &str = "pending_deployment";
pub(crate) const AVAILABLE: &str = "available";
pub(crate) const PENDING_DELETION: &str = "pending_deletion";

/// A certificate. Its type and status are texts, because a test may ask for words that nobody
/// knows yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Certificate {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) status: String,
    /// When the status turns by itself. A pending one without it never does.
    pub(crate) settles_at: Option<Timestamp>,
    /// What the status is then, in place of what it was pending for.
    #[serde(default)]
    pub(crate) settles_to: Option<String>,
    /// Of an uploaded one: when it was uploaded.
    pub(crate) created_at: Timestamp,
    pub(crate) expires_on: Timestamp,
    pub(crate) pem: String,
    pub(crate) fingerprint: String,
    pub(crate) issuer_raw: String,
    pub(crate) issuer_org: String,
    pub(crate) name: String,
    pub(crate) serial_number: String,
    pub(crate) signature: String,
    pub(crate) is_ca: bool,
    /// Whether its private key is at Cloudflare, as Gateway needs it.
    #[serde(default = "yes")]
    pub(crate) has_key: bool,
    /// What `in_use` says instead of the truth.
    pub(crate) reports_in_use: Option<bool>,
}

impl Certificate {
    pub(crate) fn new(id: String, kind: &str, created_at: Timestamp, reading: Reading) -> Self {
        Self {
            id,
            kind: kind.to_owned(),
            status: INACTIVE.to_owned(),
            settles_at: None,
            settles_to: None,
            created_at,
            expires_on: reading.expires_on,
            pem: reading.pem,
            fingerprint: reading.fingerprint,
            issuer_raw: reading.issuer_raw,
            issuer_org: reading.issuer_org,
            name: reading.common_name,
            serial_number: reading.serial_number,
            signature: reading.signature,
            is_ca: reading.is_ca,
            has_key: true,
            reports_in_use: None,
        }
    }

    pub(crate) fn is(&self, status: &str) -> bool {
        self.status == status
    }

    /// Whether it takes one of the account's places at the edge, or is about to.
    pub(crate) fn is_deployed(&self) -> bool {
        self.is(AVAILABLE) || self.is(PENDING_DEPLOYMENT)
    }

    /// As `/gateway/certificates` tells it: which of the times is zero depends on the type.
    pub(crate) fn as_gateway(&self, in_use: bool) -> Value {
        let at = self.created_at.to_string();
        let (created_at, uploaded_on) = if self.kind == CUSTOM {
            (ZERO_TIME.to_owned(), at)
        } else {
            (at, ZERO_TIME.to_owned())
        };
        json!({
            "id": self.id,
            "type": self.kind,
            "binding_status": self.status,
            "in_use": self.reports_in_use.unwrap_or(in_use),
            "certificate": self.pem,
            "fingerprint": self.fingerprint,
            "issuer_org": self.issuer_org,
            "issuer_raw": self.issuer_raw,
            "created_at": created_at,
            "expires_on": self.expires_on.to_string(),
            "updated_at": ZERO_TIME,
            "uploaded_on": uploaded_on,
            "qs_pack_id": NIL_ID,
        })
    }

    /// As `/mtls_certificates` tells it.
    pub(crate) fn as_mtls(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "issuer": self.issuer_raw,
            "signature": self.signature,
            "serial_number": self.serial_number,
            "certificates": self.pem,
            "ca": self.is_ca,
            "uploaded_on": self.created_at.to_string(),
            "expires_on": self.expires_on.to_string(),
            "type": self.kind,
        })
    }
}

/// What older sandboxes did not write down.
fn yes() -> bool {
    true
}
