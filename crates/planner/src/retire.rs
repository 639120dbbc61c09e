//! How a certificate is taken down: not before its retire period is over, never while Gateway uses
//! it or may use it, and never by guessing at what is not known.

use certctl_model::{Binding, BindingStatus, Period, Reason, RemoteCertificate, Role, Timestamp};

use crate::certificate::{not_ours_to_touch, warn_if_pending_long};
use crate::context::Context;
use crate::draft::{Draft, Lane, steps};
use certctl_plan::{Action, ChangeKind, Step, WaitFor};

/// What is left to do with the predecessor once the successor has taken over.
pub(crate) fn goodbye(context: &Context<'_>, current: &Binding) -> Vec<Step> {
    let remote = context.remote(&current.id);
    let actions: &[Action] = match remote.map(|remote| &remote.binding_status) {
        Some(BindingStatus::Inactive | BindingStatus::PendingDeletion) => &[Action::Delete],
        _ => &[Action::Deactivate, Action::Delete],
    };
    steps(Some(&current.id), actions)
}

/// Removes what was replaced or given up, each once its retire period is over.
pub(crate) fn retire_all(context: &mut Context<'_>, draft: &mut Draft, retire_after: Period) {
    let Some(entry) = context.state.certificates.get(&draft.name) else {
        return;
    };
    let kind = ChangeKind::of_rotation(entry.cause);
    let retiring = |binding: &&Binding| binding.role == Role::Retiring;
    let retiring: Vec<Binding> = entry.bindings.iter().filter(retiring).cloned().collect();
    for binding in retiring {
        let used = binding.in_use_until.is_some();
        let message = match used {
            true => format!("{} was replaced", binding.id),
            false => format!("{} is not needed any more", binding.id),
        };
        draft.decide(kind, Reason::Retiring, message);
        // Nobody goes back to what is compromised.
        let until = kept_until(&binding, retire_after).filter(|_| !binding.compromised);
        let remote = context.remote(&binding.id);
        let available = remote.is_some_and(|r| r.binding_status == BindingStatus::Available);
        if available
            && used
            && !binding.compromised
            && until > Some(context.now)
            && !context.may_be_in_use(&binding.id)
        {
            draft.rollback_until = draft.rollback_until.max(until);
        }
        let then = steps(Some(&binding.id), &[Action::Delete]);
        dismantle(context, draft, &binding, until, then);
    }
}

/// Until when what was in use, or was replaced, is kept.
pub(crate) fn kept_until(binding: &Binding, retire_after: Period) -> Option<Timestamp> {
    binding
        .retiring_since
        .max(binding.in_use_until)
        .map(|since| retire_after.after(since))
}

/// Adds the lane that takes one certificate from the edge and then does `then` with it, not before
/// `until`.
pub(crate) fn dismantle(
    context: &mut Context<'_>,
    draft: &mut Draft,
    binding: &Binding,
    until: Option<Timestamp>,
    then: Vec<Step>,
) {
    let id = &binding.id;
    let Some(remote) = context.remote(id) else {
        draft.lane(Lane::waits(then, WaitFor::Settling, None));
        return;
    };
    if let Some(diagnostic) = not_ours_to_touch(remote) {
        context.report(draft, diagnostic);
        return;
    }
    warn_if_pending_long(context, draft, binding, remote);
    let mut all = steps(Some(id), &[Action::Deactivate]);
    all.extend(then.iter().cloned());
    let left = match remote.binding_status {
        BindingStatus::Inactive | BindingStatus::PendingDeletion => then,
        _ => all,
    };
    if left.is_empty() && remote.binding_status == BindingStatus::Inactive {
        return;
    }
    let lane = match may_go(context, draft, remote, until) {
        Ok(()) => Lane::due(left),
        Err((why, until)) => Lane::waits(left, why, until),
    };
    // The end of a rotation, whatever became of the address since.
    let rotation = binding.role == Role::Retiring;
    draft.lane(Lane { rotation, ..lane });
}

/// Whether a certificate can be taken down now: or what for, and until when, it is kept.
pub(crate) fn may_go(
    context: &mut Context<'_>,
    draft: &Draft,
    remote: &RemoteCertificate,
    until: Option<Timestamp>,
) -> Result<(), (WaitFor, Option<Timestamp>)> {
    if context.in_use_is_uncertain() {
        return Err((WaitFor::Settling, None));
    }
    if context.is_in_use(&remote.id) {
        let moves_on = context.declared_in_use().is_some();
        let why = if moves_on {
            WaitFor::TrustPeriod
        } else {
            WaitFor::Hold
        };
        return Err((why, None));
    }
    if remote.binding_status.is_pending() {
        return Err((WaitFor::Deploying, None));
    }
    match until {
        Some(until) if context.now < until => Err((WaitFor::RetireAfter, Some(until))),
        Some(_) if context.is_skewed() => {
            context.refuse_by_clock(draft);
            Err((WaitFor::RetireAfter, None))
        }
        _ => Ok(()),
    }
}
