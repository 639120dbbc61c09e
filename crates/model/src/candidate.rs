//! A certificate that a person may mean, with what there is to tell it by.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{BindingStatus, CaFacts, CertificateId, Fingerprint, RemoteCertificate};

/// One of those between which a person has to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Its id.
    pub certificate_id: CertificateId,
    /// Whether Gateway uses it, or may.
    pub in_use: bool,
    /// Whether it is at the edge, as the API says it.
    pub binding_status: BindingStatus,
    /// From `notBefore` to `notAfter`, in whole days; none where it cannot be read.
    pub validity_period_days: Option<i64>,
    /// When the API says that it was made.
    pub created_at: Option<Timestamp>,
    /// Its `notAfter`, else what the API says.
    pub expires_on: Option<Timestamp>,
    /// SHA-256 of it.
    pub fingerprint: Option<Fingerprint>,
    /// Why it may be meant, or why not.
    pub why: String,
}

impl Candidate {
    /// What stands above [`Candidate::cells`].
    pub const COLUMNS: [&str; 8] = [
        "id", "status", "in use", "days", "created", "expires", "why", "SHA-256",
    ];

    /// What is seen of it, and why it may be meant.
    #[must_use]
    pub fn of(remote: &RemoteCertificate, in_use: bool, why: impl Into<String>) -> Self {
        let facts = remote.facts();
        Self {
            certificate_id: remote.id.clone(),
            in_use,
            binding_status: remote.binding_status.clone(),
            validity_period_days: facts.map(CaFacts::days),
            created_at: remote.created_at,
            expires_on: remote.expires(),
            fingerprint: facts.map(|facts| facts.fingerprint),
            why: why.into(),
        }
    }

    /// What a person compares; days of the calendar, and a dash for what is not known.
    #[must_use]
    pub fn cells(&self) -> [String; 8] {
        let unknown = || "-".to_owned();
        let day = |at: Option<Timestamp>| {
            at.map_or_else(unknown, |at| at.strftime("%Y-%m-%d").to_string())
        };
        let days = self.validity_period_days;
        [
            self.certificate_id.to_string(),
            self.binding_status.to_string(),
            if self.in_use { "yes" } else { "no" }.to_owned(),
            days.map_or_else(unknown, |days| days.to_string()),
            day(self.created_at),
            day(self.expires_on),
            self.why.clone(),
            self.fingerprint
                .map_or_else(unknown, |print| print.to_string()),
        ]
    }
}
