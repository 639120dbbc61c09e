//! `--token-file`: a token that is neither in the environment nor on a command line, where every
//! process of the machine could read it.

use std::path::Path;

use certctl_cloudflare::Credentials;
use certctl_files::Links;
use certctl_plan::escape;

use crate::printer::Problem;
use crate::secrets;

/// No token comes near this; what does is another file.
const MAX_BYTES: u64 = 64 * 1024;

/// What a file holds that is to hold a token, or what is wrong with it.
pub(crate) fn contents(path: &Path) -> Result<String, String> {
    let shown = path.display();
    let bytes = certctl_files::read(path, MAX_BYTES, Links::Follow)
        .map_err(|error| format!("cannot read the token file {shown}: {error}"))?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    if text.trim().is_empty() {
        return Err(format!("the token file {shown} is empty"));
    }
    Ok(text)
}

/// Reads the token; white space around it does not matter.
pub(crate) fn read(path: &Path) -> Result<Credentials, Problem> {
    let text = contents(path)
        .map_err(|what| Problem::new(what).hint("it holds the API token and nothing else"))?;
    secrets::learn(&text);
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
            path = escape(&path.display().to_string())
        )
    })
}

/// Elsewhere a file's rights are not a number.
#[cfg(not(unix))]
pub(crate) fn warning(_: &Path) -> Option<String> {
    None
}
