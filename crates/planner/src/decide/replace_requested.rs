//! A person asked for a replacement; that stands until the successor takes over.

use certctl_model::{Cause, Reason};

use crate::decision::Decision;
use crate::facts::Facts;
use crate::lanes::start::{can_start, start};
use crate::place::Place;
use crate::refused::is_refused;

pub(super) fn decide(facts: &Facts<'_>, place: &Place<'_>) -> Option<Decision> {
    let from = can_start(facts, place)?;
    let stands = place.entry?.cause == Some(Cause::Requested);
    let ordered = place.replace && !is_refused(facts, place);
    if !stands && !ordered {
        return None;
    }
    let message = "a replace was asked for".to_owned();
    let why = (Cause::Requested, Reason::ReplaceRequested, message);
    Some(start(facts, place, from, why))
}
