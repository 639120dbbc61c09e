//! Its certificate is custom, and `custom` is no longer declared: Cloudflare is to issue it.

use certctl_model::{Cause, Reason};

use crate::certificate::is_custom;
use crate::decision::Decision;
use crate::facts::Facts;
use crate::lanes::start::{can_start, start};
use crate::place::Place;
use crate::refused::is_refused;

pub(super) fn decide(facts: &Facts<'_>, place: &Place<'_>) -> Option<Decision> {
    let from = can_start(facts, place)?;
    let (_, current, _) = from;
    if !is_custom(facts, &current.id) || is_refused(facts, place) {
        return None;
    }
    let message = format!("{} is custom, and `custom` is not declared", current.id);
    let why = (Cause::Replace, Reason::CustomDropped, message);
    Some(start(facts, place, from, why))
}
