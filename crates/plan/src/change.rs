//! What happens to one address, and its steps: the smaller half of the plan as a value.

use certctl_model::{
    AccountId, Address, BindingStatus, CertificateId, CertificateType, Name, Note, Period, Reason,
    Role, Timestamp, ValidityDays,
};
use certctl_spec::SwitchMode;
use serde::{Deserialize, Serialize};

/// What happens to one address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Which.
    pub address: Address,
    /// In which account.
    pub account_id: AccountId,
    /// What.
    #[serde(rename = "change")]
    pub kind: ChangeKind,
    /// Why; for people only.
    pub reason: Why,
    /// What is there; none where nothing is bound.
    pub before: Option<Shape>,
    /// What will be there; none where it is removed.
    pub after: Option<Shape>,
    /// The remote certificates that the address holds.
    pub certificates: Vec<Held>,
    /// Everything that is left to do, in order.
    pub steps: Vec<Step>,
    /// What the first step that is not due waits for.
    pub waiting: Option<Waiting>,
    /// Who could notice.
    pub blast_radius: BlastRadius,
    /// Until when the certificate that was replaced is still there to go back to.
    pub rollback_until: Option<Timestamp>,
}

/// The kinds of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words of design.md, section 1")]
pub enum ChangeKind {
    NoOp,
    Adopt,
    Create,
    Replace,
    Renew,
    Update,
    Move,
    Delete,
    Forget,
}

/// A reason: its code and a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// One of those in `docs/codes.md`.
    pub code: Reason,
    /// The same for people.
    pub message: String,
}

/// What a certificate is, in the words of the spec.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Its validity in days; none where neither the spec nor the certificate says.
    pub validity_period_days: Option<ValidityDays>,
    /// Whether it is at the edge, or on its way there.
    pub activate: bool,
    /// Whether Gateway uses it.
    pub in_use: bool,
    /// `rotation.renew_before`; absent in `before`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renew_before: Option<Period>,
    /// `rotation.trust_period`; absent in `before`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust_period: Option<Period>,
    /// `rotation.retire_after`; absent in `before`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retire_after: Option<Period>,
    /// `rotation.switch`, where it is not `auto`; absent in `before`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub switch: Option<SwitchMode>,
    /// `rotation.windows`, each as one line; absent in `before`, and where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<String>,
}

/// A remote certificate that an address holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Its id.
    pub id: CertificateId,
    /// What it is to the address.
    pub role: Role,
    /// Where the edge is with it; none when it was not seen.
    pub binding_status: Option<BindingStatus>,
    /// Whether Gateway uses it.
    pub in_use: bool,
    /// When it expires.
    pub expires_on: Option<Timestamp>,
    /// Since when it is available, as far as is known.
    pub available_since: Option<Timestamp>,
    /// Whether that is only when it was first looked at.
    pub inferred: bool,
}

/// What a step does: one API call or one state write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// State: something to remember.
    Record,
    /// State: take a certificate over.
    Adopt,
    /// State: let a certificate go.
    Forget,
    /// `POST …/activate`.
    Activate,
    /// `PATCH …/configuration`.
    SetInUse,
    /// `POST …/certificates`.
    Create,
    /// `POST …/deactivate`.
    Deactivate,
    /// `DELETE …`.
    Delete,
}

impl Action {
    /// The word in documents.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Adopt => "adopt",
            Self::Forget => "forget",
            Self::Activate => "activate",
            Self::SetInUse => "set_in_use",
            Self::Create => "create",
            Self::Deactivate => "deactivate",
            Self::Delete => "delete",
        }
    }

    /// Whether it is a state write alone, without an API call.
    #[must_use]
    pub fn is_state_only(self) -> bool {
        matches!(self, Self::Record | Self::Adopt | Self::Forget)
    }
}

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

/// Who could notice a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlastRadius {
    /// Nobody.
    Nobody,
    /// Devices that have not fetched the new certificate yet.
    UnsyncedDevices,
    /// Everybody whose HTTPS Gateway inspects.
    Everybody,
}

/// A remote certificate that nothing in spec or state claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmanaged {
    /// In which account.
    pub account: Name,
    /// Which.
    pub certificate_id: CertificateId,
    /// Who made it.
    #[serde(rename = "type")]
    pub kind: CertificateType,
    /// Whether Gateway uses it.
    pub in_use: bool,
    /// When it expires.
    pub expires_on: Option<Timestamp>,
}
