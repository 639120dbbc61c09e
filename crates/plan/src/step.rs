//! One step of a change: an API call or a state write, and what it waits for.

pub use certctl_model::Action;
use certctl_model::{CertificateId, Note, Role, Timestamp, ValidityDays};
use serde::{Deserialize, Serialize};

/// One API call or state write of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What it does.
    pub action: Action,
    /// To which certificate; none for one that is yet to be created.
    pub certificate_id: Option<CertificateId>,
    /// When it can be done at the earliest, where that is known and not now.
    pub not_before: Option<Timestamp>,
    /// Whether it can be done now. Not part of the document: what is due is decided afresh.
    #[serde(skip)]
    pub due: bool,
    /// What it waits for, where it is the next on its certificate and not due.
    #[serde(skip)]
    pub waits_for: Option<WaitFor>,
    /// The facts that go into the state with it.
    #[serde(skip)]
    pub notes: Vec<Note>,
    /// For a create: what it makes.
    #[serde(skip)]
    pub makes: Option<(Role, ValidityDays)>,
}

impl Step {
    /// A step on a certificate; not due until its lane says so.
    #[must_use]
    pub fn new(action: Action, certificate_id: Option<CertificateId>) -> Self {
        Self {
            action,
            certificate_id,
            not_before: None,
            due: false,
            waits_for: None,
            notes: Vec::new(),
            makes: None,
        }
    }
}

/// A step that is not due: until when (if known), and for what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Until when; none where nobody can know.
    pub until: Option<Timestamp>,
    /// For what.
    #[serde(rename = "for")]
    pub why: WaitFor,
    /// What comes then.
    pub next: Action,
}

/// What a step can wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitFor {
    /// Devices get the time to trust the new certificate.
    TrustPeriod,
    /// The old certificate is kept as the way back.
    RetireAfter,
    /// Cloudflare's edge.
    Deploying,
    /// Three creations in 24 hours.
    CreationQuota,
    /// Ten available certificates at once.
    AvailableCap,
    /// A create of unknown outcome, or witnesses that disagree.
    Settling,
    /// A maintenance window.
    Window,
    /// Somebody's decision.
    Hold,
}

impl WaitFor {
    /// The word in documents.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TrustPeriod => "trust_period",
            Self::RetireAfter => "retire_after",
            Self::Deploying => "deploying",
            Self::CreationQuota => "creation_quota",
            Self::AvailableCap => "available_cap",
            Self::Settling => "settling",
            Self::Window => "window",
            Self::Hold => "hold",
        }
    }
}
