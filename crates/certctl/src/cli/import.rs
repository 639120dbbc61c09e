//! The arguments of `certctl import`.

use std::path::PathBuf;

use certctl_model::AccountId;
use clap::Args;

use super::arguments::RemoteArgs;

/// Write what exists into a spec, or add it to one; changes nothing in the account
///
/// Certificates that Cloudflare generated and that are at its edge are declared, with the validity
/// that each has, `in_use` where Gateway uses it, and `import` with its id. Custom, expired and
/// inactive ones are named in comments. What the spec already declares, or the state already binds,
/// is left as it is; so is every byte of a spec that exists.
///
/// Then `certctl plan` shows only what is taken over, and `certctl apply` writes that into the state.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  certctl import --account-id 699d98642c564d2e855e9661899b7252
  certctl import --all -o accounts.yaml
  certctl import                                     add what is missing for the accounts of certctl.yaml
  certctl import --account-id 699d98642c564d2e855e9661899b7252 -o -
  terraform show -json > state.json && certctl import --from-terraform state.json")]
pub(crate) struct Import {
    /// The account to read; can be given again [default: the accounts of the spec]
    #[arg(long = "account-id", value_name = "ID", conflicts_with = "all")]
    pub(crate) account_ids: Vec<AccountId>,

    /// Read every account that the token can see
    #[arg(long)]
    pub(crate) all: bool,

    /// Read a Terraform state, or the output of `terraform show -json`, instead of the API; also
    /// writes HCL beside the spec that makes Terraform forget the certificates without destroying them
    #[arg(long, value_name = "FILE", conflicts_with_all = ["account_ids", "all"])]
    pub(crate) from_terraform: Option<PathBuf>,

    /// The spec to write or to extend; `-` writes a new one to standard output
    #[arg(
        short = 'o',
        long = "out",
        value_name = "FILE",
        default_value = "certctl.yaml"
    )]
    pub(crate) out: PathBuf,

    #[command(flatten)]
    pub(crate) remote: RemoteArgs,
}
