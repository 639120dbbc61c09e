//! A bound address: an open rotation goes on first, then one may start, then the certificate itself
//! is brought to what is declared.

use certctl_model::{
    Binding, BindingStatus, Cause, Code, Diagnostic, Note, Period, Reason, Role, Timestamp,
    ValidityDays,
};
use certctl_spec::Certificate;

use crate::activation::{self, bring_up, issued_days};
use crate::context::Context;
use crate::draft::{Draft, Lane, steps};
use crate::plan::{Action, ChangeKind, Step};
use crate::removal::{self, dismantle};
use crate::verify::verify;

/// Decides a declared address that holds a current certificate, a successor, or both.
pub(crate) fn decide(context: &mut Context<'_>, draft: &mut Draft, declared: &Certificate) {
    removal::note_policy(context, draft, declared);
    promote(context, draft, declared);
    let current = with_role(context, draft, Role::Current);
    let successor = with_role(context, draft, Role::Successor);
    if let Some(successor) = successor {
        go_on(context, draft, declared, current.as_ref(), &successor);
    } else if let Some(current) = current {
        match starts(context, draft, declared, &current) {
            Some((cause, reason, message)) => {
                warn_of_faults(context, draft, &current);
                start(context, draft, declared, &current, (cause, reason, message));
            }
            None => keep(context, draft, declared, &current),
        }
    }
}

fn with_role(context: &Context<'_>, draft: &Draft, role: Role) -> Option<Binding> {
    context
        .state
        .certificates
        .get(&draft.name)?
        .with_role(role)
        .cloned()
}

/// Whether this address's certificate is the one that Gateway should use: because that is declared,
/// or because the current one is in use and nothing else is declared.
fn claims_in_use(context: &Context<'_>, draft: &Draft, declared: &Certificate) -> bool {
    match declared.in_use {
        Some(declared) => declared,
        None => with_role(context, draft, Role::Current).is_some_and(|current| {
            context.observed.may_be_in_use(&current.id)
                && !context.another_is_declared_in_use(&draft.name)
        }),
    }
}

/// Ends rotations whose successor has taken over, and gives up a successor that no longer fits.
fn promote(context: &mut Context<'_>, draft: &mut Draft, declared: &Certificate) {
    let Some(successor) = with_role(context, draft, Role::Successor) else {
        return;
    };
    let current = with_role(context, draft, Role::Current);
    let name = draft.name.clone();
    if context.observed.may_be_in_use(&successor.id) {
        let since = current
            .and_then(|c| c.in_use_until)
            .unwrap_or_else(|| context.anchor());
        context.note(
            draft,
            Note::Promote {
                certificate: name,
                since,
            },
        );
        return;
    }
    let misfit = match (declared.validity_period_days, successor.days) {
        (Some(declared), Some(asked)) => declared != asked,
        _ => false,
    };
    if misfit {
        let since = context.anchor();
        context.note(
            draft,
            Note::Retire {
                id: successor.id,
                since,
            },
        );
        return;
    }
    let Some(remote) = context.remote(&successor.id) else {
        return;
    };
    let wants_in_use = claims_in_use(context, draft, declared);
    let wanted = activation::wanted(context, declared, &successor, wants_in_use);
    let since = match remote.binding_status {
        BindingStatus::Available => successor.available_since,
        BindingStatus::Inactive if !wanted.active => Some(successor.bound_at),
        _ => None,
    };
    if let Some(since) = since.filter(|_| !wants_in_use && remote.facts().is_some()) {
        context.note(
            draft,
            Note::Promote {
                certificate: name,
                since,
            },
        );
    }
}

/// An open rotation: the successor is brought up, then the predecessor retires.
fn go_on(
    context: &mut Context<'_>,
    draft: &mut Draft,
    declared: &Certificate,
    current: Option<&Binding>,
    successor: &Binding,
) {
    let cause = context
        .state
        .certificates
        .get(&draft.name)
        .and_then(|entry| entry.cause);
    let message = format!("a rotation to {} is under way", successor.id);
    draft.decide(kind_of(cause), Reason::RotationOpen, message);
    if let Some(remote) = context.remote(&successor.id)
        && !verify(context, draft, successor, remote, false)
    {
        return;
    }
    let in_use = claims_in_use(context, draft, declared);
    let wanted = activation::wanted(context, declared, successor, in_use);
    let tail = current
        .map(|current| goodbye(context, current))
        .unwrap_or_default();
    bring_up(context, draft, declared, successor, wanted, tail);
}

/// Whether, and why, a rotation starts; the first reason wins.
fn starts(
    context: &Context<'_>,
    draft: &Draft,
    declared: &Certificate,
    current: &Binding,
) -> Option<(Cause, Reason, String)> {
    let remote = context.remote(&current.id)?;
    let cause = context.state.certificates.get(&draft.name)?.cause;
    if cause == Some(Cause::Requested) || context.options.replace.contains(&draft.address) {
        return Some((
            Cause::Requested,
            Reason::ReplaceRequested,
            "a replace was asked for".to_owned(),
        ));
    }
    let has = current.days.or_else(|| issued_days(remote));
    if let (Some(wants), Some(has)) = (declared.validity_period_days, has)
        && wants != has
    {
        let message = format!("validity_period_days: {has} -> {wants}; a certificate is immutable");
        return Some((Cause::Replace, Reason::ValidityChanged, message));
    }
    let due = declared.rotation.renew_before?.before(remote.expires()?);
    (due <= context.now).then(|| {
        (
            Cause::Renew,
            Reason::RenewalDue,
            format!("it expires within its renew_before, since {due}"),
        )
    })
}

fn start(
    context: &mut Context<'_>,
    draft: &mut Draft,
    declared: &Certificate,
    current: &Binding,
    (cause, reason, message): (Cause, Reason, String),
) {
    draft.decide(kind_of(Some(cause)), reason, message);
    let in_use = claims_in_use(context, draft, declared);
    let days = declared
        .validity_period_days
        .unwrap_or(ValidityDays::DEFAULT);
    let note = Note::Rotate {
        certificate: draft.name.clone(),
        cause,
    };
    let create = Step {
        makes: Some((Role::Successor, days)),
        notes: vec![note],
        ..Step::new(Action::Create, None)
    };
    let mut all = vec![create];
    if in_use || declared.activate != Some(false) {
        all.extend(steps(None, &[Action::Activate]));
    }
    if in_use {
        all.extend(steps(None, &[Action::SetInUse]));
        draft.blast_radius = crate::plan::BlastRadius::UnsyncedDevices;
        if declared.rotation.trust_period == Period::ZERO {
            draft.blast_radius = crate::plan::BlastRadius::Everybody;
        }
    }
    all.extend(goodbye(context, current));
    draft.lane(Lane::due(all));
}

/// No rotation: the certificate itself.
fn keep(context: &mut Context<'_>, draft: &mut Draft, declared: &Certificate, current: &Binding) {
    note_import(context, draft, declared, current);
    if let Some(remote) = context.remote(&current.id) {
        if !verify(context, draft, current, remote, false) {
            draft.decide(ChangeKind::NoOp, Reason::Blocked, "it fails verification");
            return;
        }
        if remote.is_expired(context.now) {
            let diagnostic =
                Diagnostic::warning(Code::Expired, format!("{} has expired", current.id)).hint(
                    format!(
                        "`--replace {}`, or declare `rotation.renew_before`",
                        draft.address
                    ),
                );
            context.diagnostics.push(diagnostic.address(&draft.address));
        }
    }
    let wanted = activation::wanted(context, declared, current, declared.in_use == Some(true));
    let in_use = wanted.in_use || claims_in_use(context, draft, declared);
    let wanted = activation::Wanted {
        active: wanted.active,
        in_use,
    };
    bring_up(context, draft, declared, current, wanted, Vec::new());
}

fn warn_of_faults(context: &mut Context<'_>, draft: &mut Draft, current: &Binding) {
    if let Some(remote) = context.remote(&current.id) {
        verify(context, draft, current, remote, true);
    }
}

/// An `import` on an address that is bound: nothing to do, or a contradiction.
fn note_import(
    context: &mut Context<'_>,
    draft: &Draft,
    declared: &Certificate,
    current: &Binding,
) {
    let Some(certctl_spec::Import::Id(id)) = &declared.import else {
        return;
    };
    let known = context
        .state
        .certificates
        .get(&draft.name)
        .is_some_and(|entry| {
            entry.had.contains(id) || entry.bindings.iter().any(|binding| binding.id == *id)
        });
    if !known {
        let diagnostic = Diagnostic::error(
            Code::ImportBound,
            format!(
                "`import: {id}`, but this address is bound to {}",
                current.id
            ),
        )
        .hint("remove `import`, or declare the certificate under another name")
        .at(Some(declared.import_place.clone()));
        context.diagnostics.push(diagnostic.address(&draft.address));
    }
}

/// What is left to do with the predecessor once the successor has taken over.
fn goodbye(context: &Context<'_>, current: &Binding) -> Vec<Step> {
    let at_the_edge = context
        .remote(&current.id)
        .is_none_or(|remote| remote.binding_status != BindingStatus::Inactive);
    let actions: &[Action] = if at_the_edge {
        &[Action::Deactivate, Action::Delete]
    } else {
        &[Action::Delete]
    };
    steps(Some(&current.id), actions)
}

/// Removes what was replaced, each once its retire period is over.
pub(crate) fn retire_all(context: &mut Context<'_>, draft: &mut Draft, retire_after: Period) {
    let Some(entry) = context.state.certificates.get(&draft.name) else {
        return;
    };
    let kind = kind_of(entry.cause);
    let retiring: Vec<Binding> = entry
        .bindings
        .iter()
        .filter(|b| b.role == Role::Retiring)
        .cloned()
        .collect();
    for binding in retiring {
        draft.decide(
            kind,
            Reason::Retiring,
            format!("{} was replaced", binding.id),
        );
        let until = kept_until(&binding, retire_after);
        let available = context
            .remote(&binding.id)
            .is_some_and(|remote| remote.binding_status == BindingStatus::Available);
        if available {
            draft.rollback_until = draft.rollback_until.max(until);
        }
        dismantle(context, draft, &binding, until, &[Action::Delete]);
    }
}

/// Until when what was in use, or was replaced, is kept.
pub(crate) fn kept_until(binding: &Binding, retire_after: Period) -> Option<Timestamp> {
    binding
        .retiring_since
        .max(binding.in_use_until)
        .map(|since| retire_after.after(since))
}

fn kind_of(cause: Option<Cause>) -> ChangeKind {
    match cause {
        Some(Cause::Renew) => ChangeKind::Renew,
        Some(Cause::Replace | Cause::Requested) | None => ChangeKind::Replace,
    }
}
