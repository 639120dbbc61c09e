//! The record of each request, written after its outcome is in the state.
//!
//! *Guarantee*: a record that cannot be written loses nothing: the state holds the outcome already.
//! It does stop the account, for nothing is to be done that is not on record.

use std::fmt;
use std::io;
use std::sync::Arc;

use certctl_cloudflare::{WriteError, Written};
use certctl_model::{Code, Diagnostic, Mutation, RemoteCertificate};
use certctl_plan::{Change, Step};
use certctl_state::{Actor, AuditOutcome, AuditRecord};

use crate::account::{AccountRun, Progress};
use crate::fleet::state_failed;

/// What stands in every record of a run, and where records go besides the store.
#[derive(Clone, Default)]
pub struct Auditing {
    /// Who runs this.
    pub actor: Actor,
    /// Why, if somebody said so.
    pub reason: Option<String>,
    /// Takes a copy of each record, such as into a log file.
    pub log: Option<AuditLog>,
}

/// Takes a copy of each record.
pub type AuditLog = Arc<dyn Fn(&AuditRecord) -> io::Result<()> + Send + Sync>;

impl fmt::Debug for Auditing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auditing")
            .field("actor", &self.actor)
            .field("reason", &self.reason)
            .field("log", &self.log.is_some())
            .finish()
    }
}

/// What a request was answered with.
pub(crate) struct Answer {
    certificate: Option<RemoteCertificate>,
    audit_log_id: Option<String>,
    status: Option<u16>,
    error: Option<String>,
}

impl Answer {
    pub(crate) fn of(sent: &Result<Written, WriteError>) -> Self {
        match sent {
            Ok(written) => Self {
                certificate: written.certificate.clone(),
                audit_log_id: written.audit_log_id.clone(),
                status: Some(written.status),
                error: None,
            },
            Err(error) => Self {
                certificate: None,
                audit_log_id: None,
                status: match error {
                    WriteError::Refused(refusal) => Some(refusal.status),
                    WriteError::NotSent(failure) | WriteError::Unknown(failure) => failure.status,
                },
                error: Some(error.to_string()),
            },
        }
    }
}

impl AccountRun<'_> {
    /// What is to be put on record of a request; made while what was observed before it still stands.
    pub(crate) fn on_record(
        &self,
        progress: &Progress,
        change: &Change,
        step: &Step,
        mutation: &Mutation,
        answer: Answer,
        outcome: AuditOutcome,
    ) -> AuditRecord {
        let key = self.fleet.key(&self.account.account_id);
        let auditing = &self.fleet.settings.audit;
        let observed = mutation
            .certificate_id()
            .and_then(|id| progress.observed.certificate(id));
        let status = |certificate: &RemoteCertificate| certificate.binding_status.to_string();
        let done = outcome == AuditOutcome::Done;
        let (before, after) = match mutation {
            Mutation::SetInUse { id } => {
                let configured = progress.observed.configuration.as_ref();
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
        let address = change.address.clone();
        let made = AuditRecord::new(&key, address, step.action.as_str(), self.fleet.clock.wall());
        AuditRecord {
            actor: auditing.actor.clone(),
            reason: auditing.reason.clone(),
            certificate_id: mutation
                .certificate_id()
                .cloned()
                .or_else(|| certificate.map(|made| made.id.clone())),
            fingerprint: certificate
                .or(observed)
                .and_then(|seen| Some(seen.facts()?.fingerprint)),
            before,
            after,
            digest: progress.digest.clone(),
            audit_log_id: answer.audit_log_id,
            status: answer.status,
            outcome,
            error: answer.error,
            ..made
        }
    }

    /// Puts a request on record, in the store and in the log, each whatever became of the other.
    pub(crate) async fn put_on_record(&self, record: &AuditRecord) -> Result<(), Diagnostic> {
        let logged = match &self.fleet.settings.audit.log {
            Some(log) => log(record).map_err(|error| log_failed(&error)),
            None => Ok(()),
        };
        let key = self.fleet.key(&self.account.account_id);
        self.fleet
            .store
            .append_audit(&key, record)
            .await
            .map_err(|error| state_failed(&error))?;
        logged
    }
}

fn log_failed(error: &io::Error) -> Diagnostic {
    let message = format!("cannot write to the audit log: {error}");
    Diagnostic::error(Code::StateFailed, message)
        .hint("what was done is in the state and in `certctl history`; run it again to go on")
}
