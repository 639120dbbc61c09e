//! What stands in the record of each request beside the request itself.

use std::fmt;
use std::io;
use std::sync::Arc;

use certctl_state::{Actor, AuditRecord};

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
