//! `policy`, read.

use certctl_model::{Code, ValidityDays};

use crate::complaint::Complaint;
use crate::fields::{Field, Fields};
use crate::format;
use crate::policy::Policy;
use crate::reader::Reader;
use crate::waves;

/// Reads the mapping. `None`: something in it is unknown.
pub(super) fn read(fields: &Fields<'_>, reader: &mut Reader<'_>) -> Option<Policy> {
    let max_validity = fields.get(&format::MAX_VALIDITY, reader);
    let min_validity = fields.get(&format::MIN_VALIDITY, reader);
    check(&min_validity, &max_validity, reader);
    let max_deletes = fields.get(&format::MAX_DELETES, reader);
    let max_replaces = fields.get(&format::MAX_REPLACES, reader);
    let max_in_use_switches = fields.get(&format::MAX_IN_USE_SWITCHES, reader);
    let require_renewal = fields.get(&format::REQUIRE_RENEWAL, reader);
    let protected = fields.get(&format::PROTECTED, reader);
    let last_resort = fields.get(&format::LAST_RESORT, reader);
    let waves = waves::read(fields.get(&format::WAVES, reader), reader);
    Some(Policy {
        max_deletes: max_deletes.known()?,
        max_replaces: max_replaces.known()?,
        max_in_use_switches: max_in_use_switches.known()?,
        max_validity_days: max_validity.known()?,
        min_validity_days: min_validity.known()?,
        require_renewal: require_renewal.known()?.unwrap_or(false),
        protected: protected.known()?.unwrap_or_default(),
        last_resort: last_resort.known()?,
        waves: waves.known()?.unwrap_or_default(),
        place: Some(reader.place(fields.mark)),
    })
}

fn check(min: &Field<ValidityDays>, max: &Field<ValidityDays>, reader: &mut Reader<'_>) {
    let (Some(shortest), Some(longest), Some(mark)) = (min.value(), max.value(), max.mark()) else {
        return;
    };
    if longest < shortest {
        let message = format!(
            "`max_validity_days` of {longest} is less than `min_validity_days` of {shortest}"
        );
        let complaint = Complaint::new(Code::OutOfRange, message)
            .hint(Some("no certificate can be both".to_owned()));
        reader.complain(complaint, mark);
    }
}
