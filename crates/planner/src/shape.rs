//! What an address is and what it will be, in the words of the spec.

use certctl_model::{Binding, Origin, Period, Role, ValidityDays};
use certctl_spec::{Certificate, SwitchMode};

use crate::certificate::{is_active, issued_days};
use crate::context::Context;
use crate::draft::Draft;
use crate::in_use::flees;
use certctl_plan::{Action, Shape};

/// What is wanted of one certificate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) active: bool,
    pub(crate) in_use: bool,
}

/// What the spec wants of this certificate. Where it says nothing: what certctl created is active,
/// what was adopted stays as it is.
pub(crate) fn wanted(
    context: &Context<'_>,
    declared: &Certificate,
    binding: &Binding,
    in_use: bool,
) -> Wanted {
    let as_it_is = || match binding.origin {
        Origin::Created => true,
        Origin::Adopted => context.remote(&binding.id).is_none_or(is_active),
    };
    Wanted {
        active: declared.activate.unwrap_or_else(|| in_use || as_it_is()),
        in_use,
    }
}

/// What the edge and Gateway make of the certificate that the address had before this plan.
pub(crate) fn before(context: &Context<'_>, draft: &Draft) -> Option<Shape> {
    let binding = context.bound(&draft.name, Role::Current)?;
    let remote = context.remote(&binding.id)?;
    Some(Shape {
        validity_period_days: binding.days.or_else(|| issued_days(remote)),
        activate: is_active(remote),
        in_use: context.may_be_in_use(&binding.id),
        renew_before: None,
        trust_period: None,
        retire_after: None,
        switch: None,
        windows: Vec::new(),
    })
}

/// What will be there once all steps are done: what is declared, and where that leaves something
/// out, what the certificate that remains is.
pub(crate) fn after(context: &Context<'_>, draft: &Draft) -> Option<Shape> {
    let declared = context.account.certificate(&draft.name)?;
    let remains = context
        .bound(&draft.name, Role::Successor)
        .or_else(|| context.bound(&draft.name, Role::Current));
    let makes = draft
        .lanes
        .iter()
        .flat_map(|lane| &lane.steps)
        .find_map(|step| step.makes.map(|(_, days)| days));
    let has = || {
        let binding = remains.as_ref()?;
        let issued = || issued_days(context.remote(&binding.id)?);
        binding.days.or_else(issued)
    };
    let days = makes.or(declared.validity_period_days).or_else(has);
    let used = || {
        draft.does(Action::SetInUse)
            || draft.before.as_ref().is_some_and(|before| before.in_use)
            || remains
                .as_ref()
                .is_some_and(|binding| context.may_be_in_use(&binding.id))
    };
    let in_use = declared.in_use.unwrap_or_else(used);
    let activate = match &remains {
        Some(binding) if makes.is_none() => wanted(context, declared, binding, in_use).active,
        _ => declared.activate.unwrap_or(true),
    };
    // Away from a compromised certificate no period counts.
    let entry = context.state.certificates.get(&draft.name);
    let compromised = |entry: &certctl_model::Entry| entry.bindings.iter().any(|b| b.compromised);
    let hurries = flees(context) || entry.is_some_and(compromised);
    let period = |period| if hurries { Period::ZERO } else { period };
    Some(Shape {
        validity_period_days: Some(days.unwrap_or(ValidityDays::DEFAULT)),
        activate,
        in_use,
        renew_before: declared.rotation.renew_before,
        trust_period: Some(period(declared.rotation.trust_period)),
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
