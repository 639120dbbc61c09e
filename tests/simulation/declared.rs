//! What the people of a history declare.
//!
//! A declared validity is a label: no two addresses, and no two declarations of one address, have the
//! same number of days (they are ten apart), so that the journal alone tells for whom a certificate was
//! made.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The periods that a history begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Periods {
    pub(crate) trust_hours: u32,
    pub(crate) retire_hours: u32,
    pub(crate) renew_before_days: u32,
    /// The hour at which a window opens each day, if switches wait for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) window: Option<u32>,
    /// How many hours each wave bakes before that of the rest; those of nought are none.
    #[serde(default, skip_serializing_if = "no_waves")]
    pub(crate) waves: [u32; 2],
}

/// The accounts that a history can have, by their names and ids.
pub(crate) const ACCOUNTS: [(&str, &str); 4] = [
    ("acme", "699d98642c564d2e855e9661899b7252"),
    ("beta", "b0000000000000000000000000000001"),
    ("coda", "c0000000000000000000000000000002"),
    ("dune", "d0000000000000000000000000000003"),
];

fn no_waves(bakes: &[u32; 2]) -> bool {
    bakes.iter().all(|bake| *bake == 0)
}

/// How long a window stays open: a daily run may miss it, one twice a day does not.
pub(crate) const WINDOW_HOURS: u32 = 13;

/// The certificates of a history.
pub(crate) const NAMES: [&str; 3] = ["one", "two", "three"];

/// Between the labels of two declarations.
const STEP: u32 = 10;
/// Declarations of one address.
const MOST: u32 = 12;
const SHORTEST: u32 = 60;

/// One declared certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Certificate {
    pub(crate) days: u32,
    pub(crate) active: bool,
    pub(crate) renewed: bool,
    /// `prevent_destroy`.
    pub(crate) protected: bool,
    pub(crate) removal: Removal,
}

/// `deletion_policy`: what becomes of it when it is declared no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Removal {
    Delete,
    Deactivate,
    Retain,
}

/// `adopt`: what is done about what fits and nothing claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Adopt {
    Ask,
    Matching,
    #[default]
    Never,
}

/// What is declared of one account at a time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Declared {
    pub(crate) certificates: BTreeMap<&'static str, Certificate>,
    pub(crate) in_use: Option<&'static str>,
    /// The trust period and the retire period, where somebody declared others.
    pub(crate) trust_hours: Option<u32>,
    pub(crate) retire_hours: Option<u32>,
    /// The hour at which the window opens, or that there is none, where somebody declared another.
    pub(crate) window: Option<Option<u32>>,
    pub(crate) renew_before_days: Option<u32>,
    /// The waves, where somebody declared others.
    pub(crate) waves: Option<[u32; 2]>,
    /// Its tier: in which wave it is, as far as there are waves.
    pub(crate) tier: usize,
    pub(crate) suspended: bool,
    pub(crate) adopt: Adopt,
}

/// How somebody changes the spec. What makes no sense at the time changes nothing. Of several accounts one
/// counts through the names of all, and from there on through those of every account at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Edit {
    Add(usize),
    Remove(usize),
    Days(usize),
    Active(usize, bool),
    Renewed(usize, bool),
    InUse(usize),
    /// Another trust period, in hours; of every certificate.
    Trust(u32),
    /// Another retire period, likewise.
    Retire(u32),
    /// Another window, or none; likewise.
    Window(Option<u32>),
    /// Renewed so many days before the expiry; likewise.
    RenewBefore(u32),
    /// Other waves, or none.
    Waves([u32; 2]),
    /// Another tier of the so many-th account.
    Tier(usize, usize),
    /// Whether the so many-th account is suspended.
    Suspended(usize, bool),
    /// Declared again, with the validity that it had last.
    Return(usize),
    Protect(usize, bool),
    Removal(usize, Removal),
    /// Of the so many-th account.
    Adopt(usize, Adopt),
}

impl Edit {
    /// What of it is about an account of so many.
    pub(crate) fn of_account(self, account: usize, accounts: usize) -> Option<Self> {
        let local = |index: usize| {
            let of = index / NAMES.len();
            (of == account || of >= accounts).then_some(index % NAMES.len())
        };
        let here = |one: usize| one % accounts == account;
        Some(match self {
            Self::Add(index) => Self::Add(local(index)?),
            Self::Remove(index) => Self::Remove(local(index)?),
            Self::Days(index) => Self::Days(local(index)?),
            Self::Active(index, active) => Self::Active(local(index)?, active),
            Self::Renewed(index, renewed) => Self::Renewed(local(index)?, renewed),
            Self::InUse(index) => Self::InUse(local(index)?),
            Self::Return(index) => Self::Return(local(index)?),
            Self::Protect(index, protected) => Self::Protect(local(index)?, protected),
            Self::Removal(index, removal) => Self::Removal(local(index)?, removal),
            Self::Tier(one, _) | Self::Suspended(one, _) | Self::Adopt(one, _) if !here(one) => {
                return None;
            }
            whole @ (Self::Trust(_)
            | Self::Retire(_)
            | Self::Window(_)
            | Self::RenewBefore(_)
            | Self::Waves(_)
            | Self::Tier(..)
            | Self::Suspended(..)
            | Self::Adopt(..)) => whole,
        })
    }
}

impl Certificate {
    fn of(days: u32) -> Self {
        Self {
            days,
            active: true,
            renewed: true,
            protected: false,
            removal: Removal::Delete,
        }
    }
}

/// The label of a declaration of an address.
fn label(index: usize, version: u32) -> u32 {
    let index = u32::try_from(index).unwrap_or_default();
    SHORTEST + (index * MOST + version) * STEP
}

/// For which name a label is.
pub(crate) fn name_of(label: u32) -> Option<&'static str> {
    let version = label.checked_sub(SHORTEST)? / STEP;
    NAMES.get((version / MOST) as usize).copied()
}

impl Declared {
    /// Changes it; `versions` counts the declarations of each address.
    pub(crate) fn edit(&mut self, edit: Edit, versions: &mut [u32; 3]) {
        match edit {
            Edit::Add(index) => {
                if !self.certificates.contains_key(NAMES[index]) && versions[index] < MOST {
                    let certificate = Certificate::of(label(index, versions[index]));
                    versions[index] += 1;
                    self.certificates.insert(NAMES[index], certificate);
                }
            }
            Edit::Return(index) => {
                if let Some(last) = versions[index].checked_sub(1)
                    && !self.certificates.contains_key(NAMES[index])
                {
                    let certificate = Certificate::of(label(index, last));
                    self.certificates.insert(NAMES[index], certificate);
                }
            }
            Edit::Protect(index, protected) => {
                if let Some(certificate) = self.certificates.get_mut(NAMES[index]) {
                    certificate.protected = protected;
                }
            }
            Edit::Removal(index, removal) => {
                if let Some(certificate) = self.certificates.get_mut(NAMES[index]) {
                    certificate.removal = removal;
                }
            }
            Edit::Adopt(_, adopt) => self.adopt = adopt,
            Edit::Remove(index) => {
                if self.certificates.len() > 1 && self.in_use != Some(NAMES[index]) {
                    self.certificates.remove(NAMES[index]);
                }
            }
            Edit::Days(index) => {
                if let Some(certificate) = self.certificates.get_mut(NAMES[index])
                    && versions[index] < MOST
                {
                    certificate.days = label(index, versions[index]);
                    versions[index] += 1;
                }
            }
            Edit::Active(index, active) => {
                if let Some(certificate) = self.certificates.get_mut(NAMES[index])
                    && self.in_use != Some(NAMES[index])
                {
                    certificate.active = active;
                }
            }
            Edit::Renewed(index, renewed) => {
                if let Some(certificate) = self.certificates.get_mut(NAMES[index]) {
                    certificate.renewed = renewed;
                }
            }
            Edit::InUse(index) => {
                if let Some(certificate) = self.certificates.get_mut(NAMES[index]) {
                    certificate.active = true;
                    self.in_use = Some(NAMES[index]);
                }
            }
            Edit::Trust(hours) => self.trust_hours = Some(hours),
            Edit::Retire(hours) => self.retire_hours = Some(hours),
            Edit::Window(opens) => self.window = Some(opens),
            Edit::RenewBefore(days) => self.renew_before_days = Some(days),
            Edit::Waves(bakes) => self.waves = Some(bakes),
            Edit::Tier(_, tier) => self.tier = tier,
            Edit::Suspended(_, suspended) => self.suspended = suspended,
        }
    }

    /// The periods that it declares, in a history that began with these.
    pub(crate) fn periods(&self, first: Periods) -> Periods {
        Periods {
            trust_hours: self.trust_hours.unwrap_or(first.trust_hours),
            retire_hours: self.retire_hours.unwrap_or(first.retire_hours),
            renew_before_days: self.renew_before_days.unwrap_or(first.renew_before_days),
            window: self.window.unwrap_or(first.window),
            waves: self.waves.unwrap_or(first.waves),
        }
    }
}
