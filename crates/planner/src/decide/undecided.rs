//! A certificate exists that the address may mean: a person says which, before one is created.

use crate::decision::Decision;
use crate::facts::Facts;
use crate::place::Place;

pub(super) fn decide(_: &Facts<'_>, place: &Place<'_>) -> Option<Decision> {
    let bound = place.current.or(place.successor).is_some();
    (place.undecided && !bound).then(Decision::default)
}
