//! `--audit-log`: the record of each request as one more line of a file that only grows.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use certctl_apply::AuditLog;
use certctl_state::AuditRecord;

use crate::printer::Problem;

/// Opens the log before anything is done, so that what could not be recorded is not begun.
pub(crate) fn open(path: &Path) -> Result<AuditLog, Problem> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(|error| {
        Problem::new(format!(
            "cannot open the audit log {}: {error}",
            path.display()
        ))
        .hint("nothing was done; `--audit-log` names a file to which records are added")
    })?;
    Ok(Arc::new(move |record: &AuditRecord| append(&file, record)))
}

/// One write, so that the lines of several runs do not mix.
fn append(mut file: &File, record: &AuditRecord) -> std::io::Result<()> {
    file.write_all(format!("{}\n", record.line()?).as_bytes())?;
    // A pipe or a terminal has nothing to sync.
    if file.metadata()?.is_file() {
        file.sync_data()?;
    }
    Ok(())
}
