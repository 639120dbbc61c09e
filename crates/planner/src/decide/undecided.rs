//! A certificate exists that the address may mean: a person says which, before one is created. Or it
//! names a custom one that cannot be taken over.

use crate::decision::Decision;
use crate::facts::Facts;
use crate::own::is_made_by_its_owner;
use crate::place::Place;

pub(super) fn decide(_: &Facts<'_>, place: &Place<'_>) -> Option<Decision> {
    let bound = place.current.or(place.successor).is_some();
    // What somebody else makes is waited for, never created.
    let custom = place.declared.is_some_and(is_made_by_its_owner);
    ((place.undecided || custom) && !bound).then(Decision::default)
}
