//! A declared address that is bound to nothing: its certificate is created.

use certctl_model::{Reason, Role, ValidityDays};
use certctl_plan::{Action, ChangeKind, Step};

use crate::decision::{Decision, Lane, steps};
use crate::facts::Facts;
use crate::place::Place;

pub(super) fn decide(_: &Facts<'_>, place: &Place<'_>) -> Option<Decision> {
    let declared = place.declared?;
    if place.current.or(place.successor).is_some() {
        return None;
    }
    let message = "it is declared and does not exist";
    let mut decision = Decision::of(ChangeKind::Create, Reason::Missing, message);
    let days = declared.validity_period_days;
    let mut all = vec![Step {
        makes: Some((Role::Current, days.unwrap_or(ValidityDays::DEFAULT))),
        ..Step::new(Action::Create, None)
    }];
    if declared.activate != Some(false) {
        all.extend(steps(None, &[Action::Activate]));
    }
    if declared.in_use == Some(true) {
        all.extend(steps(None, &[Action::SetInUse]));
    }
    decision.lane(Lane::due(all));
    Some(decision)
}
