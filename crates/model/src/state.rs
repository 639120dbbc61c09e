//! What the API cannot keep: bindings, roles, intents, and when something was first seen or done.
//!
//! *Purpose*: the content of one account's state document. *Invariants*: held by the transitions in
//! `transition.rs`, the only way to change it. *Non-goals*: files, locks, serials (crate `state`).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::code::Guard;
use crate::lifecycle::Lifecycle;
use crate::motive::Motive;
use crate::settings::{AccountSettings, Settings};
use crate::{
    Action, ApiTime, CertificateId, Fingerprint, Machine, MachineTime, Moment, Name, Period,
    ValidityDays,
};

/// What is remembered of one account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountState {
    /// The account's name when the state was last written; for display only.
    #[serde(default)]
    pub account_name: Option<Name>,
    /// The `name` of the spec; a spec of another name is refused.
    #[serde(default)]
    pub spec_name: Option<Name>,
    /// What each certificate name is bound to; boxed, for a map has room for eleven, and most accounts have one.
    #[serde(default)]
    pub certificates: BTreeMap<Name, Box<Entry>>,
    /// Mutations whose outcome is not known yet.
    #[serde(default)]
    pub intents: Vec<Intent>,
    /// Creations of the last 24 hours: Cloudflare allows three, and deletes do not refund them.
    #[serde(default)]
    pub creations: Vec<Creation>,
    /// Creates of the last 24 hours of which no effect was seen: what fits one of them and shows up
    /// late is probably ours.
    #[serde(default)]
    pub abandoned: Vec<Intent>,
    /// What certctl last set in use, or found in use when it adopted it.
    #[serde(default)]
    pub in_use: Option<InUseRecord>,
    /// Disputes about what Gateway uses in which a person let certctl switch; forgotten with the next
    /// switch.
    #[serde(default)]
    pub allowed_disputes: Vec<Dispute>,
    /// Switches away from what somebody else chose, which a person let certctl make; forgotten with the
    /// next switch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed_switches: Vec<AllowedSwitch>,
    /// When the account was read last before this was written, by the API's clock.
    #[serde(default)]
    pub seen_at: Option<Timestamp>,
    /// Certificates that were found younger than this state and claimed by nothing, until somebody says
    /// whose they are.
    #[serde(default)]
    pub suspects: BTreeSet<CertificateId>,
    /// Those of which a person said that they are nobody's of ours.
    #[serde(default)]
    pub strangers: BTreeSet<CertificateId>,
    /// What an approved run last took up of what is declared for the account as a whole; none in a
    /// document of an older version.
    #[serde(default)]
    pub settings: Option<AccountSettings>,
    /// A digest that was accepted and whose due steps are not all done; boxed, for that is rare.
    #[serde(default)]
    pub accepted: Option<Box<Accepted>>,
}

/// Everything bound to one certificate name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The remote certificates that it holds: at most one current, at most one successor.
    pub bindings: Vec<Binding>,
    /// What an approved run last took up of what is declared; none in a document of an older
    /// version, until an approved run has seen it.
    #[serde(default)]
    pub settings: Option<Settings>,
    /// Whether an approved run took up that the spec names it no longer: then it is on its way out.
    #[serde(default)]
    pub removed: bool,
    /// What removal from the spec does; a part of `settings`, and all that an older version kept.
    #[serde(default)]
    pub lifecycle: Lifecycle,
    /// The retire period, likewise.
    #[serde(default)]
    pub retire_after: Option<Period>,
    /// Why the open rotation was started.
    #[serde(default)]
    pub cause: Option<Cause>,
    /// What an approved run set out to make of it and has not reached yet, so that an unattended
    /// run may go on with it.
    #[serde(default, rename = "begun")]
    pub aim: Option<Aim>,
    /// What it held once and no longer does, so that a stale `import` is recognised.
    #[serde(default)]
    pub had: Vec<CertificateId>,
}

/// One remote certificate that an address holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// The remote certificate.
    pub id: CertificateId,
    /// What it is to the address.
    pub role: Role,
    /// How it came to be bound.
    pub origin: Origin,
    /// The validity that was asked for, in days; `None` for what was adopted.
    #[serde(default)]
    pub days: Option<ValidityDays>,
    /// When it was bound.
    pub bound_at: Timestamp,
    /// When the request that made it left, by the clock of the machine that sent it: a read soon
    /// after may lag behind it.
    #[serde(default)]
    pub sent_at: Option<MachineTime>,
    /// Which machine that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_on: Option<Machine>,
    /// The same moment by the API's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_date: Option<ApiTime>,
    /// When it was last seen to become available.
    #[serde(default)]
    pub available_since: Option<Timestamp>,
    /// Whether `available_since` is when it was first looked at, not when it happened.
    #[serde(default)]
    pub inferred: bool,
    /// Whether Gateway used it when it was last looked at.
    #[serde(default)]
    pub in_use: bool,
    /// When Gateway was last seen to stop using it.
    #[serde(default)]
    pub in_use_until: Option<Timestamp>,
    /// When it became `retiring`.
    #[serde(default)]
    pub retiring_since: Option<Timestamp>,
    /// When it was first seen in the pending status that it still has.
    #[serde(default)]
    pub pending_since: Option<Timestamp>,
    /// Whether somebody said that its key is not to be trusted: it is never set in use again.
    #[serde(default)]
    pub compromised: bool,
    /// For a successor: what a person said of the switch to it.
    #[serde(default)]
    pub hold: Option<Hold>,
    /// Its PEM, public, as it was first seen and verified: devices may need it while the API cannot be
    /// reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pem: Option<String>,
}

/// What a person said of the switch to a successor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hold {
    /// It was switched away from again, or never to be switched to: not before somebody says so.
    Held,
    /// It is to go on, whatever the spec's `rotation.switch` says.
    Released,
}

/// Where a change that takes more than one run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aim {
    /// Available.
    Activate,
    /// In use.
    SetInUse,
    /// Not at the edge.
    Deactivate,
    /// Gone.
    Delete,
}

/// What a bound remote certificate is to its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The certificate of the address.
    Current,
    /// What will replace the current one.
    Successor,
    /// What was replaced, kept as the way back until it is removed.
    Retiring,
}

impl Role {
    /// The word in documents.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Successor => "successor",
            Self::Retiring => "retiring",
        }
    }
}

/// How a certificate came to be bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Created by certctl.
    Created,
    /// Found, and taken over.
    Adopted,
    /// Uploaded by certctl, as the spec gives it.
    Uploaded,
}

/// Why a rotation was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Its declared validity changed.
    Replace,
    /// A replace was asked for, whatever the spec says; stands until the successor takes over.
    Requested,
    /// Its expiry came near.
    Renew,
    /// Its key is not to be trusted any more.
    Compromised,
}

/// A mutation that was written down before its request left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intent {
    /// What is to be done.
    pub mutation: Mutation,
    /// When, by the planner's clock: comparable with the API's timestamps.
    pub at: Timestamp,
    /// When it left, by the clock of the machine that sent it: what the settle window counts from.
    pub sent_at: MachineTime,
    /// Which machine that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_on: Option<Machine>,
    /// The same moment by the API's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_date: Option<ApiTime>,
    /// What is known of its answer although its effect is not: `HTTP 502 (Bad Gateway), ray …`. None
    /// while nobody noted one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

/// The requests that change something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Mutation {
    /// `POST …/certificates`.
    Create {
        /// For which certificate name.
        certificate: Name,
        /// What it will be.
        role: Role,
        /// The validity that is asked for.
        days: ValidityDays,
        /// Every id that the account had before: what is not among them is new.
        known: BTreeSet<CertificateId>,
    },
    /// `POST …/mtls_certificates`.
    Upload {
        /// For which certificate name.
        certificate: Name,
        /// What it will be.
        role: Role,
        /// By what it is known once it is there ([`crate::CaFacts::content`]).
        content: Fingerprint,
    },
    /// `POST …/activate`.
    Activate {
        /// Which.
        id: CertificateId,
    },
    /// `PATCH …/configuration`.
    SetInUse {
        /// Which.
        id: CertificateId,
    },
    /// `POST …/deactivate`.
    Deactivate {
        /// Which.
        id: CertificateId,
    },
    /// `DELETE …`.
    Delete {
        /// Which.
        id: CertificateId,
    },
}

/// A creation that counts against the limit of three in 24 hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Creation {
    /// When.
    pub at: Timestamp,
    /// What was made.
    pub id: CertificateId,
}

/// What certctl last set in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InUseRecord {
    /// Which.
    pub id: CertificateId,
    /// When that was confirmed.
    pub at: Timestamp,
    /// Whether certctl asked for it, so that the configuration has to name it.
    #[serde(default)]
    pub set: bool,
    /// Why certctl asked for it; none where it did not, and in a document of an older version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub motive: Option<Motive>,
}

/// Two answers to what Gateway uses that disagree, and the address that a person let be switched to
/// all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dispute {
    /// The certificate name of the address.
    pub certificate: Name,
    /// What the list marked as in use.
    pub listed: BTreeSet<CertificateId>,
    /// What the configuration named.
    pub configured: Option<CertificateId>,
}

/// A switch that a person let an address make with `--allow`, however long it has to wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllowedSwitch {
    /// The certificate name of the address.
    pub certificate: Name,
    /// Which guard may be passed.
    pub guard: Guard,
    /// What Gateway used when that was said: away from another one is another question.
    pub from: CertificateId,
}

/// An approval that outlives an interrupted run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// The account's digest, `sha256:…`.
    pub digest: String,
    /// When it was accepted.
    pub at: Timestamp,
    /// What it was accepted from, `sha256:…` over all that is declared of the account and the planning
    /// options; none in a document of an older version.
    #[serde(default)]
    pub basis: Option<String>,
    /// What of it is left to do: for which name, what, to which certificate (none for one that is yet
    /// to be created).
    pub steps: Vec<(Name, Action, Option<CertificateId>)>,
}

impl AccountState {
    /// Gives back what its lists do not fill. One that is read has room for four, and a fleet holds
    /// thousands of states at once.
    pub fn shrink_to_fit(&mut self) {
        self.creations.shrink_to_fit();
        for entry in self.certificates.values_mut() {
            entry.bindings.shrink_to_fit();
            entry.had.shrink_to_fit();
        }
    }

    /// The binding of this remote certificate, and the name that holds it.
    #[must_use]
    pub fn binding(&self, id: &CertificateId) -> Option<(&Name, &Binding)> {
        self.bindings().find(|(_, binding)| binding.id == *id)
    }

    /// All bindings, with the names that hold them.
    pub fn bindings(&self) -> impl Iterator<Item = (&Name, &Binding)> {
        self.certificates
            .iter()
            .flat_map(|(name, entry)| entry.bindings.iter().map(move |b| (name, b)))
    }

    /// The open create or upload, if there is one: at most one per account at a time (law 1).
    #[must_use]
    pub fn open_create(&self) -> Option<&Intent> {
        self.intents
            .iter()
            .find(|intent| intent.mutation.makes().is_some())
    }
}

impl Entry {
    /// The binding with this role; the first, of several retiring ones.
    #[must_use]
    pub fn with_role(&self, role: Role) -> Option<&Binding> {
        self.bindings.iter().find(|binding| binding.role == role)
    }

    /// Why the open rotation switches Gateway to its successor.
    #[must_use]
    pub fn motive(&self) -> Motive {
        match self.cause {
            Some(Cause::Renew) => Motive::Renewal,
            Some(Cause::Replace | Cause::Requested | Cause::Compromised) => Motive::Replacement,
            None => Motive::Declared,
        }
    }
}

impl Intent {
    /// A request that leaves at this moment; `at` is the planner's clock, or the API's where known.
    #[must_use]
    pub fn new(mutation: Mutation, at: Timestamp, sent: Moment) -> Self {
        Self {
            mutation,
            at,
            sent_at: sent.machine,
            sent_on: sent.on,
            sent_date: sent.api,
            answer: None,
        }
    }

    /// When it left, by every clock that was at hand.
    #[must_use]
    pub fn sent(&self) -> Moment {
        Moment {
            machine: self.sent_at,
            on: self.sent_on.clone(),
            api: self.sent_date,
        }
    }
}

impl Binding {
    /// When the request that made it left, by every clock that was at hand; none for what was adopted.
    #[must_use]
    pub fn sent(&self) -> Option<Moment> {
        Some(Moment {
            machine: self.sent_at?,
            on: self.sent_on.clone(),
            api: self.sent_date,
        })
    }
}

impl Mutation {
    /// The name for which it makes a certificate, and the role of that; none where it makes none.
    #[must_use]
    pub fn makes(&self) -> Option<(&Name, Role)> {
        match self {
            Self::Create {
                certificate, role, ..
            }
            | Self::Upload {
                certificate, role, ..
            } => Some((certificate, *role)),
            Self::Activate { .. }
            | Self::SetInUse { .. }
            | Self::Deactivate { .. }
            | Self::Delete { .. } => None,
        }
    }

    /// The certificate that it is about; none where it makes one.
    #[must_use]
    pub fn certificate_id(&self) -> Option<&CertificateId> {
        match self {
            Self::Create { .. } | Self::Upload { .. } => None,
            Self::Activate { id }
            | Self::SetInUse { id }
            | Self::Deactivate { id }
            | Self::Delete { id } => Some(id),
        }
    }
}
