//! Why a sandbox cannot start or go on.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a sandbox cannot start or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// Two servers on one directory would overwrite each other's accounts.
    #[error("another sandbox is using {}", dir.display())]
    Busy {
        /// The data directory.
        dir: PathBuf,
    },
    /// The data cannot be read or written.
    #[error("cannot {what} {}", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The data is not what this server writes.
    #[error("{} is damaged: {why}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        why: String,
    },
    /// The data was written by a later version.
    #[error("{} has format {found}, this sandbox knows {known}", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The format of this version.
        known: u32,
    },
    /// Any credential is accepted here, so nobody else on the network may reach it.
    #[error("{addr} is not a loopback address, and a sandbox listens on nothing else")]
    NotLoopback {
        /// The address asked for.
        addr: SocketAddr,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {addr}")]
    Listen {
        /// The address asked for.
        addr: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The handle was used after the server had been shut down.
    #[error("this sandbox has been shut down")]
    Closed,
}
