//! The CA that the spec gives is not in the account, and the address has another certificate: it is
//! uploaded as the successor.

use certctl_model::{Cause, Reason};

use crate::decision::Decision;
use crate::facts::Facts;
use crate::lanes::start::{can_take_a_successor, start};
use crate::own::{is_another, own, unfit};
use crate::place::Place;
use crate::refused::is_refused;
use crate::trusted::{SAME_ROOT, is_next_trusted};

pub(super) fn decide(facts: &Facts<'_>, place: &Place<'_>) -> Option<Decision> {
    let from = can_take_a_successor(facts, place)?;
    let (declared, current, _) = from;
    let own = own(declared)?;
    let custom = declared.custom.as_ref()?;
    if !is_another(facts, custom, &current.id) || is_refused(facts, place) {
        return None;
    }
    if let Some(unfit) = unfit(own, declared, facts.now) {
        let mut decision = Decision::default();
        decision.report(place, unfit);
        return Some(decision);
    }
    let message = format!("{} is not the CA of `custom.certificate`", current.id);
    let message = match is_next_trusted(facts, declared, None) {
        true => format!("{message}, which is {SAME_ROOT}"),
        false => message,
    };
    let why = (Cause::Replace, Reason::CustomNamed, message);
    Some(start(facts, place, from, why))
}
