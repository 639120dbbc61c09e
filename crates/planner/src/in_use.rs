//! Which certificate Gateway inspects with, and when that may change (law 2).

use certctl_model::{Binding, Code, Diagnostic, Guard, Hold, InUse, Period, Role, Timestamp};
use certctl_spec::{Certificate, SwitchMode};

use crate::certificate::{can_be_used, is_held};
use crate::context::Context;
use crate::draft::Draft;
use crate::orders::warn_held;
use crate::window;
use certctl_plan::{BlastRadius, WaitFor};

/// Whether a certificate can be set in use.
pub(crate) enum Switch {
    Now,
    Wait(WaitFor, Option<Timestamp>),
    /// A diagnostic says why not.
    Blocked,
}

/// Judges whether `binding`, which is available, verified and unexpired, can be set in use now.
///
/// The trust period is skipped only when nothing usable is in use and no predecessor can stand in, for
/// then there is nothing to lose; and where somebody ordered it, away from what is compromised.
/// `plan` knows that from the list alone; before `apply` switches, it plans once more with the
/// configuration as the second witness.
pub(crate) fn switch(
    context: &mut Context<'_>,
    draft: &mut Draft,
    declared: &Certificate,
    binding: &Binding,
) -> Switch {
    if context.in_use_is_uncertain() {
        return Switch::Wait(WaitFor::Settling, None);
    }
    if !context.something_usable_is_in_use() && !predecessor_stands_in(context, draft, binding) {
        return Switch::Now;
    }
    if let Some(diagnostic) = moved_by_somebody(context, draft, binding) {
        context.report(draft, diagnostic.at(Some(declared.place.clone())));
        return Switch::Blocked;
    }
    // Away from a key that is not to be trusted, at once; back to what devices trusted before, too.
    if flees(context) || is_rollback(context, draft, binding) {
        return Switch::Now;
    }
    let trust = declared.rotation.trust_period;
    let since = binding.available_since.unwrap_or_else(|| context.anchor());
    let due = trust.after(since);
    if context.now < due {
        Switch::Wait(WaitFor::TrustPeriod, Some(due))
    } else if trust > Period::ZERO && context.is_skewed() {
        context.refuse_by_clock(draft);
        Switch::Wait(WaitFor::TrustPeriod, None)
    } else if waits_for_a_person(declared, binding) {
        warn_held(context, draft, declared);
        Switch::Wait(WaitFor::Hold, None)
    } else if let Some(until) = window::closed(context, declared) {
        Switch::Wait(WaitFor::Window, until)
    } else {
        Switch::Now
    }
}

/// Whether Gateway can use the predecessor of this successor, which devices trust: then nothing is
/// gained by switching to what they may not trust yet.
fn predecessor_stands_in(context: &Context<'_>, draft: &Draft, binding: &Binding) -> bool {
    let current = context.bound(&draft.name, Role::Current);
    binding.role == Role::Successor && current.is_some_and(|current| can_be_used(context, &current))
}

/// Whether this address's certificate is the one that Gateway should use: because that is declared,
/// or because the current one is in use and the spec says nothing against it.
pub(crate) fn claims_in_use(context: &Context<'_>, draft: &Draft, declared: &Certificate) -> bool {
    declared.in_use.unwrap_or_else(|| {
        let used = |binding: Binding| context.may_be_in_use(&binding.id);
        let current = context.bound(&draft.name, Role::Current);
        let successor = context.bound(&draft.name, Role::Successor);
        declared.activate != Some(false)
            && (current.is_some_and(used) || successor.filter(is_held).is_some_and(used))
            && !context.another_is_declared_in_use(&draft.name)
    })
}

/// Whether Gateway uses what somebody said is compromised.
pub(crate) fn flees(context: &Context<'_>) -> bool {
    let InUse::Certificate(used) = context.in_use() else {
        return false;
    };
    let bound = context.state.binding(used);
    bound.is_some_and(|(_, binding)| binding.compromised)
}

/// Whether Gateway goes back to it from a successor that is held.
fn is_rollback(context: &Context<'_>, draft: &Draft, binding: &Binding) -> bool {
    let successor = context.bound(&draft.name, Role::Successor);
    binding.role == Role::Current
        && binding.in_use_until.is_some()
        && successor.is_some_and(|s| is_held(&s) && context.is_in_use(&s.id))
}

/// Whether the spec, or somebody, stops the rotation before its switch.
fn waits_for_a_person(declared: &Certificate, binding: &Binding) -> bool {
    let by_spec = declared.rotation.switch == SwitchMode::Hold && binding.role == Role::Successor;
    match binding.hold {
        Some(Hold::Released) => false,
        Some(Hold::Held) => true,
        None => by_spec,
    }
}

/// Who could notice that this address takes over what Gateway uses.
pub(crate) fn blast_radius(context: &Context<'_>, declared: &Certificate) -> BlastRadius {
    if !context.something_usable_is_in_use() {
        BlastRadius::Nobody
    } else if declared.rotation.trust_period == Period::ZERO || flees(context) {
        BlastRadius::Everybody
    } else {
        BlastRadius::UnsyncedDevices
    }
}

/// The guard `in_use_moved`: what we last set is not what Gateway uses, and not by our plan.
fn moved_by_somebody(context: &Context<'_>, draft: &Draft, target: &Binding) -> Option<Diagnostic> {
    let InUse::Certificate(used) = context.in_use() else {
        return None;
    };
    let last = &context.state.in_use.as_ref()?.id;
    if last == used || context.options.allows(Guard::InUseMoved, &draft.address) {
        return None;
    }
    let entry = context.state.certificates.get(&draft.name);
    let is_predecessor = |b: &Binding| b.id == *used && b.role == Role::Retiring;
    let back = entry.is_some_and(|entry| entry.bindings.iter().any(is_predecessor));
    let whereto = if back {
        "back to its predecessor "
    } else {
        "to "
    };
    let message = format!(
        "somebody moved in-use from {last} {whereto}{used}; {} is not set in use",
        target.id
    );
    let hint = format!(
        "if it is to be {0}, pass `--allow in_use_moved:{0}`; else declare `in_use` as it is now",
        draft.address
    );
    Some(Diagnostic::error(Code::InUseMoved, message).hint(hint))
}

/// What is declared not in use, or not active, while Gateway uses it and nothing else is declared
/// in use: nobody says what to use instead.
pub(crate) fn refuse_contradiction(
    context: &mut Context<'_>,
    draft: &Draft,
    declared: &Certificate,
) {
    let entry = context.state.certificates.get(&draft.name);
    let mut bindings = entry.iter().flat_map(|entry| &entry.bindings);
    let Some(used) = bindings.find(|b| context.may_be_in_use(&b.id)) else {
        return;
    };
    let (code, message) = match (declared.in_use, declared.activate) {
        _ if context.declared_in_use().is_some() => return,
        (Some(false), _) => {
            let message = format!(
                "Gateway uses {}, which is declared not in use, and no other is",
                used.id
            );
            (Code::InUseFalse, message)
        }
        (_, Some(false)) => {
            let message = format!("{} is declared not active, but Gateway uses it", used.id);
            (Code::InUseDeactivate, message)
        }
        _ => return,
    };
    let diagnostic = Diagnostic::error(code, message)
        .hint("declare another certificate of the account `in_use: true` first")
        .at(Some(declared.place.clone()));
    context.report(draft, diagnostic);
}
