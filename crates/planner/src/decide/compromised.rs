//! Away from a certificate whose key is not to be trusted any more.

use certctl_model::{Cause, Reason};

use crate::decision::Decision;
use crate::facts::Facts;
use crate::lanes::start::{can_start, start};
use crate::place::Place;

pub(super) fn decide(facts: &Facts<'_>, place: &Place<'_>) -> Option<Decision> {
    let from = can_start(facts, place)?;
    let (_, current, _) = from;
    if !current.compromised {
        return None;
    }
    let message = format!("{} is compromised", current.id);
    let why = (Cause::Compromised, Reason::Compromised, message);
    Some(start(facts, place, from, why))
}
