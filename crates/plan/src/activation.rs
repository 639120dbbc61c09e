//! What a bound certificate is, what it should be, and the lane that brings it there.

use certctl_model::{
    Binding, BindingStatus, Code, Diagnostic, Name, Origin, Period, Reason, RemoteCertificate,
    Role, ValidityDays,
};
use certctl_spec::Certificate;

use crate::context::Context;
use crate::draft::{Draft, Lane, steps};
use crate::in_use::{self, Switch};
use crate::plan::{Action, ChangeKind, Shape, Step, WaitFor};

/// What is wanted of one certificate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) active: bool,
    pub(crate) in_use: bool,
}

/// What Gateway and edge make of the certificate that the address had before this plan.
pub(crate) fn before(context: &Context<'_>, name: &Name) -> Option<Shape> {
    let binding = context
        .state
        .certificates
        .get(name)?
        .with_role(Role::Current)?;
    let remote = context.remote(&binding.id)?;
    Some(Shape {
        validity_period_days: binding.days.or_else(|| issued_days(remote)),
        activate: is_active(remote),
        in_use: context.observed.may_be_in_use(&binding.id),
        renew_before: None,
        trust_period: None,
        retire_after: None,
    })
}

/// What is declared, with what is left out filled in from what is there.
pub(crate) fn after(context: &Context<'_>, draft: &Draft) -> Option<Shape> {
    let declared = context.account.certificate(&draft.name)?;
    let before = draft.before.as_ref();
    Some(Shape {
        validity_period_days: declared
            .validity_period_days
            .or_else(|| before.and_then(|before| before.validity_period_days))
            .or(Some(ValidityDays::DEFAULT)),
        activate: declared.activate.unwrap_or_else(|| {
            before.is_none_or(|b| b.activate) || draft.kind == ChangeKind::Update
        }),
        in_use: declared
            .in_use
            .unwrap_or_else(|| before.is_some_and(|before| before.in_use)),
        renew_before: declared.rotation.renew_before,
        trust_period: Some(declared.rotation.trust_period),
        retire_after: Some(declared.rotation.retire_after),
    })
}

/// The validity that the certificate itself shows, in days.
pub(crate) fn issued_days(remote: &RemoteCertificate) -> Option<ValidityDays> {
    let days = remote.facts()?.days();
    u32::try_from(days)
        .ok()
        .and_then(|days| ValidityDays::try_from(days).ok())
}

fn is_active(remote: &RemoteCertificate) -> bool {
    matches!(
        remote.binding_status,
        BindingStatus::Available | BindingStatus::PendingDeployment
    )
}

/// What the spec wants of a certificate with this origin.
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
        active: in_use || declared.activate.unwrap_or_else(as_it_is),
        in_use,
    }
}

/// Adds the lane that brings a certificate to what is wanted: activate, wait for the edge, set in
/// use; then `tail`. Says whether there is such a lane: without, the certificate is there.
pub(crate) fn bring_up(
    context: &mut Context<'_>,
    draft: &mut Draft,
    declared: &Certificate,
    binding: &Binding,
    wanted: Wanted,
    tail: Vec<Step>,
) -> bool {
    let id = &binding.id;
    let Some(remote) = context.remote(id) else {
        draft.decide(
            ChangeKind::Update,
            Reason::Unlisted,
            format!("{id} was not seen; it may still appear"),
        );
        draft.lane(Lane::waits(Vec::new(), WaitFor::Settling, None));
        return true;
    };
    let used = context.observed.may_be_in_use(id);
    let switch: &[Action] = if wanted.in_use && !used {
        &[Action::SetInUse]
    } else {
        &[]
    };
    let following = |first: &[Action]| {
        let mut all = steps(Some(id), &[first, switch].concat());
        all.extend(tail.iter().cloned());
        all
    };
    warn_if_pending_long(context, draft, binding, remote);
    match (&remote.binding_status, wanted.active) {
        (BindingStatus::Inactive, true) => {
            draft.decide(
                ChangeKind::Update,
                Reason::Activation,
                format!("{id} is inactive"),
            );
            draft.lane(Lane::due(following(&[Action::Activate])));
        }
        (BindingStatus::PendingDeployment, true) => {
            draft.decide(
                ChangeKind::Update,
                Reason::Activation,
                format!("{id} is being deployed"),
            );
            draft.lane(Lane::waits(following(&[]), WaitFor::Deploying, None));
        }
        (BindingStatus::PendingDeletion, true) => {
            draft.decide(
                ChangeKind::Update,
                Reason::Activation,
                format!("{id} is being withdrawn"),
            );
            draft.lane(Lane::waits(
                following(&[Action::Activate]),
                WaitFor::Deploying,
                None,
            ));
        }
        (BindingStatus::Available, true) if !switch.is_empty() => {
            return take_over(context, draft, declared, binding, following(&[]));
        }
        (BindingStatus::Available | BindingStatus::PendingDeployment, false) => {
            switch_off(context, draft, declared, binding, remote);
        }
        (BindingStatus::PendingDeletion, false) => {
            draft.lane(Lane::waits(Vec::new(), WaitFor::Deploying, None));
        }
        (BindingStatus::Unknown(status), _) => {
            let diagnostic = Diagnostic::warning(
                Code::UnknownStatus,
                format!(
                    "{id} has the status `{status}`, which certctl does not know; it is left alone"
                ),
            )
            .hint("look at it in the dashboard; a newer certctl may know it");
            context.diagnostics.push(diagnostic.address(&draft.address));
        }
        (BindingStatus::Available, true) | (BindingStatus::Inactive, false) => return false,
    }
    true
}

fn take_over(
    context: &mut Context<'_>,
    draft: &mut Draft,
    declared: &Certificate,
    binding: &Binding,
    steps: Vec<Step>,
) -> bool {
    let message = format!("Gateway does not use {}", binding.id);
    draft.decide(ChangeKind::Update, Reason::InUse, message);
    match in_use::switch(context, draft, declared, binding) {
        Switch::Now => draft.lane(Lane::due(steps)),
        Switch::Wait(why, until) => draft.lane(Lane::waits(steps, why, until)),
        Switch::Blocked => {}
    }
    true
}

fn switch_off(
    context: &mut Context<'_>,
    draft: &mut Draft,
    declared: &Certificate,
    binding: &Binding,
    remote: &RemoteCertificate,
) {
    let id = &binding.id;
    draft.decide(
        ChangeKind::Update,
        Reason::Activation,
        format!("{id} is declared not active"),
    );
    let off = steps(Some(id), &[Action::Deactivate]);
    if context.observed.may_be_in_use(id) {
        if context.another_is_declared_in_use(&draft.name) {
            draft.lane(Lane::waits(off, WaitFor::TrustPeriod, None));
        } else {
            let diagnostic = Diagnostic::error(
                Code::InUseDeactivate,
                format!("{id} is declared not active, but Gateway uses it"),
            )
            .hint("declare another certificate `in_use: true` first")
            .at(Some(declared.place.clone()));
            context.diagnostics.push(diagnostic.address(&draft.address));
        }
        return;
    }
    let kept = binding
        .in_use_until
        .map(|until| declared.rotation.retire_after.after(until));
    match kept {
        _ if remote.binding_status == BindingStatus::PendingDeployment => {
            draft.lane(Lane::waits(off, WaitFor::Deploying, None));
        }
        Some(until) if context.now < until => {
            draft.lane(Lane::waits(off, WaitFor::RetireAfter, Some(until)));
        }
        Some(_) if context.is_skewed() => {
            in_use::refuse_by_clock(context, draft);
            draft.lane(Lane::waits(off, WaitFor::RetireAfter, None));
        }
        _ => draft.lane(Lane::due(off)),
    }
}

fn warn_if_pending_long(
    context: &mut Context<'_>,
    draft: &Draft,
    binding: &Binding,
    remote: &RemoteCertificate,
) {
    let Some(since) = binding
        .pending_since
        .filter(|_| remote.binding_status.is_pending())
    else {
        return;
    };
    if Period::between(since, context.now) > Period::HOUR {
        let diagnostic = Diagnostic::warning(
            Code::PendingLong,
            format!(
                "{} has been {} since {since}",
                binding.id, remote.binding_status
            ),
        )
        .hint("Cloudflare usually needs seconds; ask its support when this does not end");
        context.diagnostics.push(diagnostic.address(&draft.address));
    }
}
