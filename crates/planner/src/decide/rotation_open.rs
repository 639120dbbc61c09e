//! An open rotation goes on first: the successor is brought up, then the predecessor retires.

use certctl_model::Reason;
use certctl_plan::ChangeKind;

use crate::certificate::{expired, verify};
use crate::claim::{claims_in_use, wanted};
use crate::decision::Decision;
use crate::facts::Facts;
use crate::lanes::bring_up::bring_up;
use crate::lanes::start::{keep_predecessor_in_use, retire_predecessor};
use crate::place::Place;
use crate::trusted::{SAME_ROOT, is_trusted_already};

pub(super) fn decide(facts: &Facts<'_>, place: &Place<'_>) -> Option<Decision> {
    let (declared, current, successor) = (place.declared?, place.current?, place.successor?);
    let kind = ChangeKind::of_rotation(place.entry.and_then(|entry| entry.cause));
    let mut message = format!("a rotation to {} is under way", successor.id);
    if is_trusted_already(facts, &successor.id) {
        message = format!("{message}, {SAME_ROOT}");
    }
    let mut decision = Decision::of(kind, Reason::RotationOpen, message);
    let in_use = claims_in_use(facts, &place.name, declared);
    if in_use {
        keep_predecessor_in_use(facts, place, &mut decision, declared, current);
    }
    if let Some(remote) = facts.remote(&successor.id) {
        if !verify(place, &mut decision, successor, remote, false) {
            decision.mark_as_rotation();
            return Some(decision);
        }
        if facts.may_have_expired(remote) && !in_use {
            let diagnostic = expired(place, &successor.id, "expired before it took over");
            decision.report(place, diagnostic);
            decision.mark_as_rotation();
            return Some(decision);
        }
    }
    let wanted = wanted(facts, declared, successor, in_use);
    let tail = retire_predecessor(facts, place, &mut decision, current);
    let there = (declared, successor);
    bring_up(facts, place, &mut decision, there, wanted, tail);
    decision.mark_as_rotation();
    Some(decision)
}
