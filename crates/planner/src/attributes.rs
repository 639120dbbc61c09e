//! What an address is and what it will be, in the words of the spec.

use certctl_model::{Entry, Name, Period, Role, ValidityDays};
use certctl_plan::{Action, Attributes};
use certctl_spec::SwitchMode;

use crate::certificate::{days_of, is_active};
use crate::claim::{uses_compromised, wanted};
use crate::evidence::needed;
use crate::facts::Facts;
use crate::own::days_made;
use crate::proposal::Proposal;
use crate::trusted::trust_period;

/// What the edge and Gateway make of the certificate that the address had before this plan.
pub(crate) fn before(facts: &Facts<'_>, name: &Name) -> Option<Attributes> {
    let binding = facts.bound(name, Role::Current)?;
    let remote = facts.remote(&binding.id)?;
    Some(Attributes {
        validity_period_days: days_of(facts, binding),
        activate: is_active(remote),
        in_use: facts.may_be_in_use(&binding.id),
        renew_before: None,
        trust_period: None,
        trust_evidence: None,
        retire_after: None,
        switch: None,
        windows: Vec::new(),
    })
}

/// What will be there once all steps are done: what is declared, and where that leaves something
/// out, what the certificate that remains is.
pub(crate) fn after(facts: &Facts<'_>, proposal: &Proposal<'_>) -> Option<Attributes> {
    let place = &proposal.place;
    let declared = place.declared?;
    let remains = place.successor.or(place.current);
    let mut steps = proposal.steps();
    let makes = steps.find_map(days_made);
    let has = || days_of(facts, remains?);
    let days = makes.or(declared.validity_period_days).or_else(has);
    let before = proposal.noted.before.as_ref();
    let stays = || {
        before.is_some_and(|before| before.in_use)
            || remains.is_some_and(|binding| facts.may_be_in_use(&binding.id))
    };
    let in_use = declared.in_use.unwrap_or_else(|| {
        // What another address is declared to take over does not stay here.
        let loses = facts.another_is_declared_in_use(&place.name);
        proposal.does(Action::SetInUse) || (!loses && stays())
    });
    let activate = match remains {
        Some(binding) if makes.is_none() => wanted(facts, declared, binding, in_use).active,
        _ => declared.activate.unwrap_or(true),
    };
    // Away from a compromised certificate no period counts.
    let compromised = |entry: &Entry| entry.bindings.iter().any(|b| b.compromised);
    let hurries = uses_compromised(facts) || place.entry.is_some_and(compromised);
    let period = |period| if hurries { Period::ZERO } else { period };
    let next = place.successor.map(|successor| &successor.id);
    let trust = trust_period(facts, declared, next);
    // Also in a hurry: whether the switch waits for it depends on what Gateway uses by then.
    let evidence = needed(facts, declared, next);
    Some(Attributes {
        // Of a custom one that is not there yet nobody knows.
        validity_period_days: match declared.custom {
            Some(_) => days,
            None => Some(days.unwrap_or(ValidityDays::DEFAULT)),
        },
        activate,
        in_use,
        renew_before: declared.rotation.renew_before,
        trust_period: Some(period(trust)),
        trust_evidence: evidence,
        retire_after: Some(period(declared.rotation.retire_after)),
        switch: Some(declared.rotation.switch).filter(|switch| *switch == SwitchMode::Hold),
        windows: declared
            .rotation
            .windows
            .iter()
            .map(ToString::to_string)
            .collect(),
    })
}
