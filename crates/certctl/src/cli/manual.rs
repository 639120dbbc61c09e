//! Arguments of the commands that tell about certctl itself.

use std::path::PathBuf;

use clap::Args;

use super::arguments::{RemoteArgs, SpecArgs};

#[derive(Debug, Clone, Args)]
pub(crate) struct Explain {
    /// Addresses, ids of certificates, or codes as they stand in a message or a document; without one, all
    /// codes are listed
    #[arg(value_name = "ADDRESS|ID|CODE")]
    pub(crate) words: Vec<String>,

    /// Write the list of codes as a table in Markdown
    #[arg(long, conflicts_with = "words")]
    pub(crate) markdown: bool,

    #[command(flatten)]
    pub(crate) spec: SpecArgs,
    #[command(flatten)]
    pub(crate) remote: RemoteArgs,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Completions {
    /// For which shell
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Man {
    /// Of which command, such as `plan` or `state list`; without one, of certctl
    #[arg(value_name = "COMMAND")]
    pub(crate) command: Vec<String>,

    /// Write the pages of all commands into this directory
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    pub(crate) out: Option<PathBuf>,
}
