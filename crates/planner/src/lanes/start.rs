//! The start of a rotation, for whatever reason: a successor is created, or uploaded, and the predecessor goes once
//! that has taken over.

use certctl_model::{Binding, Cause, Note, Reason, RemoteCertificate, Role, ValidityDays};
use certctl_plan::{ChangeKind, Operation, Step};
use certctl_spec::Certificate;

use crate::certificate::{can_be_used, not_ours_to_touch, verify};
use crate::claim::claims_in_use;
use crate::decision::{Decision, Lane, When, steps};
use crate::facts::Facts;
use crate::lanes::switch::switch;
use crate::lanes::take_down::{last_step, removal_steps, take_down};
use crate::own::{own, upload};
use crate::place::Place;
use crate::refused::days_to_make;

/// What a rotation can start from: a declared address whose certificate is seen and understood, and
/// that has no successor yet. The successor of a declared custom one is its owner's to make.
pub(crate) fn can_start<'p>(facts: &'p Facts<'_>, place: &'p Place<'_>) -> Option<From<'p>> {
    let from = can_take_a_successor(facts, place)?;
    from.0.custom.is_none().then_some(from)
}

/// The same, whoever makes the successor.
pub(crate) fn can_take_a_successor<'p>(
    facts: &'p Facts<'_>,
    place: &'p Place<'_>,
) -> Option<From<'p>> {
    let (declared, current) = (place.declared?, place.current?);
    let remote = facts.remote(&current.id)?;
    let free = place.successor.is_none() && not_ours_to_touch(remote).is_none();
    free.then_some((declared, current, remote))
}

/// What is declared, and the certificate that the address has.
pub(crate) type From<'p> = (&'p Certificate, &'p Binding, &'p RemoteCertificate);

/// Starts it.
pub(crate) fn start(
    facts: &Facts<'_>,
    place: &Place<'_>,
    (declared, current, remote): From<'_>,
    (cause, reason, message): (Cause, Reason, String),
) -> Decision {
    let mut decision = Decision::default();
    verify(place, &mut decision, current, remote, true);
    let kind = ChangeKind::of_rotation(Some(cause));
    if let Some(gone) = &place.gone_successor {
        let message = format!("its successor {gone} no longer exists");
        decision.say(kind, Reason::Gone, message);
    }
    decision.say(kind, reason, message);
    let in_use = claims_in_use(facts, &place.name, declared);
    if in_use {
        keep_predecessor_in_use(facts, place, &mut decision, declared, current);
    }
    let days = days_to_make(facts, place);
    let certificate = place.name.clone();
    let make = match own(declared) {
        Some(own) => upload(own, Role::Successor),
        None => Operation::Create {
            role: Role::Successor,
            days: days.unwrap_or(ValidityDays::DEFAULT),
        },
    };
    let mut all = vec![Step {
        notes: vec![Note::Rotate { certificate, cause }],
        ..Step::new(make)
    }];
    let active = in_use || declared.activate != Some(false);
    let activate = active.then_some(Operation::Activate(None));
    let switch = in_use.then_some(Operation::SetInUse(None));
    all.extend(steps([activate, switch].into_iter().flatten()));
    all.extend(retire_predecessor(facts, place, &mut decision, current));
    decision.lane(Lane::due(all));
    if was_begun(place, cause) {
        decision.mark_as_rotation();
    }
    decision
}

/// Whether this start is a renewal, or what was left of a change that an approved run began.
fn was_begun(place: &Place<'_>, cause: Cause) -> bool {
    let recorded = place.entry.and_then(|entry| entry.cause) == Some(cause);
    match cause {
        Cause::Renew | Cause::Compromised => true,
        Cause::Requested => recorded,
        Cause::Replace => recorded && place.gone_successor.is_some(),
    }
}

/// What is left to do with the predecessor. A compromised one that Gateway does not use goes at
/// once, whatever its successor waits for.
pub(crate) fn retire_predecessor(
    facts: &Facts<'_>,
    place: &Place<'_>,
    decision: &mut Decision,
    current: &Binding,
) -> Vec<Step> {
    if current.compromised && !facts.may_be_in_use(&current.id) {
        let then = vec![last_step(facts, &current.id)];
        take_down(facts, place, decision, current, None, then);
        return Vec::new();
    }
    removal_steps(facts, current)
}

/// While Gateway uses nothing that browsers accept, the predecessor is better than waiting for its
/// successor: to be deployed, or to be trusted.
pub(crate) fn keep_predecessor_in_use(
    facts: &Facts<'_>,
    place: &Place<'_>,
    decision: &mut Decision,
    declared: &Certificate,
    current: &Binding,
) {
    if facts.something_usable_is_in_use() || !can_be_used(facts, current) {
        return;
    }
    let mut takes_over = |successor: &Binding| {
        can_be_used(facts, successor)
            && switch(facts, place, decision, declared, successor) == Some(When::Now)
    };
    if !place.successor.is_some_and(&mut takes_over) {
        let back = Operation::SetInUse(Some(current.id.clone()));
        decision.lane(Lane::due(steps([back])));
    }
}
