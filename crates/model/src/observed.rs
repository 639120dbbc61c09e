//! What the API says now.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    AccountId, ApiTime, BindingStatus, CertificateId, Evidence, Machine, MachineTime, Moment,
    Mutation, RemoteCertificate,
};

/// What was read of the Gateway configuration: the second witness of what is in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// `settings.certificate.id`, or that of an enabled legacy `custom_certificate`. The nil UUID
    /// stands for Cloudflare's shared root; `None` where the block was never set and says nothing.
    #[serde(default)]
    pub certificate_id: Option<CertificateId>,
    /// `settings.tls_decrypt.enabled`: whether Gateway inspects at all. `None` when absent.
    #[serde(default)]
    pub tls_decrypt: Option<bool>,
}

/// Whether the Cloudflare One Client installs certificates on devices at all: the device setting
/// `root_certificate_installation_enabled`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Installation {
    /// It does, where its platform lets it.
    Enabled,
    /// It does not, whatever is available.
    Disabled,
    /// The settings do not say, or the token may not read them.
    Unknown,
}

/// What one account's API said, at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observed {
    /// The account.
    pub account_id: AccountId,
    /// When, by this machine's clock: also under a pinned planner's clock.
    pub at: MachineTime,
    /// Which machine that is.
    #[serde(default)]
    pub on: Option<Machine>,
    /// The API's own `Date` of the answer, if it gave one and the planner's clock is not pinned.
    #[serde(default)]
    pub date: Option<Timestamp>,
    /// Every certificate of the account, ordered by id.
    pub certificates: Vec<RemoteCertificate>,
    /// Bound certificates that were not listed and of which a GET said that they do not exist.
    #[serde(default)]
    pub gone: BTreeSet<CertificateId>,
    /// The Gateway configuration; read where anything is to be done in the account.
    #[serde(default)]
    pub configuration: Option<Configuration>,
    /// Whether devices install certificates; read where a switch is to come.
    #[serde(default)]
    pub installation: Option<Installation>,
    /// What the devices show of having had the time to fetch a certificate; read where a switch waits for
    /// that, or where it was asked for; boxed, for that is rare.
    #[serde(default)]
    pub evidence: Option<Box<Evidence>>,
}

/// What Gateway inspects with, by both witnesses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InUse {
    /// None of the account's certificates.
    Nothing,
    /// This one.
    Certificate(CertificateId),
    /// The witnesses disagree: whatever depends on the answer waits.
    Disputed {
        /// What the list marks as `in_use`.
        listed: BTreeSet<CertificateId>,
        /// What the configuration names; `None` for none, or where it was not read.
        configured: Option<CertificateId>,
    },
}

impl Observed {
    /// When it was read, by every clock at hand.
    #[must_use]
    pub fn moment(&self) -> Moment {
        Moment {
            machine: self.at,
            on: self.on.clone(),
            api: self.date.map(ApiTime),
        }
    }

    /// Whether the effect of this request is seen. Never of a create or upload: which certificate one
    /// made is settled by looking at all of them.
    #[must_use]
    pub fn shows(&self, mutation: &Mutation) -> bool {
        use BindingStatus::{Available, Inactive, PendingDeletion, PendingDeployment};
        let status = |id| self.certificate(id).map(|remote| &remote.binding_status);
        match mutation {
            Mutation::Activate { id } => matches!(status(id), Some(Available | PendingDeployment)),
            Mutation::Deactivate { id } => matches!(status(id), Some(Inactive | PendingDeletion)),
            Mutation::SetInUse { id } => self.in_use() == InUse::Certificate(id.clone()),
            Mutation::Delete { id } => self.gone.contains(id),
            Mutation::Create { .. } | Mutation::Upload { .. } => false,
        }
    }

    /// The certificate with this id, if the API returned it.
    #[must_use]
    pub fn certificate(&self, id: &CertificateId) -> Option<&RemoteCertificate> {
        self.certificates
            .iter()
            .find(|certificate| certificate.id == *id)
    }

    /// What Gateway uses, as far as was read. A configuration block that was never set says
    /// nothing; one that holds the nil UUID says "none".
    #[must_use]
    pub fn in_use(&self) -> InUse {
        let listed: BTreeSet<CertificateId> = self
            .certificates
            .iter()
            .filter(|c| c.in_use)
            .map(|c| c.id.clone())
            .collect();
        let configured = self
            .configuration
            .as_ref()
            .and_then(|c| c.certificate_id.clone());
        let only = (listed.len() == 1)
            .then(|| listed.first().cloned())
            .flatten();
        match (&only, &configured) {
            (Some(id), None) => InUse::Certificate(id.clone()),
            (Some(id), Some(witness)) if id == witness => InUse::Certificate(id.clone()),
            (None, None) if listed.is_empty() => InUse::Nothing,
            (None, Some(witness)) if listed.is_empty() && witness.is_nil() => InUse::Nothing,
            _ => InUse::Disputed {
                listed,
                configured: configured.filter(|id| !id.is_nil()),
            },
        }
    }

    /// Whether either witness names this certificate. What may be in use is never taken away.
    #[must_use]
    pub fn may_be_in_use(&self, id: &CertificateId) -> bool {
        self.in_use().may_be(id)
    }
}

impl InUse {
    /// Whether either witness names this certificate.
    #[must_use]
    pub fn may_be(&self, id: &CertificateId) -> bool {
        match self {
            Self::Nothing => false,
            Self::Certificate(used) => used == id,
            Self::Disputed { listed, configured } => {
                listed.contains(id) || configured.as_ref() == Some(id)
            }
        }
    }
}
