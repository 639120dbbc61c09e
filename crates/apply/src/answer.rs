//! What a request was answered with, in what of it is kept.

use certctl_cloudflare::{WriteError, Written};
use certctl_model::RemoteCertificate;

/// What the record of a request keeps of its answer.
pub(crate) struct Answer {
    pub(crate) certificate: Option<RemoteCertificate>,
    pub(crate) audit_log_id: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) error: Option<String>,
}

impl Answer {
    pub(crate) fn of(sent: &Result<Written, WriteError>) -> Self {
        match sent {
            Ok(written) => Self {
                certificate: written.certificate.clone(),
                audit_log_id: written.audit_log_id.clone(),
                status: Some(written.status),
                error: None,
            },
            Err(error) => Self {
                certificate: None,
                audit_log_id: None,
                status: status(error),
                error: Some(cause(error)),
            },
        }
    }
}

/// The HTTP status that it was answered with, if it was.
pub(crate) fn status(error: &WriteError) -> Option<u16> {
    match error {
        WriteError::Refused(refusal) => Some(refusal.status),
        WriteError::NotSent(failure) | WriteError::Unknown(failure) => failure.status,
    }
}

/// Why a request was not done, or why nobody knows: what the API or the network said, and the id by
/// which Cloudflare's support finds the request.
pub(crate) fn cause(error: &WriteError) -> String {
    let ray = match error {
        WriteError::Refused(refusal) => &refusal.ray,
        WriteError::NotSent(failure) | WriteError::Unknown(failure) => &failure.ray,
    };
    match ray {
        Some(ray) => format!("{error} (ray {ray})"),
        None => error.to_string(),
    }
}
