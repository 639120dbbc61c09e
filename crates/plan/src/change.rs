//! What happens to one address, and why.

use certctl_model::{
    AccountId, Address, BindingStatus, Cause, CertificateId, CertificateType, Changed,
    DeviceCounts, Fingerprint, Name, Note, Period, Reason, Role, Settings, Timestamp,
    TrustEvidence, ValidityDays,
};
use certctl_spec::SwitchMode;
use serde::{Deserialize, Serialize};

use crate::operation::Operation;
use crate::step::{Step, Waiting};

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
    /// The rule that decided, as in `docs/decisions.md`; empty in documents of format 1.0.
    #[serde(default)]
    pub rule: String,
    /// What is there; none where nothing is bound.
    pub before: Option<Attributes>,
    /// What will be there; none where it is removed.
    pub after: Option<Attributes>,
    /// What is declared against what was accepted, where they differ; boxed, for that is rare, and large.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Box<Changed<Settings>>>,
    /// The remote certificates that the address holds.
    pub certificates: Vec<BoundCertificate>,
    /// Everything that is left to do, in order.
    pub steps: Vec<Step>,
    /// What the first step that is not due waits for.
    pub waiting: Option<Waiting>,
    /// Who could notice.
    pub blast_radius: BlastRadius,
    /// Until when the certificate that was replaced is still there to go back to.
    pub rollback_until: Option<Timestamp>,
}

impl Change {
    /// Whether it only remembers facts: nothing is called, nobody has to review it.
    #[must_use]
    pub fn only_remembers(&self) -> bool {
        self.kind == ChangeKind::Update
            && self.reason.code != Reason::SettingsChanged
            && !self.steps.is_empty()
            && self.steps.iter().all(|s| s.operation == Operation::Record)
    }

    /// What a replacement or renewal is as well, where the address first takes a certificate over, or is
    /// renamed: it counts as both.
    #[must_use]
    pub fn begins_as(&self) -> Option<ChangeKind> {
        let mut notes = self.steps.iter().flat_map(|step| &step.notes);
        let rotates = matches!(self.kind, ChangeKind::Replace | ChangeKind::Renew);
        notes.find_map(|note| match note {
            Note::Adopted { .. } if rotates => Some(ChangeKind::Adopt),
            Note::Move { .. } if rotates => Some(ChangeKind::Move),
            _ => None,
        })
    }

    /// What one of its steps is done to, in words.
    #[must_use]
    pub fn object(&self, step: &Step) -> String {
        match &step.operation {
            Operation::Create { days, .. } => format!("a certificate of {days} days"),
            Operation::Upload { ca, .. } => {
                let until = ca.not_after.strftime("%Y-%m-%d");
                // Enough of it to compare; the document has all of it.
                let start: String = ca.fingerprint.to_string().chars().take(23).collect();
                format!("a CA until {until}, SHA-256 {start}…")
            }
            Operation::Record if self.kind == ChangeKind::Move => "the new address".to_owned(),
            Operation::Record if self.reason.code == Reason::SettingsChanged => {
                "the accepted settings".to_owned()
            }
            Operation::Record if self.settings.is_some() => {
                "the accepted settings, and what was seen".to_owned()
            }
            Operation::Record => "what was seen".to_owned(),
            Operation::Forget(None) => "the address".to_owned(),
            Operation::Adopt(None) => "what the create made".to_owned(),
            Operation::Activate(None) | Operation::SetInUse(None) => {
                "the new certificate".to_owned()
            }
            Operation::Adopt(Some(id))
            | Operation::Forget(Some(id))
            | Operation::Activate(Some(id))
            | Operation::SetInUse(Some(id))
            | Operation::Deactivate(id)
            | Operation::Delete(id) => id.to_string(),
        }
    }
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

impl ChangeKind {
    /// The kinds that do something, in the order in which they are counted.
    pub const ALL: [Self; 8] = [
        Self::Create,
        Self::Adopt,
        Self::Replace,
        Self::Renew,
        Self::Update,
        Self::Move,
        Self::Delete,
        Self::Forget,
    ];

    /// A rotation of this cause; one whose cause is not known is a replacement.
    #[must_use]
    pub fn of_rotation(cause: Option<Cause>) -> Self {
        match cause {
            Some(Cause::Renew) => Self::Renew,
            Some(Cause::Replace | Cause::Requested | Cause::Compromised) | None => Self::Replace,
        }
    }

    /// The word in documents.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoOp => "no_op",
            Self::Adopt => "adopt",
            Self::Create => "create",
            Self::Replace => "replace",
            Self::Renew => "renew",
            Self::Update => "update",
            Self::Move => "move",
            Self::Delete => "delete",
            Self::Forget => "forget",
        }
    }
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
pub struct Attributes {
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
    /// `rotation.trust_evidence`; absent in `before`, and where none is declared or needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust_evidence: Option<TrustEvidence>,
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
pub struct BoundCertificate {
    /// Its id.
    pub id: CertificateId,
    /// What it is to the address.
    pub role: Role,
    /// SHA-256 of its DER; none when it was not seen, or does not say what the API says of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Fingerprint>,
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
    /// What the devices show of having had the time to fetch it; absent where that was not asked, or not
    /// answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<DeviceCounts>,
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
