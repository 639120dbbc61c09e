//! `policy.waves`: a switch waits for the accounts of earlier waves, but not so long that devices lose the
//! trust period, or that what Gateway uses expires.

use certctl_model::{Code, Diagnostic, Guard, Timestamp};
use certctl_plan::{AccountWave, Action, WaitFor, WaveGate};

use crate::facts::Facts;
use crate::lanes::switch::is_urgent;
use crate::last_resort::keeps_trust_until;
use crate::proposal::Proposal;
use crate::tables::{HeldBack, LaneWaits};

pub(super) fn hold(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> HeldBack {
    let mut held = HeldBack::default();
    let Some(own) = facts.options.wave.as_ref() else {
        return held;
    };
    let Some(gate) = own.waits_for.as_ref() else {
        return held;
    };
    if !facts.something_usable_is_in_use() {
        return held;
    }
    for (n, proposal) in proposals.iter().enumerate() {
        let Some(until) = waits_until(facts, proposal, gate) else {
            continue;
        };
        for (lane, switch) in proposal.lanes().iter().enumerate() {
            if switch.is_due() && switch.first() == Some(Action::SetInUse) {
                held.waits.push(LaneWaits {
                    proposal: n,
                    lane,
                    why: WaitFor::Wave,
                    until,
                });
                held.says.push(said(facts, proposal, own, gate));
            }
        }
    }
    held
}

/// Until when a switch of this address waits, where that is known; none: it does not.
fn waits_until(
    facts: &Facts<'_>,
    proposal: &Proposal<'_>,
    gate: &WaveGate,
) -> Option<Option<Timestamp>> {
    let place = &proposal.place;
    if is_urgent(facts, place) || facts.options.allows(Guard::Wave, &place.address) {
        return None;
    }
    let last = place
        .declared
        .and_then(|declared| keeps_trust_until(facts, declared.rotation.trust_period));
    let until = match (gate.until, last) {
        (Some(until), Some(last)) => Some(until.min(last)),
        (until, last) => until.or(last),
    };
    until.is_none_or(|until| facts.now < until).then_some(until)
}

fn said(
    facts: &Facts<'_>,
    proposal: &Proposal<'_>,
    own: &AccountWave,
    gate: &WaveGate,
) -> Diagnostic {
    let account = &facts.account.name;
    let since = gate.since.map(|since| format!(", since {since}"));
    let message = format!(
        "{account} is in wave {} of {} and waits for {} in wave {}, which {}{}",
        own.number,
        own.of,
        gate.account,
        gate.wave,
        gate.because.says(),
        since.unwrap_or_default()
    );
    let hint = format!(
        "see `certctl explain` of {}; or pass `--allow wave:{account}`",
        gate.account
    );
    Diagnostic::warning(Code::Wave, message)
        .hint(hint)
        .at(facts.policy.place.clone())
        .address(&proposal.place.address)
}
