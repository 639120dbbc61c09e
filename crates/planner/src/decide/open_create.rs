//! The address of an open create waits; nothing else is decided about it.

use certctl_model::{Reason, Role};
use certctl_plan::{ChangeKind, Operation, WaitFor};

use crate::decision::{Decision, Lane, steps};
use crate::facts::Facts;
use crate::place::Place;

pub(super) fn decide(facts: &Facts<'_>, place: &Place<'_>) -> Option<Decision> {
    let open = facts.open.as_ref();
    let open = open.filter(|open| open.certificate == place.name)?;
    let message = match (open.until, open.uploads) {
        (Some(_), false) => "a create had an unknown outcome; what it made may still appear",
        (Some(_), true) => "an upload had an unknown outcome; what it stored may still appear",
        (None, _) => "a create had an unknown outcome; say which certificate it made",
    };
    let kind = match open.role {
        Role::Current => ChangeKind::Create,
        Role::Successor | Role::Retiring => {
            ChangeKind::of_rotation(place.entry.and_then(|entry| entry.cause))
        }
    };
    let mut decision = Decision::of(kind, Reason::Settling, message);
    let all = steps([Operation::Adopt(None)]);
    decision.lane(Lane::waits(all, WaitFor::Settling, open.until));
    Some(decision)
}
