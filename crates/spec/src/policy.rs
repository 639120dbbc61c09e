//! `policy`: what no plan may do without somebody's explicit leave.
//!
//! It is a promise of the whole spec, so that a file cannot loosen what another one says: files that
//! give different policies contradict each other. What follows from it is decided by the planner;
//! here it is only read.

use std::collections::BTreeSet;

use certctl_model::{Address, Place, ValidityDays};

use crate::fields::{Field, Fields};
use crate::format;
use crate::reader::Reader;
use crate::value::Complaint;

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

    /// Reads the mapping. `None`: something in it is unknown.
    pub(crate) fn read(fields: &Fields<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let max_validity = fields.get(&format::MAX_VALIDITY, reader);
        let min_validity = fields.get(&format::MIN_VALIDITY, reader);
        check(&min_validity, &max_validity, reader);
        let max_deletes = fields.get(&format::MAX_DELETES, reader);
        let max_replaces = fields.get(&format::MAX_REPLACES, reader);
        let max_in_use_switches = fields.get(&format::MAX_IN_USE_SWITCHES, reader);
        let require_renewal = fields.get(&format::REQUIRE_RENEWAL, reader);
        let protected = fields.get(&format::PROTECTED, reader);
        Some(Self {
            max_deletes: max_deletes.known()?,
            max_replaces: max_replaces.known()?,
            max_in_use_switches: max_in_use_switches.known()?,
            max_validity_days: max_validity.known()?,
            min_validity_days: min_validity.known()?,
            require_renewal: require_renewal.known()?.unwrap_or(false),
            protected: protected.known()?.unwrap_or_default(),
            place: Some(reader.place(fields.mark)),
        })
    }
}

fn check(min: &Field<ValidityDays>, max: &Field<ValidityDays>, reader: &mut Reader<'_>) {
    let (Some(shortest), Some(longest), Some(mark)) = (min.value(), max.value(), max.mark()) else {
        return;
    };
    if longest < shortest {
        let message = format!(
            "`max_validity_days` of {longest} is less than `min_validity_days` of {shortest}"
        );
        let complaint = Complaint::new(certctl_model::Code::OutOfRange, message)
            .hint(Some("no certificate can be both".to_owned()));
        reader.complain(complaint, mark);
    }
}
