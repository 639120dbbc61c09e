//! One step of a change: an API call or a state write, and what it waits for.

use certctl_model::{CertificateId, Mutation, Name, Note, Role, Timestamp};
use serde::{Deserialize, Serialize};

use crate::operation::{Action, Operation, Written};

/// Who wants the steps of a lane, and so whether a run that nobody watches may go on with them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mandate {
    /// The calendar, or an emergency: a renewal, an open rotation, a retirement, away from what is
    /// compromised.
    Calendar,
    /// Somebody who accepted it in an earlier run, of which this is a later step.
    Accepted,
    /// This plan alone.
    #[default]
    New,
}

/// One API call or state write of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Document", into = "Document")]
pub struct Step {
    /// What it does.
    pub operation: Operation,
    /// When it can be done at the earliest, where that is known and not now.
    pub not_before: Option<Timestamp>,
    /// Which lane of its change it belongs to, from 0: the steps of a lane follow each other, and only
    /// the first of them can be due.
    pub lane: usize,
    /// Whether it can be done now. An executor decides that afresh.
    pub due: bool,
    /// What it waits for, where it is the next of its lane and not due.
    pub waits_for: Option<WaitFor>,
    /// Who wants it. Not part of the document: it is decided afresh.
    pub mandate: Mandate,
    /// The facts that go into the state with it. Not part of the document either.
    pub notes: Vec<Note>,
}

impl Step {
    /// A step that is not due until its lane says so.
    #[must_use]
    pub fn new(operation: Operation) -> Self {
        Self {
            operation,
            not_before: None,
            lane: 0,
            mandate: Mandate::New,
            due: false,
            waits_for: None,
            notes: Vec::new(),
        }
    }

    /// The verb of what it does.
    #[must_use]
    pub fn action(&self) -> Action {
        self.operation.action()
    }

    /// The certificate that it is about; none for one that is yet to be created.
    #[must_use]
    pub fn certificate_id(&self) -> Option<&CertificateId> {
        self.operation.certificate_id()
    }

    /// The role of the certificate that it makes: [`Operation::makes`].
    #[must_use]
    pub fn makes(&self) -> Option<Role> {
        self.operation.makes()
    }

    /// The request that it is: [`Operation::mutation`].
    #[must_use]
    pub fn mutation(
        &self,
        certificate: &Name,
        known: impl IntoIterator<Item = CertificateId>,
    ) -> Option<Mutation> {
        self.operation.mutation(certificate, known)
    }
}

/// A step in a document.
#[derive(Serialize, Deserialize)]
struct Document {
    #[serde(flatten)]
    operation: Written,
    not_before: Option<Timestamp>,
    #[serde(default)]
    lane: usize,
    #[serde(default)]
    due: bool,
    #[serde(default)]
    waits_for: Option<WaitFor>,
}

impl From<Step> for Document {
    fn from(step: Step) -> Self {
        Self {
            operation: step.operation.into(),
            not_before: step.not_before,
            lane: step.lane,
            due: step.due,
            waits_for: step.waits_for,
        }
    }
}

impl TryFrom<Document> for Step {
    type Error = &'static str;

    fn try_from(document: Document) -> Result<Self, Self::Error> {
        Ok(Self {
            not_before: document.not_before,
            lane: document.lane,
            due: document.due,
            waits_for: document.waits_for,
            ..Self::new(document.operation.try_into()?)
        })
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
    /// More of the devices that have to be seen first.
    Evidence,
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
    /// Somebody's decision about what Gateway is to use instead.
    Hold,
    /// `--resume`: a person, or the spec, holds the rotation.
    Paused,
    /// A run that somebody watches: nobody accepted it yet.
    Unattended,
    /// Another run: a limit per run of the policy is reached.
    PolicyLimit,
    /// Accounts of an earlier wave of `policy.waves`.
    Wave,
    /// Somebody who says whose a certificate is that is younger than the state.
    StaleState,
}

impl WaitFor {
    /// All of them, in the order of the docs.
    pub const ALL: [Self; 14] = [
        Self::TrustPeriod,
        Self::Evidence,
        Self::RetireAfter,
        Self::Deploying,
        Self::CreationQuota,
        Self::AvailableCap,
        Self::Settling,
        Self::Window,
        Self::Hold,
        Self::Paused,
        Self::Unattended,
        Self::PolicyLimit,
        Self::Wave,
        Self::StaleState,
    ];

    /// What it means, as part of a sentence.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::TrustPeriod => "devices get the time to trust the new certificate",
            Self::Evidence => {
                "too few devices were seen since they had the time to fetch the new certificate"
            }
            Self::RetireAfter => {
                "what was replaced is kept, as the way back or as the last that serves"
            }
            Self::Deploying => "Cloudflare's edge deploys or withdraws it",
            Self::CreationQuota => "three certificates were created in the last 24 hours",
            Self::AvailableCap => "ten certificates are at the edge",
            Self::Settling => "nobody can say yet what a request did, or what Gateway uses",
            Self::Window => "no maintenance window is open",
            Self::Hold => "Gateway uses it, and nobody declared what to use instead",
            Self::Paused => {
                "a person, or `rotation.switch: hold`, holds the rotation; `--resume` goes on"
            }
            Self::Unattended => "the run is unattended, and nobody accepted it yet",
            Self::PolicyLimit => "a limit per run of `policy` is reached",
            Self::Wave => "an account of an earlier wave was not switched for long enough",
            Self::StaleState => "a certificate that fits is younger than the state",
        }
    }

    /// The word in documents.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TrustPeriod => "trust_period",
            Self::Evidence => "evidence",
            Self::RetireAfter => "retire_after",
            Self::Deploying => "deploying",
            Self::CreationQuota => "creation_quota",
            Self::AvailableCap => "available_cap",
            Self::Settling => "settling",
            Self::Window => "window",
            Self::Hold => "hold",
            Self::Paused => "paused",
            Self::Unattended => "unattended",
            Self::PolicyLimit => "policy_limit",
            Self::Wave => "wave",
            Self::StaleState => "stale_state",
        }
    }
}
