//! `--audit-log`: the record of each request as one more line of a file that only grows.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use certctl_apply::AuditLog;
use certctl_state::AuditRecord;

use crate::printer::Problem;
use crate::secrets::scrub;

/// Opens the log before anything is done, so that what could not be recorded is not begun.
pub(crate) fn open(path: &Path) -> Result<AuditLog, Problem> {
    let file = certctl_files::append(path, 0o600).map_err(|error| {
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
    let line = format!("{}\n", record.line()?);
    file.write_all(scrub(&line).as_bytes())?;
    file.sync_data()
}
