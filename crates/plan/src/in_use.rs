//! Which certificate Gateway inspects with, and when that may change (law 2).

use certctl_model::{
    Binding, CertificateId, Code, Diagnostic, Guard, InUse, Period, Role, Timestamp,
};
use certctl_spec::Certificate;

use crate::context::Context;
use crate::draft::Draft;
use crate::plan::{BlastRadius, WaitFor};

/// Whether a certificate can be set in use.
pub(crate) enum Switch {
    Now,
    Wait(WaitFor, Option<Timestamp>),
    /// A diagnostic says why not.
    Blocked,
}

/// Judges whether `binding`, which is available, can be set in use now.
///
/// The trust period is skipped only when nothing usable is in use: then there is nothing to lose.
/// `plan` knows that from the list alone; before `apply` switches, it plans once more with the
/// configuration as the second witness.
pub(crate) fn switch(
    context: &mut Context<'_>,
    draft: &mut Draft,
    declared: &Certificate,
    binding: &Binding,
) -> Switch {
    let expired = context
        .remote(&binding.id)
        .is_some_and(|remote| remote.is_expired(context.now));
    if expired {
        let diagnostic = Diagnostic::error(
            Code::Expired,
            format!("{} has expired and is never set in use", binding.id),
        )
        .hint(format!(
            "`--replace {}`, or declare `rotation.renew_before`",
            draft.address
        ));
        context.diagnostics.push(diagnostic.address(&draft.address));
        return Switch::Blocked;
    }
    let used = match context.in_use() {
        InUse::Disputed { .. } => return disputed(context, draft),
        InUse::Nothing => None,
        InUse::Certificate(id) => Some(id).filter(|id| is_usable(context, id)),
    };
    let Some(used) = used else { return Switch::Now };
    if let Some(diagnostic) = moved_by_somebody(context, draft, binding, &used) {
        context
            .diagnostics
            .push(diagnostic.at(Some(declared.place.clone())));
        return Switch::Blocked;
    }
    let trust = declared.rotation.trust_period;
    draft.blast_radius = if trust == Period::ZERO {
        BlastRadius::Everybody
    } else {
        BlastRadius::UnsyncedDevices
    };
    let since = binding.available_since.unwrap_or_else(|| context.anchor());
    let due = trust.after(since);
    if context.now < due {
        Switch::Wait(WaitFor::TrustPeriod, Some(due))
    } else if trust > Period::ZERO && context.is_skewed() {
        refuse_by_clock(context, draft);
        Switch::Wait(WaitFor::TrustPeriod, None)
    } else {
        Switch::Now
    }
}

/// What is not listed cannot be ruled out, so it counts as usable.
fn is_usable(context: &Context<'_>, id: &CertificateId) -> bool {
    context
        .remote(id)
        .is_none_or(|remote| remote.is_usable(context.now))
}

/// The guard `in_use_moved`: what we last set is not what Gateway uses, and not by our plan.
fn moved_by_somebody(
    context: &Context<'_>,
    draft: &Draft,
    target: &Binding,
    used: &CertificateId,
) -> Option<Diagnostic> {
    let last = &context.state.in_use.as_ref()?.id;
    let ours = last == used || context.options.allows(Guard::InUseMoved, &draft.address);
    if ours {
        return None;
    }
    let back = context
        .state
        .certificates
        .get(&draft.name)
        .is_some_and(|e| {
            e.bindings
                .iter()
                .any(|b| b.id == *used && b.role == Role::Retiring)
        });
    let whereto = if back {
        "back to its predecessor "
    } else {
        "to "
    };
    Some(
        Diagnostic::error(
            Code::InUseMoved,
            format!(
                "somebody moved in-use from {last} {whereto}{used}; {} is not set in use",
                target.id
            ),
        )
        .hint(format!(
            "if it is to be {}, pass `--allow in_use_moved:{}`; else declare `in_use` as it is now",
            draft.address, draft.address
        ))
        .address(&draft.address),
    )
}

fn disputed(context: &mut Context<'_>, draft: &Draft) -> Switch {
    let diagnostic = Diagnostic::warning(
        Code::InUseDisputed,
        "the list of certificates and the Gateway configuration disagree about what is in use",
    )
    .hint("wait: one of them lags behind; look at the dashboard when this does not end");
    context.diagnostics.push(diagnostic.address(&draft.address));
    Switch::Wait(WaitFor::Settling, None)
}

/// `in_use: false` on what Gateway uses, while nothing else is declared in use.
pub(crate) fn refuse_false(context: &mut Context<'_>, draft: &mut Draft, declared: &Certificate) {
    let used = context
        .state
        .certificates
        .get(&draft.name)
        .is_some_and(|entry| {
            entry
                .bindings
                .iter()
                .any(|binding| context.observed.may_be_in_use(&binding.id))
        });
    if declared.in_use == Some(false) && used && context.declared_in_use().is_none() {
        let diagnostic = Diagnostic::error(
            Code::InUseFalse,
            "Gateway uses this certificate, and no other is declared in use",
        )
        .hint("declare another certificate of the account `in_use: true`")
        .at(Some(declared.place.clone()));
        context.diagnostics.push(diagnostic.address(&draft.address));
    }
}

/// Steps that end a period are refused while two clocks contradict each other.
pub(crate) fn refuse_by_clock(context: &mut Context<'_>, draft: &Draft) {
    let api = context.observed.date.unwrap_or(context.now);
    let diagnostic = Diagnostic::error(
        Code::ClockSkew,
        format!(
            "this machine says {}, the API says {api}: no period is ended by such a clock",
            context.now
        ),
    )
    .hint("set this machine's clock");
    context.diagnostics.push(diagnostic.address(&draft.address));
}
