//! The spec: what should be, parsed and validated.
//!
//! *Invariants*: names and account ids are unique; at most one certificate of an account is declared
//! in use, and that one is active; periods fit each other and the validity. Defaults are merged in.

use std::collections::BTreeMap;
use std::sync::Arc;

use certctl_model::{
    AccountId, Address, CertificateId, Custom, Encryption, Lifecycle, Name, Period, Place,
    Timestamp, TrustEvidence, ValidityDays,
};

pub use certctl_model::{Adopt, SwitchMode};

use crate::own::Own;
use crate::policy::Policy;
use crate::token::Token;
use crate::window::{self, Window};

/// What all files together declare.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spec {
    /// The spec's name; the state records it and refuses a spec of another name.
    pub name: Option<Name>,
    /// Where the state is; a relative path is beside the file that says it.
    pub state: Option<StateLocation>,
    /// What no plan may do without leave.
    pub policy: Policy,
    /// The accounts, ordered by name.
    pub accounts: Vec<Account>,
    /// Those that are suspended, ordered by name: they are neither read nor changed.
    pub suspended: Vec<Account>,
    /// Those that a selection left out: neither read nor changed. Their states are read where
    /// `policy.waves` makes others wait for them.
    pub left_out: Vec<Account>,
}

/// Where the state is, and what is told to the bucket there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateLocation {
    /// A directory or the URL of a bucket, as written.
    pub url: String,
    /// What each write demands; only of `s3://`.
    pub encryption: Option<Encryption>,
}

/// One account and the certificates declared in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its name, ours.
    pub name: Name,
    /// Its id, Cloudflare's.
    pub account_id: AccountId,
    /// What to do with certificates that exist already.
    pub adopt: Adopt,
    /// Words by which it is selected, by their keys.
    pub labels: BTreeMap<String, String>,
    /// Where its API token comes from; `None`: it is that of the run.
    pub token: Option<Token>,
    /// Whether it is neither read nor changed.
    pub suspended: bool,
    /// The certificates, ordered by name.
    pub certificates: Vec<Certificate>,
    /// Where it is declared.
    pub place: Place,
}

/// One declared certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Its name, unique in the account.
    pub name: Name,
    /// The validity; `None`: [`ValidityDays::DEFAULT`] is sent at creation and never compared.
    pub validity_period_days: Option<ValidityDays>,
    /// Whether it is to be available; `None`: true for what certctl creates, and what is adopted
    /// stays as it is. `Some(true)` wherever `in_use` is.
    pub activate: Option<bool>,
    /// Whether Gateway is to use it; `None`: not managed.
    pub in_use: Option<bool>,
    /// When and how it is replaced.
    pub rotation: Rotation,
    /// What removal from the spec means.
    pub lifecycle: Lifecycle,
    /// Which existing certificate it is.
    pub import: Option<Import>,
    /// Which custom certificate it is; `None`: Cloudflare issues it. Then it is neither imported nor of a
    /// declared validity; and one that somebody uploaded is never declared inactive.
    pub custom: Option<Custom>,
    /// The CA that certctl uploads for it, where that is declared. With accepted settings `custom` may be
    /// another one.
    pub own: Option<Arc<Own>>,
    /// The name that it had.
    pub moved_from: Option<Name>,
    /// Where it is declared: its name.
    pub place: Place,
    /// Where its `import` stands, else its name.
    pub import_place: Place,
    /// Where its `custom` stands, else its name.
    pub custom_place: Place,
    /// Where its `moved_from` stands, else its name.
    pub moved_from_place: Place,
}

/// The periods of a rotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// How long before its expiry it is renewed; `None`: never by time.
    pub renew_before: Option<Period>,
    /// How long a certificate is available before it is set in use.
    pub trust_period: Period,
    /// The share of the devices that the switch waits for as well; `None`: for none.
    pub trust_evidence: Option<TrustEvidence>,
    /// How long what was in use stays available after it was switched away from.
    pub retire_after: Period,
    /// Whether the switch to a successor waits for somebody.
    pub switch: SwitchMode,
    /// Maintenance windows; without any, every instant will do.
    pub windows: Vec<Window>,
}

impl Rotation {
    /// The first instant, from `at` on, at which a switch is possible: `at` itself within a window,
    /// or without any. `None`: never.
    #[must_use]
    pub fn opening(&self, at: Timestamp) -> Option<Timestamp> {
        window::opening(&self.windows, at)
    }
}

/// Which existing certificate an address is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Import {
    /// This one.
    Id(CertificateId),
    /// None: create a new one beside whatever exists.
    None,
}

impl Default for Rotation {
    fn default() -> Self {
        Self {
            renew_before: None,
            trust_period: Period::days(7),
            trust_evidence: None,
            retire_after: Period::days(7),
            switch: SwitchMode::Auto,
            windows: Vec::new(),
        }
    }
}

impl Spec {
    /// The declared account of this name.
    #[must_use]
    pub fn account(&self, name: &Name) -> Option<&Account> {
        self.accounts.iter().find(|account| account.name == *name)
    }
}

impl Account {
    /// The address of a certificate of this account.
    #[must_use]
    pub fn address(&self, certificate: &Name) -> Address {
        Address {
            account: self.name.clone(),
            certificate: certificate.clone(),
        }
    }

    /// The declared certificate of this name.
    #[must_use]
    pub fn certificate(&self, name: &Name) -> Option<&Certificate> {
        self.certificates
            .iter()
            .find(|certificate| certificate.name == *name)
    }
}
