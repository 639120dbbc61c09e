//! The arguments of `certctl state`.

use std::path::PathBuf;

use certctl_model::{Address, CertificateId, Period};
use clap::{Args, Subcommand};

use super::arguments::{PlaceArgs, RemoteArgs, SpecArgs};
use super::words::Format;

/// What can be done with the state documents.
///
/// All but `settle` work on the documents alone and send nothing to Cloudflare; those that change a
/// document hold its lock meanwhile.
#[derive(Debug, Subcommand)]
pub(crate) enum State {
    /// List what each address is bound to
    List(List),
    /// Print what is remembered of an address, as JSON
    Show(Show),
    /// Forget an address; its certificates stay as they are
    Rm(Remove),
    /// Give what an address is bound to another address
    Mv(Move),
    /// Print an account's document, or save the documents of all
    Pull(Pull),
    /// Replace an account's document
    Push(Push),
    /// Bring back documents that `state pull --all` saved
    Restore(Restore),
    /// Say which certificate a create of unknown outcome made
    Settle(Settle),
    /// Break the lock of an account
    Unlock(Unlock),
}

/// Whose documents, and where they are.
#[derive(Debug, Clone, Args)]
pub(crate) struct Documents {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,

    #[command(flatten)]
    pub(crate) spec: SpecArgs,
}

/// How a document is changed.
#[derive(Debug, Clone, Args)]
pub(crate) struct LockArgs {
    /// How long to wait for another run's lock
    #[arg(long, value_name = "DURATION", default_value = "0s")]
    pub(crate) lock_timeout: Period,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct List {
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,

    #[command(flatten)]
    pub(crate) documents: Documents,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Show {
    /// Which
    #[arg(value_name = "ADDRESS")]
    pub(crate) address: Address,
    #[command(flatten)]
    pub(crate) documents: Documents,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Remove {
    /// Which
    #[arg(value_name = "ADDRESS")]
    pub(crate) address: Address,

    /// Do not ask
    #[arg(long)]
    pub(crate) auto_approve: bool,

    #[command(flatten)]
    pub(crate) documents: Documents,
    #[command(flatten)]
    pub(crate) lock: LockArgs,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Move {
    /// The address that it has
    #[arg(value_name = "FROM")]
    pub(crate) from: Address,
    /// The address that it gets, in the same account
    #[arg(value_name = "TO")]
    pub(crate) to: Address,
    #[command(flatten)]
    pub(crate) lock: LockArgs,

    #[command(flatten)]
    pub(crate) documents: Documents,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Pull {
    /// Every document of this API at the location, also of accounts that the spec does not name
    #[arg(long, requires = "out")]
    pub(crate) all: bool,

    /// Where to save them
    #[arg(short = 'o', long, value_name = "DIR", requires = "all")]
    pub(crate) out: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) documents: Documents,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Push {
    /// The document, as `state pull` printed it; `-` reads it from stdin
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// Also over a newer document, or one of another lineage
    #[arg(long)]
    pub(crate) force: bool,

    #[command(flatten)]
    pub(crate) documents: Documents,
    #[command(flatten)]
    pub(crate) lock: LockArgs,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Restore {
    /// Where `state pull --all` saved them
    #[arg(value_name = "DIR")]
    pub(crate) directory: PathBuf,

    /// Also over newer documents, or ones of another lineage
    #[arg(long)]
    pub(crate) force: bool,

    #[command(flatten)]
    pub(crate) documents: Documents,
    #[command(flatten)]
    pub(crate) lock: LockArgs,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Settle {
    /// For which address the create was
    #[arg(value_name = "ADDRESS")]
    pub(crate) address: Address,
    /// What it made
    #[arg(value_name = "ID")]
    pub(crate) id: CertificateId,
    #[command(flatten)]
    pub(crate) lock: LockArgs,

    #[command(flatten)]
    pub(crate) spec: SpecArgs,
    #[command(flatten)]
    pub(crate) remote: RemoteArgs,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Unlock {
    /// Do not ask
    #[arg(long)]
    pub(crate) auto_approve: bool,

    #[command(flatten)]
    pub(crate) documents: Documents,
}
