//! What stands in the record of each request beside the request itself.

use std::fmt;
use std::io;
use std::sync::Arc;

use certctl_model::{Code, Diagnostic};
use certctl_state::{Actor, AuditRecord, Key, Store};

use crate::fault::state_failed;

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

impl Auditing {
    /// Puts a request on record, in the store and in the log, each whatever became of the other.
    pub(crate) async fn keep(
        &self,
        store: &Store,
        key: &Key,
        record: &AuditRecord,
    ) -> Result<(), Diagnostic> {
        let logged = match &self.log {
            Some(log) => log(record).map_err(|error| log_failed(&error)),
            None => Ok(()),
        };
        let stored = store.append_audit(key, record).await;
        stored.map_err(|error| state_failed(&error))?;
        logged
    }
}

fn log_failed(error: &io::Error) -> Diagnostic {
    let message = format!("cannot write to the audit log: {error}");
    Diagnostic::error(Code::StateFailed, message)
        .hint("what was done is in the state and in `certctl history`; run it again to go on")
}

impl fmt::Debug for Auditing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auditing")
            .field("actor", &self.actor)
            .field("reason", &self.reason)
            .field("log", &self.log.is_some())
            .finish()
    }
}
