//! `--token-file`: a token that is neither in the environment nor on a command line, where every
//! process of the machine could read it.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use certctl_cloudflare::Credentials;

use crate::printer::Problem;

/// No token comes near this; what does is another file.
const MAX_BYTES: u64 = 64 * 1024;

/// Reads the token; white space around it does not matter.
pub(crate) fn read(path: &Path) -> Result<Credentials, Problem> {
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(MAX_BYTES).read_to_string(&mut text))
        .map_err(|error| {
            Problem::new(format!(
                "cannot read the token file {}: {error}",
                path.display()
            ))
            .hint("it holds the API token and nothing else")
        })?;
    if text.trim().is_empty() {
        return Err(
            Problem::new(format!("the token file {} is empty", path.display()))
                .hint("it holds the API token and nothing else"),
        );
    }
    Credentials::token(&text).map_err(|error| {
        Problem::new(format!("{error}, in the token file {}", path.display()))
            .maybe_hint(error.hint())
    })
}

/// What is worth saying about the file itself: whether others can read it.
#[cfg(unix)]
pub(crate) fn warning(path: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    let exposed = mode & 0o004 != 0;
    exposed.then(|| {
        format!(
            "warning: every user of this machine can read the token file {path}\n\n\
             hint: chmod 600 {path}",
            path = path.display()
        )
    })
}

/// Elsewhere a file's rights are not a number.
#[cfg(not(unix))]
pub(crate) fn warning(_: &Path) -> Option<String> {
    None
}
