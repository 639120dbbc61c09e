//! The record of a request: who asked for what, and what it was answered with.

use certctl_model::{Fingerprint, Mutation, RemoteCertificate};
use certctl_plan::{Change, Operation, Step};
use certctl_state::{AuditOutcome, AuditRecord};

use crate::answer::Answer;
use crate::work::Work;

/// What is to be put on record of a request; made while what was observed before it still stands.
pub(crate) fn record_of(
    work: &Work<'_>,
    change: &Change,
    step: &Step,
    mutation: &Mutation,
    answer: Answer,
    outcome: AuditOutcome,
) -> AuditRecord {
    let auditing = &work.fleet.settings.audit;
    let observed = mutation
        .certificate_id()
        .and_then(|id| work.observed.certificate(id));
    let status = |certificate: &RemoteCertificate| certificate.binding_status.to_string();
    let done = outcome == AuditOutcome::Done;
    let (before, after) = match mutation {
        Mutation::SetInUse { id } => {
            let configured = work.observed.configuration.as_ref();
            let before = configured.and_then(|c| c.certificate_id.as_ref());
            let after = done.then(|| id.to_string());
            (before.map(ToString::to_string), after)
        }
        _ => (
            observed.map(status),
            answer.certificate.as_ref().filter(|_| done).map(status),
        ),
    };
    let certificate = answer.certificate.as_ref();
    let address = Some(change.address.clone());
    let made = AuditRecord::new(
        &work.journal.key(),
        address,
        step.action(),
        work.fleet.clock.wall().0,
    );
    AuditRecord {
        actor: auditing.actor.clone(),
        reason: auditing.reason.clone(),
        certificate_id: mutation
            .certificate_id()
            .cloned()
            .or_else(|| certificate.map(|made| made.id.clone())),
        fingerprint: certificate
            .or(observed)
            .and_then(|seen| Some(seen.facts()?.fingerprint))
            .or_else(|| uploads(step)),
        before,
        after,
        digest: work.journal.digest().cloned(),
        audit_log_id: answer.audit_log_id,
        status: answer.status,
        outcome,
        error: answer.error,
        ..made
    }
}

/// What a step uploads: the store's answer need not tell it.
fn uploads(step: &Step) -> Option<Fingerprint> {
    match &step.operation {
        Operation::Upload { ca, .. } => Some(ca.fingerprint),
        _ => None,
    }
}
