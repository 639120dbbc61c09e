//! The arguments of `certctl upload`.

use std::path::PathBuf;

use certctl_model::Name;
use clap::Args;

use super::arguments::{RemoteArgs, SpecArgs};
use super::history::AuditArgs;

/// Store a CA of your own in an account, for `custom: { id: … }`; Gateway does not use it by that
///
/// Before anything is sent, the CA is checked: that it may sign, that each certificate of a chain was signed
/// by the one before it, that strict verifiers accept it, that it is valid now, and that the private key is
/// its own. The key is sent to Cloudflare alone, over TLS; it is never written, logged or shown.
///
/// The id of the stored certificate is printed. The same content is stored once, however often it is sent:
/// if the outcome is not known, run it again.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  certctl upload acme --certificate ca.pem --private-key private.key
  vault kv get -field=key secret/ca | certctl upload acme --certificate ca.pem --private-key -")]
pub(crate) struct Upload {
    /// The account, by its name in the spec
    #[arg(value_name = "ACCOUNT")]
    pub(crate) account: Name,

    /// The CA in PEM, or its whole chain, root first
    #[arg(long, value_name = "FILE")]
    pub(crate) certificate: PathBuf,

    /// Its private key in PEM, not encrypted; of a chain, that of the last certificate; `-` reads it from
    /// standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) private_key: PathBuf,

    /// What Cloudflare's dashboard calls it [default: the name of the file]
    #[arg(long, value_name = "TEXT")]
    pub(crate) name: Option<String>,

    #[command(flatten)]
    pub(crate) spec: SpecArgs,
    #[command(flatten)]
    pub(crate) remote: RemoteArgs,
    #[command(flatten)]
    pub(crate) audit: AuditArgs,
}
