//! No rotation: the certificate itself is brought to what is declared.

use certctl_model::{Diagnostic, Reason, Severity};
use certctl_plan::ChangeKind;

use crate::certificate::{expired, verify};
use crate::claim::{claims_in_use, wanted};
use crate::decision::Decision;
use crate::facts::Facts;
use crate::lanes::bring_up::bring_up;
use crate::place::Place;

pub(super) fn decide(facts: &Facts<'_>, place: &Place<'_>) -> Option<Decision> {
    let mut decision = Decision::default();
    let (Some(declared), Some(current)) = (place.declared, place.current) else {
        return Some(decision);
    };
    let in_use = claims_in_use(facts, &place.name, declared);
    if let Some(remote) = facts.remote(&current.id) {
        if !verify(place, &mut decision, current, remote, false) {
            decision.say(ChangeKind::NoOp, Reason::Blocked, "it fails verification");
            return Some(decision);
        }
        // Where it is yet to be set in use, that is an error, see `bring_up`; where Gateway uses it, see
        // the check `expires_unrenewed`.
        if facts.may_have_expired(remote) && !in_use && !facts.is_in_use(&current.id) {
            let diagnostic = Diagnostic {
                severity: Severity::Warning,
                ..expired(place, &current.id, "has expired")
            };
            decision.report(place, diagnostic);
        }
    }
    let wanted = wanted(facts, declared, current, in_use);
    let here = (declared, current);
    bring_up(facts, place, &mut decision, here, wanted, Vec::new());
    Some(decision)
}
