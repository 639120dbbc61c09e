//! A rotation that a person holds: the predecessor is the certificate of the address, and the
//! successor stays at the edge, to be switched to when somebody says so.

use certctl_model::{Binding, Reason};
use certctl_plan::{ChangeKind, Operation, WaitFor};

use crate::certificate::{can_be_used, is_held, verify};
use crate::claim::{Wanted, claims_in_use, wanted};
use crate::decision::{Decision, Lane, steps};
use crate::facts::Facts;
use crate::lanes::bring_up::bring_up;
use crate::lanes::switch::warn_held;
use crate::lanes::take_down::removal_steps;
use crate::place::Place;

pub(super) fn decide(facts: &Facts<'_>, place: &Place<'_>) -> Option<Decision> {
    let (declared, current) = (place.declared?, place.current?);
    let successor = place.successor.filter(|successor| is_held(successor))?;
    if is_of_no_use(facts, current) {
        return None;
    }
    let kind = ChangeKind::of_rotation(place.entry.and_then(|entry| entry.cause));
    let message = format!(
        "the rotation to {} is held; `--resume {}` goes on with it",
        successor.id, place.address
    );
    let mut decision = Decision::of(kind, Reason::RolledBack, message);
    warn_held(facts, place, &mut decision, declared);
    let in_use = claims_in_use(facts, &place.name, declared);
    if let Some(remote) = facts.remote(&current.id)
        && !verify(place, &mut decision, current, remote, false)
    {
        decision.mark_as_rotation();
        return Some(decision);
    }
    let of_current = wanted(facts, declared, current, in_use);
    let here = (declared, current);
    bring_up(facts, place, &mut decision, here, of_current, Vec::new());
    let only_active = Wanted {
        active: wanted(facts, declared, successor, in_use).active,
        in_use: false,
    };
    let before = decision.lanes.len();
    let there = (declared, successor);
    bring_up(facts, place, &mut decision, there, only_active, Vec::new());
    if decision.lanes.len() == before {
        let switch = in_use.then(|| Operation::SetInUse(Some(successor.id.clone())));
        let mut rest = steps(switch);
        rest.extend(removal_steps(facts, current));
        decision.lane(Lane::waits(rest, WaitFor::Paused, None));
    }
    decision.mark_as_rotation();
    Some(decision)
}

/// Whether the predecessor is of no use to anybody, so that a hold would only prolong an outage.
fn is_of_no_use(facts: &Facts<'_>, current: &Binding) -> bool {
    !facts.something_usable_is_in_use() && !can_be_used(facts, current)
}
