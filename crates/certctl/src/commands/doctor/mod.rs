//! `certctl doctor`: is everything there that certctl needs?
//!
//! *Guarantees*: it only reads; but in a bucket it takes the lock of each state document once and lets
//! go of it, for that is what proves that the store keeps conditional writes, and with
//! `--spend-a-creation` the probe makes a certificate and removes it.

mod access;
mod account;
mod credentials;
mod probe;
mod report;
mod store;
mod tls;
mod tokens;

use std::path::Path;

use certctl_plan::Options;
use certctl_spec::{Mode, ParseOptions, Spec};

use crate::cli::{self, Format};
use crate::commands::validate::count;
use crate::exit::Exit;
use crate::home::home;
use crate::printer::{Printer, Problem};
use crate::remote::{Remote, Waits};
use crate::secrets;
use crate::workspace::{Workspace, selected};
use account::Examined;
use report::{Check, Verdict};

pub(crate) async fn run(args: cli::Doctor, printer: Printer) -> Result<Exit, Problem> {
    let mut checks = Vec::new();
    let workspace = workspace(&args, &mut checks, printer);
    let (credentials, kind) = credentials::look(&args.remote, &workspace.spec);
    checks.push(credentials);
    let remote = match Remote::open(&args.remote, &workspace, Waits::default(), true).await {
        Ok(remote) => remote,
        // The checks say the same, with what to do.
        Err(_) if checks.iter().any(|check| check.verdict == Verdict::Error) => {
            printer.data(&shown(&checks, args.format));
            return Ok(Exit::Error);
        }
        Err(problem) => return Err(problem),
    };
    let result = if args.probe {
        probe::run(&args, &workspace, &remote, printer).await
    } else {
        checks.extend(examine(&args, &workspace, &remote, kind).await);
        printer.data(&shown(&checks, args.format));
        let failed = checks.iter().any(|check| check.verdict == Verdict::Error);
        Ok(if failed { Exit::Error } else { Exit::Done })
    };
    remote.close().await;
    result
}

fn shown(checks: &[Check], format: Format) -> String {
    match format {
        Format::Human => report::human(checks),
        Format::Json => report::json(checks),
    }
}

/// The spec, or the accounts that were given in place of one. That there is no spec is no error.
fn workspace(args: &cli::Doctor, checks: &mut Vec<Check>, printer: Printer) -> Workspace {
    let named = args
        .spec
        .files
        .iter()
        .map(|file| file.display().to_string());
    let named: Vec<String> = named.collect();
    let exists = args.spec.files.iter().all(|file| file.exists());
    let nothing = std::iter::empty().collect();
    let home = home(&args.spec.files);
    let mut workspace = Workspace::of(Spec::default(), nothing, home);
    workspace.files.clone_from(&args.spec.files);
    if exists {
        let (sources, mut diagnostics) = secrets::read_sources(&args.spec.files);
        let env = |name: &str| std::env::var(name).ok();
        let selectors = args.spec.selectors();
        let options = ParseOptions {
            env: &env,
            mode: Mode::Use,
            accounts: &selectors,
        };
        let parsed = certctl_spec::parse(&sources, &options);
        diagnostics.extend(parsed.diagnostics);
        workspace.sources = sources;
        let said = parsed.state_place.as_ref();
        if let Some(folder) = said.and_then(|place| Path::new(place.file.as_str()).parent()) {
            workspace.state_home = folder.to_path_buf();
        }
        let spec = parsed.spec;
        match spec.and_then(|spec| selected(spec, &parsed.unset, &args.spec, &mut diagnostics)) {
            Some(spec) => {
                checks.push(Check::new(
                    "spec",
                    Verdict::Ok,
                    format!(
                        "{}: {}{}",
                        named.join(", "),
                        count(spec.accounts.len(), "account"),
                        match spec.suspended.len() {
                            0 => String::new(),
                            suspended => format!("; {suspended} suspended"),
                        }
                    ),
                ));
                workspace.spec = spec;
            }
            None => {
                printer.diagnostics(&diagnostics, &workspace.sources);
                checks.push(
                    Check::new(
                        "spec",
                        Verdict::Error,
                        format!("{} has errors", named.join(", ")),
                    )
                    .advice("they are shown above; `certctl validate` shows those of the spec"),
                );
            }
        }
    } else {
        checks.push(
            Check::new(
                "spec",
                Verdict::Note,
                format!("there is no {}", named.join(", ")),
            )
            .advice("`certctl import --account-id ID` writes one from what exists"),
        );
    }
    if !args.account_ids.is_empty() {
        let declared = std::mem::take(&mut workspace.spec.accounts);
        for id in &args.account_ids {
            let known = declared.iter().find(|account| account.account_id == *id);
            workspace
                .spec
                .accounts
                .extend(known.cloned().or_else(|| account::unnamed(id)));
        }
    }
    workspace
}

/// All checks that need a request.
async fn examine(
    args: &cli::Doctor,
    workspace: &Workspace,
    remote: &Remote,
    kind: Option<certctl_cloudflare::TokenKind>,
) -> Vec<Check> {
    let options = Options::default();
    let fleet = remote.fleet(workspace, &options);
    let spec = &workspace.spec;
    let mut checks = Vec::new();
    if args.remote.place.sandbox.is_some() || credentials::is_needed(spec) {
        // Whoever has no token of its own is asked with the run's.
        let with_it = spec.accounts.iter().find(|account| account.token.is_none());
        let first = with_it.or(spec.accounts.first()).map(|a| &a.account_id);
        let (client, now) = (remote.client(), remote.now());
        checks.extend(credentials::verify("token", client, kind, first, now).await);
    }
    let own = tokens::look(remote, spec, fleet.settings.parallelism).await;
    checks.extend(own.checks);
    let examined = account::all(&fleet, &own.missing).await;
    checks.extend(account::clock(&examined));
    checks.push(tls::look(remote, args.remote.place.ca_bundle.as_deref(), &examined).await);
    for Examined {
        checks: of_account, ..
    } in &examined
    {
        checks.extend(of_account.iter().cloned());
    }
    checks.extend(store::look(&fleet).await);
    if spec.accounts.is_empty() {
        let (what, advice) = match spec.suspended.is_empty() {
            true => (
                "no account was given",
                "give one with `--account-id ID`, or write a spec",
            ),
            false => (
                "all of them are suspended: certctl neither reads nor changes them",
                "remove `suspended: true` to manage them again",
            ),
        };
        checks.push(Check::new("accounts", Verdict::Note, what).advice(advice));
    }
    checks
}
