//! How long a certificate may be valid, by the policy.
//!
//! A validity that the policy does not allow blocks where a certificate of it is made or taken over.
//! What exists already is only a warning: it cannot be changed, and its renewal must not stop.

use certctl_model::{Code, Diagnostic, Guard, Role, ValidityDays};
use certctl_plan::ChangeKind;
use certctl_spec::Certificate;

use super::guarded::guarded;
use crate::certificate::days_of;
use crate::facts::Facts;
use crate::own::days_made;
use crate::proposal::Proposal;
use crate::replacement::starts_replacement;

pub(super) fn check(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> Vec<Diagnostic> {
    let judged = |proposal: &Proposal<'_>| judge(facts, proposal, proposal.place.declared?);
    proposals.iter().filter_map(judged).collect()
}

fn judge(facts: &Facts<'_>, proposal: &Proposal<'_>, declared: &Certificate) -> Option<Diagnostic> {
    let days = days(facts, proposal, declared)?;
    let (guard, limit) = match (
        facts.policy.max_validity_days,
        facts.policy.min_validity_days,
    ) {
        (Some(max), _) if days > max => {
            let codes = (Guard::MaxValidityDays, Code::MaxValidityDays);
            (codes, format!("`policy.max_validity_days` is {max}"))
        }
        (_, Some(min)) if days < min => {
            let codes = (Guard::MinValidityDays, Code::MinValidityDays);
            (codes, format!("`policy.min_validity_days` is {min}"))
        }
        _ => return None,
    };
    let (address, place) = (&proposal.place.address, Some(declared.place.clone()));
    if is_new(proposal) {
        let message = format!("it is to be valid for {days} days, but {limit}");
        return guarded(facts, address, guard, message, place);
    }
    if facts.options.allows(guard.0, address) {
        return None;
    }
    let message = format!("it is valid for {days} days, but {limit}");
    let warning = Diagnostic::warning(guard.1, message)
        .hint("declare another `validity_period_days`; until then it is kept, and renewed")
        .at(place);
    Some(warning.address(address))
}

/// How long what the address has or gets is valid.
fn days(
    facts: &Facts<'_>,
    proposal: &Proposal<'_>,
    declared: &Certificate,
) -> Option<ValidityDays> {
    let mut steps = proposal.steps();
    let makes = steps.find_map(days_made);
    makes
        .or(declared.validity_period_days)
        .or_else(|| days_of(facts, proposal.place.current?))
}

/// Whether the plan makes it or takes it over, other than by its own renewal.
fn is_new(proposal: &Proposal<'_>) -> bool {
    let mut steps = proposal.steps();
    let creates = steps.any(|step| step.makes() == Some(Role::Current));
    let adopts = proposal.kind() == ChangeKind::Adopt && proposal.noted.adopts.is_some();
    creates || adopts || proposal.own_lanes().any(starts_replacement)
}
