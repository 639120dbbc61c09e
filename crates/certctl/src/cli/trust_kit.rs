//! The arguments of `certctl trust-kit`.

use std::path::PathBuf;

use clap::Args;

use super::arguments::{RemoteArgs, SpecArgs};
use super::subject::Subject;

/// Write what device management needs, so that devices trust the certificates
///
/// For each account a directory in DIR: every certificate as PEM and DER, a bundle of all of them,
/// their SHA-256 fingerprints, a configuration profile for macOS and iOS, and a README with the
/// commands of each platform. In it are the certificates that devices should trust now: those of the
/// spec that are available, successors and predecessors among them, and whatever Gateway uses.
/// Expired, compromised and unverified ones never are. Unchanged certificates give unchanged files.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  certctl trust-kit --out kit
  certctl trust-kit acme/inspection --out kit
  certctl trust-kit f174e90a-fafe-4643-bbbc-4a0ed4fc8415 --out kit   one that no spec names, or not yet available")]
pub(crate) struct TrustKit {
    /// Only these certificates [default: all that devices should trust now]
    #[arg(value_name = "ADDRESS|ID")]
    pub(crate) subjects: Vec<Subject>,

    #[command(flatten)]
    pub(crate) spec: SpecArgs,
    #[command(flatten)]
    pub(crate) remote: RemoteArgs,

    /// Where to write; made if it does not exist
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}
