//! What several commands take: which spec, which API and state, what the planner is told.

use std::path::PathBuf;

use certctl_model::{Address, Guard, Invalid, Period};
use certctl_plan::Allow;
use certctl_spec::{Label, Pattern, Selector};
use clap::Args;

use super::subject::Subject;
use super::words::Only;

/// Which spec, and which part of it.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Which spec")]
pub(crate) struct SpecArgs {
    /// A spec file, or a directory of them; can be given again
    #[arg(
        short = 'f',
        long = "file",
        value_name = "PATH",
        default_value = "certctl.yaml"
    )]
    pub(crate) files: Vec<PathBuf>,

    /// Only this account, or those that a pattern such as `emea-*` fits; can be given again
    #[arg(long = "account", value_name = "NAME")]
    pub(crate) accounts: Vec<Pattern>,

    /// Only accounts with this label; can be given again: another key narrows, the same key widens
    #[arg(long = "label", value_name = "KEY=VALUE")]
    pub(crate) labels: Vec<Label>,
}

impl SpecArgs {
    /// Which accounts are selected.
    pub(crate) fn selectors(&self) -> Vec<Selector> {
        let names = self.accounts.iter().cloned().map(Selector::Account);
        let labels = self.labels.iter().cloned().map(Selector::Label);
        names.chain(labels).collect()
    }
}

/// Which API, and where its state is.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "API and state")]
pub(crate) struct PlaceArgs {
    /// Where the state is: a directory, or an object store's URL [default: `state` in the spec, else .certctl/state beside it]
    #[arg(long, value_name = "URL")]
    pub(crate) state: Option<String>,

    /// Use an embedded sandbox instead of Cloudflare; it lives in DIR [default: .certctl/sandbox]
    #[arg(long, value_name = "DIR", num_args = 0..=1, require_equals = true)]
    pub(crate) sandbox: Option<Option<PathBuf>>,

    /// Trust the certificates in this PEM file, besides the platform's
    #[arg(long, value_name = "FILE", env = "CERTCTL_CA_BUNDLE")]
    pub(crate) ca_bundle: Option<PathBuf>,
}

/// Which API, and with what.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "API and state")]
pub(crate) struct RemoteArgs {
    /// Read the API token from this file instead of the environment
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,

    /// How many accounts are worked on at once; those that only wait do not count
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) parallelism: u16,

    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

/// What the planner is told; equal on `plan` and `apply`, and part of the digest.
#[derive(Debug, Clone, Args)]
#[command(
    next_help_heading = "What is planned (equal on `plan` and `apply`, and part of the digest)"
)]
pub(crate) struct PlanningArgs {
    /// Only this certificate; can be given again
    #[arg(long = "target", value_name = "ADDRESS")]
    pub(crate) targets: Vec<Address>,

    /// Start a rotation of this certificate now
    #[arg(long = "replace", value_name = "ADDRESS")]
    pub(crate) replace: Vec<Address>,

    /// The key of this certificate is not to be trusted: away from it, at once. By its id where the
    /// address holds several
    #[arg(long = "compromised", value_name = "ADDRESS|ID")]
    pub(crate) compromised: Vec<Subject>,

    /// Set the predecessor in use again, and hold the rotation
    #[arg(long = "rollback", value_name = "ADDRESS")]
    pub(crate) rollback: Vec<Address>,

    /// Go on with a rotation that is held
    #[arg(long = "resume", value_name = "ADDRESS")]
    pub(crate) resume: Vec<Address>,

    /// Only renewals, and the later steps of what an approved run began; for runs that nobody watches
    #[arg(long, value_enum, value_name = "rotation", hide_possible_values = true)]
    pub(crate) only: Option<Only>,

    /// Pass a guard, everywhere or for one certificate; can be given again
    #[arg(long = "allow", value_name = "GUARD[:ADDRESS]", value_parser = allow)]
    pub(crate) allow: Vec<Allow>,

    /// How long a certificate may still appear after a create of unknown outcome
    #[arg(long, value_name = "DURATION", default_value = "60s")]
    pub(crate) settle_timeout: Period,
}

/// A guard, and whom it is passed for. Who mistypes one sees which there are.
fn allow(text: &str) -> Result<Allow, String> {
    let known = text
        .split(':')
        .next()
        .is_some_and(|word| word.parse::<Guard>().is_ok());
    text.parse().map_err(|error: Invalid| {
        if known {
            return error.to_string();
        }
        let all: Vec<&str> = Guard::ALL.iter().map(|guard| guard.as_str()).collect();
        format!("there is no such guard; the guards are {}", all.join(", "))
    })
}
