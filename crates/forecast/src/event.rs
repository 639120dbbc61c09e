//! What will happen, and to whom.

use certctl_model::{Address, CertificateId, Name, Timestamp, ValidityDays};
use serde::Serialize;

/// The kinds of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// `apply` creates a certificate.
    Create,
    /// `apply` uploads a CA of one's own.
    Upload,
    /// `apply` activates it.
    Activate,
    /// The edge has it.
    Available,
    /// `apply` makes Gateway use it.
    SetInUse,
    /// `apply` takes it from the edge.
    Deactivate,
    /// `apply` deletes it.
    Delete,
    /// Its validity ends.
    Expire,
}

impl EventKind {
    /// The word in documents.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Upload => "upload",
            Self::Activate => "activate",
            Self::Available => "available",
            Self::SetInUse => "set_in_use",
            Self::Deactivate => "deactivate",
            Self::Delete => "delete",
            Self::Expire => "expire",
        }
    }
}

/// One thing that will happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// In which account.
    pub account: Name,
    /// To which address; none where nothing claims the certificate.
    pub address: Option<Address>,
    /// What.
    pub kind: EventKind,
    /// To which certificate; none for one that does not exist yet.
    pub certificate_id: Option<CertificateId>,
    /// For a create: the validity that is asked for.
    pub days: Option<ValidityDays>,
}

/// The life of one certificate, as far as it falls within a forecast: what the pictures are drawn of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Life {
    /// The address that holds it.
    pub address: Address,
    /// From when it is there: its creation, or the beginning of the validity of what exists already.
    pub from: Timestamp,
    /// When it expires, where that is known.
    pub expires: Option<Timestamp>,
    /// When it became available, where that is known.
    pub available: Option<Timestamp>,
    /// From when until when Gateway used it; the last may not have ended.
    pub uses: Vec<(Timestamp, Option<Timestamp>)>,
    /// From when it was kept only as the way back.
    pub retires: Option<Timestamp>,
    /// When it was taken from the edge, or deleted.
    pub gone: Option<Timestamp>,
}
