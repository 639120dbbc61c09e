//! `policy`: what no plan may do without somebody's explicit leave.
//!
//! It is a promise of the whole spec, so that a file cannot loosen what another one says: files that
//! give different policies contradict each other. What follows from it is decided by the planner;
//! here it is only read.

use std::collections::BTreeSet;

use certctl_model::{Address, LastResort, Place, ValidityDays, Wave};

/// The limits that a plan passes only with `--allow`; without any, only the built-in ones hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// How many addresses a run may remove; the others wait.
    pub max_deletes: Option<u32>,
    /// How many replacements a run may start; renewals do not count.
    pub max_replaces: Option<u32>,
    /// How many accounts a run may switch from one certificate to an unrelated one.
    pub max_in_use_switches: Option<u32>,
    /// The longest validity that may be declared.
    pub max_validity_days: Option<ValidityDays>,
    /// The shortest validity that may be declared.
    pub min_validity_days: Option<ValidityDays>,
    /// Whether every certificate has to say when it is renewed.
    pub require_renewal: bool,
    /// Addresses that are neither removed, replaced, deactivated nor switched away from.
    pub protected: BTreeSet<Address>,
    /// How long before the expiry of what Gateway uses a successor is set in use, trusted or not.
    pub last_resort: Option<LastResort>,
    /// Who switches first: a wave switches once those before it have been switched for their `bake`.
    /// The last one has everybody else; empty: nobody waits for another account.
    pub waves: Vec<Wave>,
    /// Where it stands; not part of what it says.
    pub place: Option<Place>,
}

impl Policy {
    /// What it says, wherever it stands: to compare what several files say.
    pub(crate) fn said(&self) -> String {
        let bare = Self {
            place: None,
            ..self.clone()
        };
        format!("{bare:?}")
    }
}
