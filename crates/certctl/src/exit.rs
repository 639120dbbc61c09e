//! The exit codes: one list, for all commands.

use std::process::ExitCode;

/// What the exit code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done; for `plan`: computed and applyable.
    Done,
    /// An error; something was blocked, refused or failed, and the rest was done.
    Error,
    /// `plan --detailed-exitcode`: steps are due; `status --check`: findings.
    Findings,
    /// `apply`: all calls went through, but Cloudflare was still deploying; run it again.
    Pending,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Error => 1,
            Exit::Findings => 2,
            Exit::Pending => 3,
        })
    }
}
