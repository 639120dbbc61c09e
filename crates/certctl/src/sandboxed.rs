//! `--sandbox`: the sandbox within this process, reached over a real socket.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use certctl_sandbox::{Options, Running, Sandbox};

use crate::printer::Problem;

/// How long a certificate takes to reach the edge: long enough to be seen, short enough to wait for.
const DEPLOY_DELAY: Duration = Duration::from_millis(400);

/// Where the sandbox and its state live.
pub(crate) fn directory(flag: Option<&Path>, home: &Path) -> PathBuf {
    flag.map_or_else(|| home.join(".certctl").join("sandbox"), Path::to_path_buf)
}

/// Starts the sandbox that lives in this directory.
pub(crate) async fn start(directory: &Path) -> Result<Running, Problem> {
    let options = Options {
        data: Some(directory.join("server")),
        deploy_delay: DEPLOY_DELAY,
        // So that plans say what they say of an account with traffic.
        inspects: true,
        ..Options::default()
    };
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Sandbox::start(options, address).await.map_err(|error| {
        Problem::from_error(&error).hint(
            "a sandbox directory has to be writable, and one command at a time can use it; \
             `--sandbox=DIR` names another",
        )
    })
}
