//! The declared validity is another than what the certificate was asked for.

use certctl_model::{Cause, Reason};

use super::renewal_due;
use crate::certificate::{days_of, is_of_other_days};
use crate::decision::Decision;
use crate::facts::Facts;
use crate::lanes::start::{can_start, start};
use crate::place::Place;
use crate::refused::is_refused;

pub(super) fn decide(facts: &Facts<'_>, place: &Place<'_>) -> Option<Decision> {
    let from = can_start(facts, place)?;
    let (declared, current, remote) = from;
    let (wants, has) = (declared.validity_period_days?, days_of(facts, current)?);
    if !is_of_other_days(facts, current, wants) || is_refused(facts, place) {
        return None;
    }
    // A run that nobody watches begins no replacement, but a renewal does not wait for one.
    if facts.options.is_unattended() && renewal_due::since(facts, declared, remote).is_some() {
        return None;
    }
    let message = format!("validity_period_days: {has} -> {wants}; a certificate is immutable");
    let why = (Cause::Replace, Reason::ValidityChanged, message);
    Some(start(facts, place, from, why))
}
