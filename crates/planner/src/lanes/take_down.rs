//! How a certificate is taken down: not before its retire period is over, never while Gateway uses
//! it or may use it, never while what Gateway uses is not sound and this one could serve in its place,
//! and never by guessing at what is not known.

use certctl_model::{
    Binding, BindingStatus, CertificateId, Code, Diagnostic, Note, Period, RemoteCertificate, Role,
    Timestamp,
};
use certctl_plan::{Mandate, Operation, Step, WaitFor};

use crate::certificate::{
    is_its_owners, is_sound, not_ours_to_touch, pending_long, unsound_in_use,
};
use crate::decision::{Decision, Lane, When, steps};
use crate::facts::Facts;
use crate::place::Place;

/// What is left to do with the predecessor once the successor has taken over.
pub(crate) fn removal_steps(facts: &Facts<'_>, predecessor: &Binding) -> Vec<Step> {
    let id = &predecessor.id;
    if is_its_owners(facts, id) {
        return vec![let_go(id)];
    }
    let is_off = |remote: &RemoteCertificate| {
        let status = &remote.binding_status;
        matches!(
            status,
            BindingStatus::Inactive | BindingStatus::PendingDeletion
        )
    };
    let is_off = facts.remote(id).is_some_and(is_off);
    let deactivate = (!is_off).then(|| Operation::Deactivate(id.clone()));
    let all = [deactivate, Some(Operation::Delete(id.clone()))];
    steps(all.into_iter().flatten())
}

/// The end of a certificate of an address that holds others: it is deleted, or where somebody else
/// uploaded it, no longer this address's, and otherwise left as it is.
pub(crate) fn last_step(facts: &Facts<'_>, id: &CertificateId) -> Step {
    if is_its_owners(facts, id) {
        return let_go(id);
    }
    Step::new(Operation::Delete(id.clone()))
}

/// Drops one of several certificates.
pub(crate) fn let_go(id: &CertificateId) -> Step {
    Step {
        notes: vec![Note::Unbind { id: id.clone() }],
        ..Step::new(Operation::Forget(Some(id.clone())))
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
pub(crate) fn take_down(
    facts: &Facts<'_>,
    place: &Place<'_>,
    decision: &mut Decision,
    binding: &Binding,
    until: Option<Timestamp>,
    then: Vec<Step>,
) {
    let id = &binding.id;
    let Some(remote) = facts.remote(id) else {
        decision.lane(Lane::waits(then, WaitFor::Settling, None));
        return;
    };
    if let Some(diagnostic) = not_ours_to_touch(remote) {
        decision.report(place, diagnostic);
        return;
    }
    if let Some(diagnostic) = pending_long(facts, binding, remote) {
        decision.report(place, diagnostic);
    }
    let mut all = steps([Operation::Deactivate(id.clone())]);
    all.extend(then.iter().cloned());
    let left = match remote.binding_status {
        BindingStatus::Inactive | BindingStatus::PendingDeletion => then,
        _ if is_its_owners(facts, id) => then,
        _ => all,
    };
    if left.is_empty() && remote.binding_status == BindingStatus::Inactive {
        return;
    }
    let mut lane = Lane::new(left, may_go(facts, place, decision, remote, until));
    // The end of a rotation, whatever became of the address since.
    if binding.role == Role::Retiring && place.gives_up.as_ref() != Some(id) {
        lane.mandate = Mandate::Calendar;
    }
    decision.lane(lane);
}

/// Whether a certificate can be taken down now: or what for, and until when, it is kept.
pub(crate) fn may_go(
    facts: &Facts<'_>,
    place: &Place<'_>,
    decision: &mut Decision,
    remote: &RemoteCertificate,
    until: Option<Timestamp>,
) -> When {
    let waits = |why, until| When::Waits { why, until };
    if facts.in_use_is_uncertain() {
        return waits(WaitFor::Settling, None);
    }
    if facts.is_in_use(&remote.id) {
        let moves_on = facts.declared_in_use().is_some();
        let why = if moves_on {
            WaitFor::TrustPeriod
        } else {
            WaitFor::Hold
        };
        return waits(why, None);
    }
    if remote.binding_status.is_pending() {
        return waits(WaitFor::Deploying, None);
    }
    if let Some(stays) = serves_instead(facts, place, decision, remote) {
        return stays;
    }
    match until {
        Some(until) if facts.now < until => waits(WaitFor::RetireAfter, Some(until)),
        Some(_) if facts.is_skewed() => {
            decision.report(place, facts.clock_skew());
            waits(WaitFor::RetireAfter, None)
        }
        _ => When::Now,
    }
}

/// Law 2: while what Gateway uses is not itself available, valid and verified, nothing that could
/// serve in its place is taken down; what is compromised only with leave.
fn serves_instead(
    facts: &Facts<'_>,
    place: &Place<'_>,
    decision: &mut Decision,
    remote: &RemoteCertificate,
) -> Option<When> {
    let used = unsound_in_use(facts)?;
    if !is_sound(facts, remote) {
        return None;
    }
    let binding = facts.state.binding(&remote.id);
    let compromised = binding.is_some_and(|(_, binding)| binding.compromised);
    if compromised && facts.options.allows_removal(&place.address, &remote.id) {
        return None;
    }
    let status = facts.remote(&used).map(|used| &used.binding_status);
    let message = format!(
        "{used}, which Gateway uses, is not available, not valid now or not verified; {} is kept, \
         for Gateway could use it instead",
        remote.id
    );
    let hint = if compromised {
        format!(
            "set a sound certificate in use; to remove the compromised one before, pass \
             `--allow last_available:{}`",
            remote.id
        )
    } else {
        "look at the certificate in the dashboard; declare a sound one `in_use: true`".to_owned()
    };
    let diagnostic = Diagnostic::error(Code::InUseUnsound, message).hint(hint);
    decision.report(place, diagnostic.blocks_nothing());
    let pending = status.is_some_and(BindingStatus::is_pending);
    let why = if pending {
        WaitFor::Deploying
    } else {
        WaitFor::RetireAfter
    };
    Some(When::Waits { why, until: None })
}
