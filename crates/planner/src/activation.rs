//! The lane that brings a bound certificate to what it should be.

use certctl_model::{Binding, BindingStatus, Hold, Note, Reason, RemoteCertificate};
use certctl_spec::Certificate;

use crate::certificate::{expired, is_held, not_ours_to_touch, warn_if_pending_long};
use crate::context::Context;
use crate::draft::{Draft, Lane, steps};
use crate::in_use::{self, Switch};
use crate::retire::may_go;
use crate::shape::Wanted;
use certctl_plan::{Action, ChangeKind, Step, WaitFor};

/// Adds the lane that brings a certificate to what is wanted: activate, wait for the edge, set in
/// use; then `tail`. There is no lane where it is there already.
pub(crate) fn bring_up(
    context: &mut Context<'_>,
    draft: &mut Draft,
    declared: &Certificate,
    binding: &Binding,
    wanted: Wanted,
    tail: Vec<Step>,
) {
    let id = &binding.id;
    let switch: &[Action] = if wanted.in_use && !context.is_in_use(id) {
        &[Action::SetInUse]
    } else {
        &[]
    };
    let following = |first: &[Action]| {
        let mut all = steps(Some(id), &[first, switch].concat());
        all.extend(tail.iter().cloned());
        all
    };
    let Some(remote) = context.remote(id) else {
        let message = format!("{id} was not seen; it may still appear");
        draft.decide(ChangeKind::Update, Reason::Unlisted, message);
        draft.lane(Lane::waits(following(&[]), WaitFor::Settling, None));
        return;
    };
    if let Some(diagnostic) = not_ours_to_touch(remote) {
        context.report(draft, diagnostic);
        return;
    }
    if !switch.is_empty() && context.may_have_expired(remote) {
        let diagnostic = expired(draft, id, "has expired and is never set in use");
        context.report(draft, diagnostic);
        return;
    }
    warn_if_pending_long(context, draft, binding, remote);
    let activation = |draft: &mut Draft, what: &str| {
        let message = format!("{id} is {what}");
        draft.decide(ChangeKind::Update, Reason::Activation, message);
    };
    let deploying = |steps| Lane::waits(steps, WaitFor::Deploying, None);
    match (&remote.binding_status, wanted.active) {
        (BindingStatus::Inactive, true) => {
            activation(draft, "inactive");
            draft.lane(Lane::due(following(&[Action::Activate])));
        }
        (BindingStatus::PendingDeployment, true) => {
            activation(draft, "being deployed");
            draft.lane(deploying(following(&[])));
        }
        (BindingStatus::PendingDeletion, true) => {
            activation(draft, "being withdrawn");
            draft.lane(deploying(following(&[Action::Activate])));
        }
        (BindingStatus::Available, true) if !switch.is_empty() => {
            take_over(context, draft, declared, binding, following(&[]));
        }
        (BindingStatus::Available | BindingStatus::PendingDeployment, false) => {
            activation(draft, "declared not active");
            switch_off(context, draft, declared, binding, remote);
        }
        (BindingStatus::PendingDeletion, false) => {
            activation(draft, "being withdrawn");
            draft.lane(deploying(Vec::new()));
        }
        (BindingStatus::Available, true)
        | (BindingStatus::Inactive, false)
        | (BindingStatus::Unknown(_), _) => {}
    }
}

fn take_over(
    context: &mut Context<'_>,
    draft: &mut Draft,
    declared: &Certificate,
    binding: &Binding,
    mut steps: Vec<Step>,
) {
    let message = format!("Gateway does not use {}", binding.id);
    draft.decide(ChangeKind::Update, Reason::InUse, message);
    match in_use::switch(context, draft, declared, binding) {
        Switch::Now => {
            // Only where nothing usable is in use: there is nothing left to hold on to.
            if let Some(first) = steps.first_mut().filter(|_| is_held(binding)) {
                let (id, hold) = (binding.id.clone(), Hold::Released);
                first.notes.push(Note::Hold { id, hold });
            }
            draft.lane(Lane::due(steps));
        }
        Switch::Wait(why, until) => draft.lane(Lane::waits(steps, why, until)),
        Switch::Blocked => {}
    }
}

fn switch_off(
    context: &mut Context<'_>,
    draft: &mut Draft,
    declared: &Certificate,
    binding: &Binding,
    remote: &RemoteCertificate,
) {
    let off = steps(Some(&binding.id), &[Action::Deactivate]);
    let kept = binding
        .in_use_until
        .map(|until| declared.rotation.retire_after.after(until));
    draft.lane(match may_go(context, draft, remote, kept) {
        Ok(()) => Lane::due(off),
        Err((why, until)) => Lane::waits(off, why, until),
    });
}
