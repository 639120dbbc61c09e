//! `lifecycle.prevent_destroy` refuses a replacement that a changed validity or `--replace` would make,
//! as the word does in Terraform. A renewal, and what is compromised, go on: with the days of before.

use certctl_model::{Cause, ValidityDays};

use crate::certificate::{is_custom, is_its_owners, is_of_other_days};
use crate::facts::Facts;
use crate::own::is_another;
use crate::place::Place;

/// Whether a replacement is wanted of this address, and refused.
pub(crate) fn is_refused(facts: &Facts<'_>, place: &Place<'_>) -> bool {
    let (Some(declared), Some(current)) = (place.declared, place.current) else {
        return false;
    };
    // What its owner uploaded is never destroyed.
    if is_its_owners(facts, &current.id) {
        return false;
    }
    let begun = matches!(
        place.entry.and_then(|entry| entry.cause),
        Some(Cause::Replace | Cause::Requested)
    );
    let open = place.successor.is_some() || (begun && place.gone_successor.is_some());
    let other = |wants| is_of_other_days(facts, current, wants);
    let other_custom = match &declared.custom {
        Some(custom) => is_another(facts, custom, &current.id),
        None => is_custom(facts, &current.id),
    };
    let wanted = place.replace || other_custom || declared.validity_period_days.is_some_and(other);
    declared.lifecycle.prevent_destroy && wanted && !open && !current.compromised
}

/// How long a new certificate of this address is to be valid.
pub(crate) fn days_to_make(facts: &Facts<'_>, place: &Place<'_>) -> Option<ValidityDays> {
    if !is_refused(facts, place) {
        return place.declared?.validity_period_days;
    }
    let accepted = place.entry.and_then(|entry| entry.settings.as_ref());
    match accepted {
        Some(settings) => settings.validity_period_days,
        None => place.current.and_then(|current| current.days),
    }
}
