//! Files that people keep: written only where their bytes change, and read with a limit.

use std::path::Path;

use certctl_files::Links;

use crate::printer::Problem;

/// What a new file may be read by: it is no secret.
const MODE: u32 = 0o644;

/// Writes a file, unless it holds these bytes already; whether it was written.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<bool, Problem> {
    let most = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if certctl_files::read(path, most, Links::Follow).is_ok_and(|found| found == bytes) {
        return Ok(false);
    }
    certctl_files::replace(path, bytes, MODE)
        .map(|()| true)
        .map_err(|error| {
            Problem::new(format!("cannot write {}: {error}", path.display()))
                .hint("name another place, or make this one writable")
        })
}

/// Reads a text of at most so many bytes.
pub(crate) fn read_text(path: &Path, most: u64) -> Result<String, Problem> {
    let bytes = certctl_files::read(path, most, Links::Follow)
        .map_err(|error| Problem::new(format!("cannot read {}: {error}", path.display())))?;
    String::from_utf8(bytes)
        .map_err(|_| Problem::new(format!("{} is not UTF-8 text", path.display())))
}

/// The bytes of a file that may not be there, if there are no more than so many.
pub(crate) fn read_if_any(path: &Path, most: u64) -> Option<Vec<u8>> {
    certctl_files::read(path, most, Links::Refuse).ok()
}
