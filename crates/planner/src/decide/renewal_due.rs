//! The certificate expires within its `rotation.renew_before`.

use certctl_model::{Cause, Reason, RemoteCertificate, Timestamp};
use certctl_spec::Certificate;

use super::as_declared;
use crate::decision::Decision;
use crate::facts::Facts;
use crate::lanes::start::{can_start, start};
use crate::place::Place;

pub(super) fn decide(facts: &Facts<'_>, place: &Place<'_>) -> Option<Decision> {
    let from = can_start(facts, place)?;
    let (declared, _, remote) = from;
    let due = since(facts, declared, remote)?;
    if facts.is_skewed() {
        let mut decision = as_declared::decide(facts, place)?;
        decision.report(place, facts.clock_skew());
        return Some(decision);
    }
    let message = format!("it expires within its renew_before, since {due}");
    let why = (Cause::Renew, Reason::RenewalDue, message);
    Some(start(facts, place, from, why))
}

/// Since when a renewal is due; none before.
pub(super) fn since(
    facts: &Facts<'_>,
    declared: &Certificate,
    remote: &RemoteCertificate,
) -> Option<Timestamp> {
    let due = declared.rotation.renew_before?.before(remote.expires()?);
    (due <= facts.now).then_some(due)
}
