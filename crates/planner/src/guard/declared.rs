//! What may be declared: how long a certificate is valid, and that it is renewed.
//!
//! A validity that the policy does not allow blocks where a certificate of it is made or taken over.
//! What exists already is only a warning: it cannot be changed, and its renewal must not stop.

use std::collections::BTreeMap;

use certctl_model::{Code, Diagnostic, Guard, Name, Role, ValidityDays};
use certctl_spec::Certificate;

use super::hit::{hit, starts_replacement};
use crate::certificate::issued_days;
use crate::context::Context;
use crate::draft::Draft;
use certctl_plan::ChangeKind;

/// Holds what is declared against the policy.
pub(super) fn check(context: &mut Context<'_>, drafts: &BTreeMap<Name, Draft>) {
    for draft in drafts.values() {
        let Some(declared) = context.account.certificate(&draft.name) else {
            continue;
        };
        validity(context, draft, declared);
        renewal(context, draft, declared);
    }
}

fn validity(context: &mut Context<'_>, draft: &Draft, declared: &Certificate) {
    let Some(days) = days(context, draft, declared) else {
        return;
    };
    let policy = context.policy;
    let (guard, limit) = match (policy.max_validity_days, policy.min_validity_days) {
        (Some(max), _) if days > max => {
            let codes = (Guard::MaxValidityDays, Code::MaxValidityDays);
            (codes, format!("`policy.max_validity_days` is {max}"))
        }
        (_, Some(min)) if days < min => {
            let codes = (Guard::MinValidityDays, Code::MinValidityDays);
            (codes, format!("`policy.min_validity_days` is {min}"))
        }
        _ => return,
    };
    let place = Some(declared.place.clone());
    if is_new(draft) {
        let message = format!("it is to be valid for {days} days, but {limit}");
        hit(context, &draft.address, guard, message, place);
    } else if !context.options.allows(guard.0, &draft.address) {
        let message = format!("it is valid for {days} days, but {limit}");
        let warning = Diagnostic::warning(guard.1, message)
            .hint("declare another `validity_period_days`; until then it is kept, and renewed")
            .at(place);
        context.report(draft, warning);
    }
}

/// How long what the address has or gets is valid.
fn days(context: &Context<'_>, draft: &Draft, declared: &Certificate) -> Option<ValidityDays> {
    let makes = draft
        .lanes
        .iter()
        .flat_map(|lane| &lane.steps)
        .find_map(|step| step.makes.map(|(_, days)| days));
    makes.or(declared.validity_period_days).or_else(|| {
        let current = context.bound(&draft.name, Role::Current)?;
        let issued = || issued_days(context.remote(&current.id)?);
        current.days.or_else(issued)
    })
}

/// Whether the plan makes it or takes it over, other than by its own renewal.
fn is_new(draft: &Draft) -> bool {
    let creates = draft
        .lanes
        .iter()
        .flat_map(|lane| &lane.steps)
        .any(|step| step.makes.is_some_and(|(role, _)| role == Role::Current));
    let adopts = draft.kind == ChangeKind::Adopt && draft.adopts.is_some();
    creates || adopts || draft.lanes.iter().any(starts_replacement)
}

fn renewal(context: &mut Context<'_>, draft: &Draft, declared: &Certificate) {
    let rotates = context.bound(&draft.name, Role::Successor).is_some();
    if !context.policy.require_renewal || declared.rotation.renew_before.is_some() || rotates {
        return;
    }
    let message = "it has no `rotation.renew_before`, but `policy.require_renewal` asks for one";
    let place = Some(declared.place.clone());
    let guard = (Guard::RequireRenewal, Code::RequireRenewal);
    hit(context, &draft.address, guard, message.to_owned(), place);
}
