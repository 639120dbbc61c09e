//! A declared address that is bound to nothing: its certificate is created, or uploaded.

use certctl_model::{Reason, Role, ValidityDays};
use certctl_plan::{ChangeKind, Operation};

use crate::decision::{Decision, Lane, steps};
use crate::facts::Facts;
use crate::own::{own, unfit, upload};
use crate::place::Place;

pub(super) fn decide(facts: &Facts<'_>, place: &Place<'_>) -> Option<Decision> {
    let declared = place.declared?;
    if place.current.or(place.successor).is_some() {
        return None;
    }
    let days = declared.validity_period_days;
    let make = match own(declared) {
        Some(own) => {
            if let Some(unfit) = unfit(own, declared, facts.now) {
                let mut decision = Decision::default();
                decision.report(place, unfit);
                return Some(decision);
            }
            upload(own, Role::Current)
        }
        None => Operation::Create {
            role: Role::Current,
            days: days.unwrap_or(ValidityDays::DEFAULT),
        },
    };
    let activate = (declared.activate != Some(false)).then_some(Operation::Activate(None));
    let switch = (declared.in_use == Some(true)).then_some(Operation::SetInUse(None));
    let all = [Some(make), activate, switch];
    let message = "it is declared and does not exist";
    let mut decision = Decision::of(ChangeKind::Create, Reason::Missing, message);
    decision.lane(Lane::due(steps(all.into_iter().flatten())));
    Some(decision)
}
