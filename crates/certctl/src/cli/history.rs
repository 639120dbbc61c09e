//! The arguments of what is put on record, and of `certctl history`, which reads it.

use std::path::PathBuf;

use certctl_model::Address;
use clap::Args;

use super::arguments::{PlaceArgs, SpecArgs};
use super::words::Format;

/// What is put on record besides the requests themselves.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "What is put on record")]
pub(crate) struct AuditArgs {
    /// Why this is done; stands in the audit record of each request
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,

    /// Also add each audit record to this file, as a line of JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) audit_log: Option<PathBuf>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct History {
    /// Only this certificate
    #[arg(value_name = "ADDRESS")]
    pub(crate) address: Option<Address>,

    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,

    #[command(flatten)]
    pub(crate) spec: SpecArgs,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}
