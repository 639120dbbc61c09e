//! Whatever was decided: what was replaced or given up is removed, each once its retire period is over.

use certctl_model::{BindingStatus, Reason};
use certctl_plan::ChangeKind;

use crate::decision::Decision;
use crate::facts::Facts;
use crate::lanes::take_down::{kept_until, last_step, take_down};
use crate::place::Place;

/// Adds a lane for each. An address that is not declared, or waits for its open create, has them
/// already, or later.
pub(super) fn add(facts: &Facts<'_>, place: &Place<'_>, decision: &mut Decision) {
    let open = facts.open.as_ref();
    let waits = open.is_some_and(|open| open.certificate == place.name);
    let (Some(declared), false) = (place.declared, waits) else {
        return;
    };
    for binding in place.retiring() {
        let used = binding.in_use_until.is_some();
        let message = match used {
            true => format!("{} was replaced", binding.id),
            false => format!("{} is not needed any more", binding.id),
        };
        // The replacement itself is done: nothing is left to replace or to renew.
        decision.say(ChangeKind::Update, Reason::Retiring, message);
        // Nobody goes back to what is compromised.
        let until =
            kept_until(binding, declared.rotation.retire_after).filter(|_| !binding.compromised);
        let remote = facts.remote(&binding.id);
        let available = remote.is_some_and(|r| r.binding_status == BindingStatus::Available);
        if available
            && used
            && !binding.compromised
            && until > Some(facts.now)
            && !facts.may_be_in_use(&binding.id)
        {
            decision.rollback_until = decision.rollback_until.max(until);
        }
        let then = vec![last_step(facts, &binding.id)];
        take_down(facts, place, decision, binding, until, then);
    }
}
