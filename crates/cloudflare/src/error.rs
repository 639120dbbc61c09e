//! What can go wrong with a request, sorted by the one thing that matters: did it have an effect?
//!
//! *Invariants*: `Display` is one lower-case fragment that holds its whole cause (there is no
//! `source` to print again), and never a header, a body or a secret.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::credentials::CredentialsError;

/// One entry of the envelope's `errors`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiMessage {
    /// Cloudflare's number for it.
    pub code: i64,
    /// Cloudflare's words, verbatim up to a length; to be escaped before they reach a terminal.
    pub message: String,
    /// Where Cloudflare documents it.
    pub documentation_url: Option<String>,
    /// Which part of the request it is about (`source.pointer`).
    pub pointer: Option<String>,
}

impl fmt::Display for ApiMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.message.trim();
        if text.is_empty() {
            write!(f, "code {}", self.code)?;
        } else {
            write!(f, "{text} (code {})", self.code)?;
        }
        match &self.pointer {
            Some(pointer) => write!(f, " at {pointer}"),
            None => Ok(()),
        }
    }
}

/// A well-formed "no": an envelope with `success: false` and at least one error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The errors, at least one.
    pub errors: Vec<ApiMessage>,
    /// What was asked: `POST /accounts/…/gateway/certificates`.
    pub request: String,
    /// The `Cf-Ray` header, for Cloudflare's support.
    pub ray: Option<String>,
    /// How long the API asks to wait.
    pub retry_after: Option<Duration>,
}

/// What a refusal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// Three certificates were created within 24 hours; known by its words alone.
    QuotaReached,
    /// The certificate is in use or active (2118).
    InUse,
    /// The mTLS store holds this very content already (1471).
    AlreadyUploaded,
    /// There is no such certificate (2027, in the mTLS store 1472, or 404 on a route that exists).
    NotFound,
    /// The credentials are wrong (10000, but not with 403; 9109, 6003, 9103, 9106, or 401).
    Authentication,
    /// The credentials are right but do not suffice (403): a permission is missing.
    Forbidden,
    /// Too many requests (429, or code 971 with any status).
    RateLimited,
    /// Anything else: shown verbatim.
    Other,
}

impl Refusal {
    /// What it is about. Codes beat the status, for the API pairs them freely.
    #[must_use]
    pub fn kind(&self) -> RefusalKind {
        let says = |text: &str| {
            let found = |e: &ApiMessage| e.message.to_ascii_lowercase().contains(text);
            self.errors.iter().any(found)
        };
        if says("may be created in a 24 hour period") {
            RefusalKind::QuotaReached
        } else if self.has(&[2118]) {
            RefusalKind::InUse
        } else if self.has(&[1471]) {
            RefusalKind::AlreadyUploaded
        } else if self.has(&[2027, 1472]) {
            RefusalKind::NotFound
        } else if self.status == 403 && self.has(&[10000]) {
            // Since 2026-08 a permission that is missing; with 400 and 401 it is the credentials.
            RefusalKind::Forbidden
        } else if self.has(&[10000, 9109, 6003, 9103, 9106]) || self.status == 401 {
            RefusalKind::Authentication
        } else if self.status == 429 || self.has(&[971]) {
            RefusalKind::RateLimited
        } else if self.status == 404 && !self.has(NO_ROUTE) {
            RefusalKind::NotFound
        } else if self.status == 403 {
            RefusalKind::Forbidden
        } else {
            RefusalKind::Other
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self.kind() {
            RefusalKind::QuotaReached => {
                "Cloudflare allows 3 generated certificates per account in 24 hours, and deleting \
                 one does not refund it; run again when the oldest is a day old"
            }
            RefusalKind::InUse => {
                "set another certificate in use, and deactivate this one, before it is removed"
            }
            RefusalKind::Authentication => {
                "check the API token: CLOUDFLARE_API_TOKEN, or the account's own `token`; or \
                 CLOUDFLARE_EMAIL and CLOUDFLARE_API_KEY"
            }
            RefusalKind::Forbidden => return Some(self.missing_permission()),
            RefusalKind::RateLimited => {
                "Cloudflare allows 1200 requests in 5 minutes per token; wait and run again"
            }
            RefusalKind::Other if self.has(NO_ROUTE) => {
                "check the account id, and CLOUDFLARE_BASE_URL if it is set"
            }
            RefusalKind::AlreadyUploaded | RefusalKind::NotFound | RefusalKind::Other => {
                return None;
            }
        };
        Some(hint.to_owned())
    }

    /// Which permission the request needs, and where Cloudflare says so.
    fn missing_permission(&self) -> String {
        let needs = if self.request.contains("/mtls_certificates") {
            "SSL and Certificates"
        } else if self.request.contains("/devices/") {
            "Zero Trust: Devices"
        } else {
            "Zero Trust"
        };
        let level = if self.request.starts_with("GET ") {
            "Read"
        } else {
            "Edit"
        };
        let documented = self
            .errors
            .iter()
            .find_map(|error| error.documentation_url.as_deref())
            .map(|url| format!("; see {url}"))
            .unwrap_or_default();
        format!(
            "the API token (CLOUDFLARE_API_TOKEN, or the account's own `token`) lacks the account \
             permission {needs}: {level}{documented}; a new token needs a moment until it works everywhere"
        )
    }

    /// Whether the API says that it failed within, rather than that it refuses: code 10001 is both
    /// "method not allowed for token" and "internal error". The latter proves nothing of a write.
    pub(crate) fn is_internal(&self) -> bool {
        let internal =
            |e: &ApiMessage| e.code == 10001 && e.message.to_ascii_lowercase().contains("internal");
        self.errors.iter().any(internal)
    }

    /// Whether any of the errors has one of these codes.
    pub(crate) fn has(&self, codes: &[i64]) -> bool {
        self.errors.iter().any(|error| codes.contains(&error.code))
    }
}

/// "No route for the URI": the address or account id is wrong, so that a 404 proves nothing.
const NO_ROUTE: &[i64] = &[7000, 7003];

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} was refused with HTTP {}", self.request, self.status)?;
        for (n, error) in self.errors.iter().enumerate() {
            write!(f, "{} {error}", if n == 0 { ":" } else { ";" })?;
        }
        Ok(())
    }
}

/// No usable answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What was asked: `GET /accounts/…/gateway/certificates`.
    pub request: String,
    /// What happened, with its causes: `cannot connect to …: invalid peer certificate: …`.
    pub what: String,
    /// The HTTP status, if there was one.
    pub status: Option<u16>,
    /// The `Cf-Ray` header, for Cloudflare's support.
    pub ray: Option<String>,
    /// How long the API asks to wait.
    pub retry_after: Option<Duration>,
    /// What to do about it, where a person can do something.
    pub hint: Option<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed: {}", self.request, self.what)
    }
}

impl From<Refusal> for Failure {
    /// A refusal that does not prove anything, such as one in a 500.
    fn from(refusal: Refusal) -> Self {
        let errors: Vec<String> = refusal.errors.iter().map(ToString::to_string).collect();
        Self {
            what: format!("HTTP {}: {}", refusal.status, errors.join("; ")),
            hint: refusal.hint(),
            request: refusal.request,
            status: Some(refusal.status),
            ray: refusal.ray,
            retry_after: refusal.retry_after,
        }
    }
}

/// A read that gave no answer, after all the attempts that the retry rule allows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The API said no.
    #[error("{0}")]
    Refused(Refusal),
    /// There was no usable answer.
    #[error("{0}")]
    Failed(Failure),
}

impl ReadError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Refused(refusal) => refusal.hint(),
            Self::Failed(failure) => failure.hint.clone(),
        }
    }
}

/// A write that did not go through, or may have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// The request never left: certainly no effect.
    #[error("{0}")]
    NotSent(Failure),
    /// The API said no, in a 4xx: no effect.
    #[error("{0}")]
    Refused(Refusal),
    /// Everything else. It may have had its effect, now or later: look before anything is repeated.
    #[error("{0}")]
    Unknown(Failure),
}

impl WriteError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Refused(refusal) => refusal.hint(),
            Self::NotSent(failure) | Self::Unknown(failure) => failure.hint.clone(),
        }
    }

    /// Whether the request certainly had no effect.
    #[must_use]
    pub fn had_no_effect(&self) -> bool {
        !matches!(self, Self::Unknown(_))
    }
}

/// Why there is no client at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The credentials could not stand in a header.
    #[error("{0}")]
    Credentials(CredentialsError),
    /// The file of CA certificates is of no use.
    #[error("the CA bundle {} {reason}", path.display())]
    CaBundle {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl ClientError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Credentials(error) => error.hint(),
            Self::CaBundle { .. } => {
                Some("--ca-bundle names a file with CA certificates in PEM, one after the other")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, code: i64, message: &str) -> Refusal {
        Refusal {
            status,
            errors: vec![ApiMessage {
                code,
                message: message.to_owned(),
                documentation_url: None,
                pointer: None,
            }],
            request: "POST /x".to_owned(),
            ray: None,
            retry_after: None,
        }
    }

    #[test]
    fn kinds_follow_codes_first() {
        let quota = "Up to 3 certificates may be created in a 24 hour period";
        for (status, code, message, kind) in [
            (400, 1234, quota, RefusalKind::QuotaReached),
            (400, 2118, "", RefusalKind::InUse),
            (409, 2118, "", RefusalKind::InUse),
            (400, 2027, "", RefusalKind::NotFound),
            (400, 1471, "", RefusalKind::AlreadyUploaded),
            (400, 1472, "", RefusalKind::NotFound),
            (404, 1000, "", RefusalKind::NotFound),
            (404, 7003, "No route for the URI", RefusalKind::Other),
            (400, 6003, "", RefusalKind::Authentication),
            (403, 10000, "Forbidden", RefusalKind::Forbidden),
            (400, 10000, "", RefusalKind::Authentication),
            (401, 1, "", RefusalKind::Authentication),
            (403, 10001, "Method not allowed", RefusalKind::Forbidden),
            (429, 10, "", RefusalKind::RateLimited),
            (200, 971, "", RefusalKind::RateLimited),
            (422, 99, "", RefusalKind::Other),
        ] {
            assert_eq!(
                refusal(status, code, message).kind(),
                kind,
                "{status} {code}"
            );
        }
    }

    /// Since 2026-08 the API names the permission that a token lacks.
    #[test]
    fn a_missing_permission_is_named() {
        let of = |request: &str, url: Option<&str>| {
            let mut refusal = refusal(403, 10000, "Forbidden");
            request.clone_into(&mut refusal.request);
            refusal.errors[0].documentation_url = url.map(str::to_owned);
            refusal.hint().unwrap()
        };
        let url = "https://developers.cloudflare.com/api/tokens";
        let reads = of("GET /accounts/a/gateway/certificates", Some(url));
        assert!(
            reads.contains("the account permission Zero Trust: Read;"),
            "{reads}"
        );
        assert!(reads.contains(url), "{reads}");
        let writes = of("POST /accounts/a/gateway/certificates", None);
        assert!(writes.contains("Zero Trust: Edit;"), "{writes}");
        let stores = of("POST /accounts/a/mtls_certificates", None);
        assert!(stores.contains("SSL and Certificates: Edit;"), "{stores}");
    }

    #[test]
    fn texts_are_fragments() {
        let mut refusal = refusal(400, 2118, "Certificate is in use.");
        refusal.errors.push(ApiMessage {
            code: 7,
            message: String::new(),
            documentation_url: None,
            pointer: Some("/days".to_owned()),
        });
        assert_eq!(
            refusal.to_string(),
            "POST /x was refused with HTTP 400: Certificate is in use. (code 2118); code 7 at /days"
        );
        let failure = Failure::from(refusal);
        assert_eq!(
            WriteError::Unknown(failure).to_string(),
            "POST /x failed: HTTP 400: Certificate is in use. (code 2118); code 7 at /days"
        );
    }
}
