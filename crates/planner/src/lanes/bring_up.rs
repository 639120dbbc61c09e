//! The lane that brings a bound certificate to what it should be.

use certctl_model::{Binding, BindingStatus, Hold, Note, Reason, RemoteCertificate};
use certctl_plan::{ChangeKind, Operation, Step, WaitFor};
use certctl_spec::Certificate;

use crate::certificate::{expired, is_held, not_ours_to_touch, pending_long};
use crate::claim::Wanted;
use crate::decision::{Decision, Lane, When, steps};
use crate::facts::Facts;
use crate::lanes::switch::switch;
use crate::lanes::take_down::may_go;
use crate::place::Place;

/// Adds the lane that brings a certificate to what is wanted: activate, wait for the edge, set in
/// use; then `tail`. There is no lane where it is there already.
pub(crate) fn bring_up(
    facts: &Facts<'_>,
    place: &Place<'_>,
    decision: &mut Decision,
    (declared, binding): (&Certificate, &Binding),
    wanted: Wanted,
    tail: Vec<Step>,
) {
    let id = &binding.id;
    let switching = wanted.in_use && !facts.is_in_use(id);
    let following = |first: Option<Operation>| {
        let last = switching.then(|| Operation::SetInUse(Some(id.clone())));
        let mut all = steps([first, last].into_iter().flatten());
        all.extend(tail.iter().cloned());
        all
    };
    let Some(remote) = facts.remote(id) else {
        let message = format!("{id} was not seen; it may still appear");
        decision.say(ChangeKind::Update, Reason::Unlisted, message);
        decision.lane(Lane::waits(following(None), WaitFor::Settling, None));
        return;
    };
    if let Some(diagnostic) = not_ours_to_touch(remote) {
        decision.report(place, diagnostic);
        return;
    }
    if switching && facts.may_have_expired(remote) {
        let diagnostic = expired(place, id, "has expired and is never set in use");
        decision.report(place, diagnostic);
        return;
    }
    if let Some(diagnostic) = pending_long(facts, binding, remote) {
        decision.report(place, diagnostic);
    }
    let activation = |decision: &mut Decision, what: &str| {
        let message = format!("{id} is {what}");
        decision.say(ChangeKind::Update, Reason::Activation, message);
    };
    let deploying = |steps| Lane::waits(steps, WaitFor::Deploying, None);
    match (&remote.binding_status, wanted.active) {
        (BindingStatus::Inactive, true) => {
            activation(decision, "inactive");
            decision.lane(Lane::due(following(Some(Operation::Activate(Some(
                id.clone(),
            ))))));
        }
        (BindingStatus::PendingDeployment, true) => {
            activation(decision, "being deployed");
            decision.lane(deploying(following(None)));
        }
        (BindingStatus::PendingDeletion, true) => {
            activation(decision, "being withdrawn");
            decision.lane(deploying(following(Some(Operation::Activate(Some(
                id.clone(),
            ))))));
        }
        (BindingStatus::Available, true) if switching => {
            set_in_use(facts, place, decision, (declared, binding), following(None));
        }
        (BindingStatus::Available | BindingStatus::PendingDeployment, false) => {
            activation(decision, "declared not active");
            switch_off(facts, place, decision, (declared, binding), remote);
        }
        (BindingStatus::PendingDeletion, false) => {
            activation(decision, "being withdrawn");
            decision.lane(deploying(Vec::new()));
        }
        (BindingStatus::Available, true)
        | (BindingStatus::Inactive, false)
        | (BindingStatus::Unknown(_), _) => {}
    }
}

fn set_in_use(
    facts: &Facts<'_>,
    place: &Place<'_>,
    decision: &mut Decision,
    (declared, binding): (&Certificate, &Binding),
    mut steps: Vec<Step>,
) {
    let message = format!("Gateway does not use {}", binding.id);
    decision.say(ChangeKind::Update, Reason::InUse, message);
    let Some(when) = switch(facts, place, decision, declared, binding) else {
        return;
    };
    // Only where nothing usable is in use: there is nothing left to hold on to.
    let first = steps.first_mut().filter(|_| is_held(binding));
    if let (When::Now, Some(first)) = (when, first) {
        let (id, hold) = (binding.id.clone(), Hold::Released);
        first.notes.push(Note::Hold { id, hold });
    }
    decision.lane(Lane::new(steps, when));
}

fn switch_off(
    facts: &Facts<'_>,
    place: &Place<'_>,
    decision: &mut Decision,
    (declared, binding): (&Certificate, &Binding),
    remote: &RemoteCertificate,
) {
    let off = steps([Operation::Deactivate(binding.id.clone())]);
    let kept = binding
        .in_use_until
        .map(|until| declared.rotation.retire_after.after(until));
    let when = may_go(facts, place, decision, remote, kept);
    decision.lane(Lane::new(off, when));
}
