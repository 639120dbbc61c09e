//! The arguments of `certctl doctor`.

use certctl_model::AccountId;
use clap::Args;

use super::arguments::{RemoteArgs, SpecArgs};
use super::words::Format;

/// Check everything that certctl needs, and say what to do
///
/// The token (its kind, its expiry, what it may read), the clock against the API's, the state store
/// (whether it keeps conditional writes, who holds the lock), the devices' settings, and the
/// certificate chain that TLS to the API really shows: where that ends in a certificate of the
/// account, this machine sits behind the Gateway whose certificate it is about to switch.
///
/// With `--probe` it compares what certctl assumes of the API with what the API answers, and writes a
/// report without ids that can be attached to an issue.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  certctl doctor
  certctl doctor --account-id 699d98642c564d2e855e9661899b7252    without a spec
  certctl doctor --probe --account-id 699d98642c564d2e855e9661899b7252 > probe.md")]
pub(crate) struct Doctor {
    #[command(flatten)]
    pub(crate) spec: SpecArgs,

    /// This account instead of those of the spec; can be given again
    #[arg(long = "account-id", value_name = "ID")]
    pub(crate) account_ids: Vec<AccountId>,

    #[command(flatten)]
    pub(crate) remote: RemoteArgs,

    /// Compare what certctl assumes of the API with what it answers; only reads
    #[arg(long, requires = "account_ids")]
    pub(crate) probe: bool,

    /// Let the probe also create a certificate, activate, deactivate and delete it; one of the three
    /// creations that Cloudflare allows in 24 hours. Gateway is not switched to it
    #[arg(long, requires = "probe")]
    pub(crate) spend_a_creation: bool,

    /// How to write the result
    #[arg(long, value_enum, default_value_t = Format::Human, conflicts_with = "probe")]
    pub(crate) format: Format,
}
