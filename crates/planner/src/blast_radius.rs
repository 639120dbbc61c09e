//! Who could notice that Gateway is switched to another certificate.
//!
//! Nobody, while TLS decryption is off. Else it depends on whether devices had the time to fetch what is
//! switched to: it is available for its trust period by then, or it is not.

use certctl_model::{Binding, Period};
use certctl_plan::{Action, BlastRadius, WaitFor};
use certctl_spec::{Certificate, Rotation};

use crate::claim::uses_compromised;
use crate::decision::{Lane, When};
use crate::facts::Facts;
use crate::proposal::Proposal;
use crate::trusted::is_next_trusted;

/// Who could notice what this address does. What was not read counts as if TLS decryption were on.
pub(crate) fn blast_radius(facts: &Facts<'_>, proposal: &Proposal<'_>) -> BlastRadius {
    let switch = proposal.own_lanes().find_map(|lane| {
        let mut steps = lane.steps.iter();
        let step = steps.find(|step| step.action() == Action::SetInUse)?;
        Some((lane, step.certificate_id()))
    });
    let (Some(declared), Some((lane, id))) = (proposal.place.declared, switch) else {
        return BlastRadius::Nobody;
    };
    if inspects_nothing(facts) || is_next_trusted(facts, declared, id) {
        return BlastRadius::Nobody;
    }
    let bound = id.and_then(|id| Some(facts.state.binding(id)?.1));
    match has_had_time(facts, declared, lane, bound) {
        true => BlastRadius::UnsyncedDevices,
        false => BlastRadius::Everybody,
    }
}

fn inspects_nothing(facts: &Facts<'_>) -> bool {
    let configuration = facts.observed.configuration.as_ref();
    configuration.is_some_and(|configuration| configuration.tls_decrypt == Some(false))
}

/// Whether devices will have had the time to fetch it when the switch comes. Where no trust period is
/// declared, the usual one is what they need.
fn has_had_time(
    facts: &Facts<'_>,
    declared: &Certificate,
    lane: &Lane,
    bound: Option<&Binding>,
) -> bool {
    let trust = match declared.rotation.trust_period {
        Period::ZERO => Rotation::default().trust_period,
        declared => declared,
    };
    let since = bound.and_then(|binding| binding.available_since);
    let by = |at| since.is_some_and(|since| trust.after(since) <= at);
    let switches_first = lane.first() == Some(Action::SetInUse);
    match lane.when {
        When::Now if switches_first => by(facts.now),
        When::Waits {
            why: WaitFor::TrustPeriod,
            until: Some(until),
        } if switches_first => by(until),
        _ => by(facts.now) || will_wait(facts, declared),
    }
}

/// Whether what is not available yet will wait for its trust period before it is used.
fn will_wait(facts: &Facts<'_>, declared: &Certificate) -> bool {
    declared.rotation.trust_period != Period::ZERO
        && facts.something_usable_is_in_use()
        && !uses_compromised(facts)
}
