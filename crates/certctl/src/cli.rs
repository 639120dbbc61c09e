//! What can be typed. The doc comments are the manual.

mod arguments;
mod doctor;
mod examples;
mod forecast;
mod hints;
mod history;
mod import;
mod manual;
mod moment;
mod state;
mod subject;
mod trust_kit;
mod upload;
mod version;
mod words;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use certctl_model::{Period, Timestamp};
use certctl_plan::escape;
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand};

pub(crate) use arguments::{PlaceArgs, PlanningArgs, RemoteArgs, SpecArgs};
pub(crate) use doctor::Doctor;
pub(crate) use forecast::Forecast;
pub(crate) use history::{AuditArgs, History};
pub(crate) use import::Import;
pub(crate) use manual::{Completions, Explain, Man};
pub(crate) use state::{List, Move, Pull, Push, Remove, Restore, Settle, Show, State, Unlock};
pub(crate) use subject::{RoleChoice, Subject};
pub(crate) use trust_kit::TrustKit;
pub(crate) use upload::Upload;
pub(crate) use words::{
    ColorChoice, Format, LogFormat, LogLevel, Only, PlanFormat, SchemaOf, StatusFormat,
};

/// A declarative reconciler for Cloudflare Zero Trust Gateway certificates.
///
/// Declare the certificates with which Gateway inspects TLS in YAML; `certctl plan` shows what differs
/// from the account, `certctl apply` makes it so.
#[derive(Debug, Parser)]
#[command(
    name = "certctl",
    version = version::short(),
    long_version = version::long(),
    propagate_version = true,
    max_term_width = 100,
    after_help = examples::CERTCTL
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    #[command(flatten)]
    pub(crate) output: Output,
}

/// How to speak; on every command.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Output of every command")]
pub(crate) struct Output {
    /// When to use colour; `auto` heeds `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE` and `TERM`
    #[arg(long, global = true, value_enum, default_value_t = ColorChoice::Auto, hide_possible_values = true, value_name = "auto|always|never")]
    pub(crate) color: ColorChoice,

    /// How much to log, to stderr
    #[arg(long, global = true, value_enum, default_value_t = LogLevel::Error, hide_possible_values = true, value_name = "off|error|warn|info|debug|trace")]
    pub(crate) log_level: LogLevel,

    /// How to log
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text, hide_possible_values = true, value_name = "text|json")]
    pub(crate) log_format: LogFormat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check the spec, without any request
    #[command(after_help = examples::VALIDATE)]
    Validate(Validate),
    /// Write what exists into a spec, or add it to one; changes nothing in the account
    Import(Import),
    /// Show what differs from the account; only reads
    #[command(after_help = examples::PLAN)]
    Plan(Plan),
    /// Make the account what the spec says
    #[command(after_help = examples::APPLY)]
    Apply(Apply),
    /// Show the certificates of the accounts
    #[command(after_help = examples::STATUS)]
    Status(Status),
    /// Show what daily runs will do in the years to come, and what will go wrong; only reads
    #[command(after_help = examples::FORECAST)]
    Forecast(Forecast),
    /// Print a certificate's PEM, to install it on devices
    #[command(after_help = examples::PEM)]
    Pem(Pem),
    /// Write what device management needs, so that devices trust the certificates
    TrustKit(TrustKit),
    /// Store a CA of your own in an account, for `custom: { id: … }`; Gateway does not use it by that
    Upload(Upload),
    /// Check everything that certctl needs, and say what to do
    Doctor(Doctor),
    /// Show which requests changed something: when, by whom, and what came of them
    #[command(after_help = examples::HISTORY)]
    History(History),
    /// Look after what certctl remembers
    #[command(subcommand, after_help = examples::STATE)]
    State(State),
    /// Show a saved plan; sends no request
    #[command(after_help = examples::SHOW)]
    Show(ShowPlan),
    /// Print a JSON Schema
    #[command(after_help = examples::SCHEMA)]
    Schema(Schema),
    /// Serve an API that behaves like Cloudflare's, on loopback
    #[command(after_help = examples::SANDBOX)]
    Sandbox(Sandbox),
    /// Say why an address or a certificate is what it is and what comes next, or what a code means; only
    /// reads
    #[command(after_help = examples::EXPLAIN)]
    Explain(Explain),
    /// Print a completion script for a shell
    #[command(after_help = examples::COMPLETIONS)]
    Completions(Completions),
    /// Print a manual page, or write all of them
    #[command(after_help = examples::MAN)]
    Man(Man),
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Validate {
    /// Print the spec as it is once files, defaults, templates, tables and variables are resolved
    #[arg(long, conflicts_with = "format")]
    pub(crate) expand: bool,

    /// How to write the result
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,

    #[command(flatten)]
    pub(crate) spec: SpecArgs,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Plan {
    /// How to write the plan
    #[arg(long, value_enum, default_value_t = PlanFormat::Human)]
    pub(crate) format: PlanFormat,

    /// How long the Markdown may be, in characters
    #[arg(long, value_name = "N", default_value_t = 65_536, value_parser = clap::value_parser!(u32).range(1_000..))]
    pub(crate) max_chars: u32,

    /// Also save the plan, for `certctl apply FILE`; `-` writes it to stdout and shows nothing else
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,

    /// Exit with 2 when a step is due
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,

    /// Show the plan that this moment would give, if nothing changed until then
    #[arg(long, value_name = "TIME", value_parser = moment::parse, conflicts_with = "out")]
    pub(crate) at: Option<Timestamp>,

    /// Also show how many devices had the time to fetch what Gateway is to be switched to; nothing waits for
    /// them by that
    #[arg(long)]
    pub(crate) evidence: bool,

    #[command(flatten)]
    pub(crate) spec: SpecArgs,
    #[command(flatten)]
    pub(crate) remote: RemoteArgs,
    #[command(flatten)]
    pub(crate) planning: PlanningArgs,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Apply {
    /// A saved plan: what it holds is done, account by account, where it would still be planned so
    #[arg(value_name = "PLANFILE")]
    pub(crate) plan: Option<PathBuf>,

    /// Do only what has this digest, of a plan or of one account's part of it; can be given again
    #[arg(long, value_name = "DIGEST|@PLANFILE", conflicts_with = "plan")]
    pub(crate) expect_digest: Vec<String>,

    /// Do not ask
    #[arg(long)]
    pub(crate) auto_approve: bool,

    /// At the end, also write what device management needs, as `certctl trust-kit` does
    #[arg(long, value_name = "DIR")]
    pub(crate) trust_kit: Option<PathBuf>,

    /// How long to wait for Cloudflare's edge
    #[arg(long, value_name = "DURATION", default_value = "10m")]
    pub(crate) wait_timeout: Period,

    /// How long to wait for another run's lock
    #[arg(long, value_name = "DURATION", default_value = "0s")]
    pub(crate) lock_timeout: Period,

    /// How to write the result
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,

    #[command(flatten)]
    pub(crate) spec: SpecArgs,
    #[command(flatten)]
    pub(crate) remote: RemoteArgs,
    #[command(flatten)]
    pub(crate) planning: PlanningArgs,
    #[command(flatten)]
    pub(crate) audit: AuditArgs,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Status {
    /// Exit with 2 when what is declared or in use expires soon, or a step is overdue; and list it
    #[arg(long)]
    pub(crate) check: bool,

    /// How soon
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "30d",
        requires = "check"
    )]
    pub(crate) within: Period,

    /// How to write it; `prometheus` is for node_exporter's textfile collector
    #[arg(long, value_enum, default_value_t = StatusFormat::Human)]
    pub(crate) format: StatusFormat,

    #[command(flatten)]
    pub(crate) spec: SpecArgs,
    #[command(flatten)]
    pub(crate) remote: RemoteArgs,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Pem {
    /// Which certificate, by its address or id; its successor comes after it, while there is one
    #[arg(value_name = "ADDRESS|ID")]
    pub(crate) subject: Subject,

    /// Only what has this role at the address
    #[arg(long, value_enum)]
    pub(crate) role: Option<RoleChoice>,

    #[command(flatten)]
    pub(crate) remote: RemoteArgs,

    #[command(flatten)]
    pub(crate) spec: SpecArgs,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ShowPlan {
    /// What `certctl plan --out FILE` wrote
    #[arg(value_name = "PLANFILE")]
    pub(crate) plan: PathBuf,

    /// How to write the plan
    #[arg(long, value_enum, default_value_t = PlanFormat::Human)]
    pub(crate) format: PlanFormat,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Schema {
    /// Of which document
    #[arg(value_enum, default_value_t = SchemaOf::Spec)]
    pub(crate) of: SchemaOf,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Sandbox {
    /// Where to listen; loopback only, port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,

    /// Keep the accounts in this directory; without, they end with the process
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,

    /// How long a certificate takes to reach or leave the edge
    #[arg(long, value_name = "DURATION", default_value = "2s", value_parser = duration)]
    pub(crate) deploy_delay: Duration,

    /// How long each answer takes
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = duration)]
    pub(crate) latency: Duration,

    /// What its clock says at the start [default: the time, or what a kept clock would say]
    #[arg(long, value_name = "TIME", value_parser = moment::parse)]
    pub(crate) clock: Option<Timestamp>,

    /// Switch TLS decryption on as soon as a certificate is in use, as `--sandbox` does
    #[arg(long)]
    pub(crate) inspects: bool,
}

impl Command {
    /// The token file, if this command was given one.
    pub(crate) fn token_file(&self) -> Option<&Path> {
        let remote = match self {
            Self::Plan(args) => &args.remote,
            Self::Apply(args) => &args.remote,
            Self::Status(args) => &args.remote,
            Self::Forecast(args) => &args.remote,
            Self::Pem(args) => &args.remote,
            Self::Import(args) => &args.remote,
            Self::TrustKit(args) => &args.remote,
            Self::Upload(args) => &args.remote,
            Self::Doctor(args) => &args.remote,
            Self::Explain(args) => &args.remote,
            Self::State(State::Settle(args)) => &args.remote,
            _ => return None,
        };
        remote.token_file.as_deref()
    }
}

/// Reads the command line.
///
/// # Errors
/// A usage error, `--help` or `--version`; its text shows arguments without what steers a terminal or
/// begins a new line.
pub(crate) fn parse(arguments: &[OsString]) -> Result<Cli, clap::Error> {
    let mut error = match Cli::try_parse_from(arguments) {
        Ok(cli) => return Ok(cli),
        Err(error) => error,
    };
    let shown: Vec<String> = arguments
        .iter()
        .map(|argument| escape(&argument.to_string_lossy()).into_owned())
        .collect();
    if shown.iter().zip(arguments).all(|(a, b)| a.as_str() == b) {
        hints::add(&mut error, arguments);
        return Err(error);
    }
    // The same mistake in arguments that can be shown; where it is none any more, those were it.
    Err(match Cli::try_parse_from(&shown) {
        Err(error) => error,
        Ok(_) => Cli::command().error(
            ErrorKind::ValueValidation,
            format!("an argument has characters that are not to be seen: {shown:?}"),
        ),
    })
}

/// Durations below a second are for tests of the sandbox: `250ms`; else as in a spec.
fn duration(text: &str) -> Result<Duration, String> {
    if let Some(milliseconds) = text.strip_suffix("ms") {
        return milliseconds
            .parse()
            .map(Duration::from_millis)
            .map_err(|error| error.to_string());
    }
    let period: Period = text
        .parse()
        .map_err(|error: certctl_model::Invalid| error.to_string())?;
    Ok(Duration::from_secs(period.as_seconds().unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_usage_error_has_only_lines_of_its_own() {
        for words in [
            ["plan", "x\n::error::forged"],
            ["plan", "--format=\r::error::forged\u{1b}[2J"],
            ["x\n::error::forged", "y"],
            ["plan", "--target=a/b\n::error::forged"],
            ["plan", "--allow=\u{2028}::error::forged"],
            ["schema", "spec\n::error::forged"],
        ] {
            let arguments: Vec<OsString> = ["certctl"]
                .iter()
                .chain(&words)
                .map(OsString::from)
                .collect();
            let text = parse(&arguments).unwrap_err().render().to_string();
            assert!(text.contains("::error::forged"), "{text}");
            for line in text.lines() {
                assert!(!line.trim_start().starts_with("::"), "{text}");
                assert!(!line.contains(char::is_control), "{text:?}");
            }
        }
    }
}
