//! What the command line adds to the inputs; part of the plan and of its digest.

use std::collections::BTreeSet;

use certctl_model::{Address, CertificateId, Guard, Invalid, Name, Note, Period};

use crate::allow::{Allow, Scope};
use crate::allowance::Allowance;
use crate::wave::AccountWave;

/// The planning options, equal on `plan` and `apply`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Start a rotation of these now (nothing, while one is open).
    pub replace: BTreeSet<Address>,
    /// The certificates of these are not to be trusted any more: away from them, at once.
    pub compromised: BTreeSet<Address>,
    /// Certificates that are not to be trusted any more, by their ids.
    pub compromised_ids: BTreeSet<CertificateId>,
    /// Back to the predecessor of these; their rotation is held.
    pub rollback: BTreeSet<Address>,
    /// The held rotations of these go on.
    pub resume: BTreeSet<Address>,
    /// Only renewals, and the later steps of what an approved run began.
    pub only_rotation: bool,
    /// That no approval came with this run: it does only what was accepted before. Not typed, and
    /// not part of the digest.
    pub unapproved: bool,
    /// Guards that may be passed.
    pub allow: BTreeSet<Allow>,
    /// Plan only these addresses; all, when empty.
    pub targets: BTreeSet<Address>,
    /// How long after a create of unknown outcome its certificate may still appear.
    pub settle_timeout: Period,
    /// What is left of the policy's limits per run. Not typed, and not part of the digest: what it
    /// holds back, waits.
    pub allowance: Allowance,
    /// In which of `policy.waves` the account is, and whom it has to wait for. Not typed, and not part
    /// of the digest.
    pub wave: Option<AccountWave>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            replace: BTreeSet::new(),
            compromised: BTreeSet::new(),
            compromised_ids: BTreeSet::new(),
            rollback: BTreeSet::new(),
            resume: BTreeSet::new(),
            only_rotation: false,
            unapproved: false,
            allow: BTreeSet::new(),
            targets: BTreeSet::new(),
            settle_timeout: Period::seconds(60),
            allowance: Allowance::default(),
            wave: None,
        }
    }
}

impl Options {
    /// Whether nobody said yes to what is declared now: then what was accepted last counts.
    #[must_use]
    pub fn is_unattended(&self) -> bool {
        self.only_rotation || self.unapproved
    }

    /// Whether a guard may be passed at this address.
    #[must_use]
    pub fn allows(&self, guard: Guard, address: &Address) -> bool {
        self.allow
            .iter()
            .any(|allow| allow.guard == guard && allow.scope.covers(address))
    }

    /// Whether this certificate may be removed, though it is the last one that is available.
    #[must_use]
    pub fn allows_removal(&self, address: &Address, id: &CertificateId) -> bool {
        let this = Allow {
            guard: Guard::LastAvailable,
            scope: Scope::Certificate(id.clone()),
        };
        self.allow.contains(&this) || self.allows(Guard::LastAvailable, address)
    }

    /// Whether this address is to be planned.
    #[must_use]
    pub fn targets(&self, address: &Address) -> bool {
        self.targets.is_empty() || self.targets.contains(address)
    }

    /// Forgets an order for this address that these notes carried out: it is given once, and a run
    /// that plans again must not take it for a new one. An order that named the address from before a
    /// rename names the one from after it.
    pub fn spend(&mut self, address: &Address, notes: &[Note]) {
        for note in notes {
            match note {
                Note::Created { .. } => self.replace.remove(address),
                Note::Compromised { id } => {
                    self.compromised.remove(address) | self.compromised_ids.remove(id)
                }
                Note::Rollback { .. } => self.rollback.remove(address),
                Note::Hold { .. } => self.rollback.remove(address) | self.resume.remove(address),
                Note::Move { from, .. } => self.rename(from, address),
                _ => false,
            };
        }
    }

    fn rename(&mut self, from: &Name, to: &Address) -> bool {
        let from = Address {
            account: to.account.clone(),
            certificate: from.clone(),
        };
        let Self {
            replace,
            compromised,
            rollback,
            resume,
            targets,
            ..
        } = self;
        let mut renamed = false;
        for addresses in [replace, compromised, rollback, resume, targets] {
            if addresses.remove(&from) {
                renamed |= addresses.insert(to.clone());
            }
        }
        renamed
    }

    /// The addresses that an order was given for.
    pub fn ordered(&self) -> impl Iterator<Item = &Address> {
        let orders = [
            &self.replace,
            &self.compromised,
            &self.rollback,
            &self.resume,
        ];
        orders.into_iter().flatten()
    }

    /// The options as they stand in a plan, in one order.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        for (option, addresses) in [
            ("--replace", &self.replace),
            ("--compromised", &self.compromised),
            ("--rollback", &self.rollback),
            ("--resume", &self.resume),
        ] {
            words.extend(
                addresses
                    .iter()
                    .map(|address| format!("{option} {address}")),
            );
        }
        let ids = self.compromised_ids.iter();
        words.extend(ids.map(|id| format!("--compromised {id}")));
        words.extend(self.only_rotation.then(|| "--only rotation".to_owned()));
        words.extend(self.allow.iter().map(|allow| format!("--allow {allow}")));
        words.extend(
            self.targets
                .iter()
                .map(|address| format!("--target {address}")),
        );
        words
    }

    /// Reads back what [`Options::words`] wrote, for a saved plan.
    ///
    /// # Errors
    /// When a word is not one of ours: the plan was made by a newer certctl.
    pub fn from_words(words: &[String]) -> Result<Self, Invalid> {
        let mut options = Self::default();
        for word in words {
            match word.split_once(' ') {
                Some(("--replace", address)) => {
                    options.replace.insert(address.parse()?);
                }
                Some(("--compromised", address)) if address.contains('/') => {
                    options.compromised.insert(address.parse()?);
                }
                Some(("--compromised", id)) => {
                    options.compromised_ids.insert(id.parse()?);
                }
                Some(("--rollback", address)) => {
                    options.rollback.insert(address.parse()?);
                }
                Some(("--resume", address)) => {
                    options.resume.insert(address.parse()?);
                }
                Some(("--only", "rotation")) => options.only_rotation = true,
                Some(("--allow", allow)) => {
                    options.allow.insert(allow.parse()?);
                }
                Some(("--target", address)) => {
                    options.targets.insert(address.parse()?);
                }
                _ => return Err(invalid(word)),
            }
        }
        Ok(options)
    }
}

fn invalid(word: &str) -> Invalid {
    Invalid {
        what: "planning option",
        value: word.chars().take(80).collect(),
        rule: "it is one that this certctl knows",
    }
}
