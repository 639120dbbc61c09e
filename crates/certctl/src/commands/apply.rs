//! `certctl apply`: plan, have it approved, do it.

use std::path::Path;

use certctl_apply::{Approval, Beside, Clock, Devices, Fleet, Report, Survey, is_due_shortly};
use certctl_model::{AccountId, Diagnostic};
use certctl_plan::{AccountPlan, Options, Plan};
use certctl_render::failures;

use crate::behind;
use crate::cli::{self, Format};
use crate::commands::plan::{options, show, with_unknown_addresses};
use crate::commands::summary::summary;
use crate::commands::trust_kit;
use crate::exit::Exit;
use crate::plan_file;
use crate::printer::{Printer, Problem};
use crate::progress;
use crate::remote::{Remote, Waits};
use crate::signals;
use crate::workspace::Workspace;

pub(crate) async fn run(args: cli::Apply, printer: Printer) -> Result<Exit, Problem> {
    let Some(mut workspace) = Workspace::open(&args.spec, printer) else {
        return Ok(Exit::Error);
    };
    let saved = args.plan.as_deref().map(plan_file::read).transpose();
    let saved = saved.map_err(|problem| match (&args.remote.place.sandbox, &args.plan) {
        (Some(None), Some(path)) if !path.is_file() => problem.hint(format!(
            "make a plan with `certctl plan --out FILE`; or, if that is the directory of a sandbox, \
             write `--sandbox={}`",
            path.display()
        )),
        _ => problem,
    })?;
    let options = options_of(&args, saved.as_ref())?;
    if let Some(saved) = &saved {
        refuse_missing(saved, &workspace)?;
        let planned = |id: &AccountId| saved.accounts.iter().any(|a| a.account_id == *id);
        let spec = &mut workspace.spec;
        let others = |account: &mut certctl_spec::Account| !planned(&account.account_id);
        spec.left_out.extend(spec.accounts.extract_if(.., others));
    }
    let given = match saved {
        Some(saved) => Some(Approval::Plan(Box::new(saved))),
        None if args.expect_digest.is_empty() => None,
        None => Some(expected(&args.expect_digest, &workspace)?),
    };
    let waits = Waits {
        wait_timeout: args.wait_timeout,
        lock_timeout: args.lock_timeout,
    };
    let remote = Remote::open(&args.remote, &workspace, waits, false)
        .await?
        .recording(&args.audit)?;
    if let Some(ephemeral) = remote.ephemeral(&options).await? {
        return Err(Problem::new(ephemeral.message).maybe_hint(ephemeral.hint.as_deref()));
    }
    let result = plan_and_apply(&args, &workspace, &remote, &options, given, printer).await;
    remote.close().await;
    result
}

async fn plan_and_apply(
    args: &cli::Apply,
    workspace: &Workspace,
    remote: &Remote,
    options: &Options,
    given: Option<Approval>,
    printer: Printer,
) -> Result<Exit, Problem> {
    let fleet = Fleet {
        devices: Devices::counted(false),
        ..remote.fleet(workspace, options)
    };
    let surveys = fleet.survey().await;
    let beside = fleet.beside(&surveys).await;
    let general = workspace.diagnostics.clone();
    let general = with_unknown_addresses(general, workspace, options, &surveys);
    let broken = general.iter().any(Diagnostic::is_error);
    let bystanders: Vec<_> = beside.iter().map(Beside::bystander).collect();
    let mut plan = fleet.plan(&surveys, &bystanders, general);
    fleet.name_who(&surveys, &mut plan).await;
    behind::warn(&fleet, &surveys, &mut plan).await;
    let waits_only = given.is_none() && !args.auto_approve && !has_work(&plan, &fleet.clock);
    let options = Options {
        unapproved: waits_only,
        ..options.clone()
    };
    let fleet = Fleet {
        options: &options,
        ..fleet
    };
    // Whom nobody approved goes by what was accepted: so does the plan that it is done by.
    let accepted = match waits_only {
        true => Some(as_accepted(&fleet, &surveys, beside).await),
        false => None,
    };
    drop(surveys);
    if args.format == Format::Human {
        show(&plan, workspace, printer);
    }
    if broken {
        if args.format == Format::Json {
            let nothing = Report::new(Vec::new(), Vec::new(), fleet.client.requests());
            print_json(&with_plan_diagnostics(nothing, &plan, args.format), printer)?;
        }
        return Ok(Exit::Error);
    }
    let approval = match given {
        Some(given) => given,
        None if args.auto_approve => Approval::Everything,
        None if waits_only => Approval::Earlier,
        None => match ask(printer)? {
            true => Approval::Plan(Box::new(plan.clone())),
            false => return Ok(Exit::Error),
        },
    };
    let sink = if args.format == Format::Human {
        progress::sink(printer)
    } else {
        progress::silent()
    };
    let stop = signals::listen(printer)?;
    let by = accepted.as_ref().unwrap_or(&plan);
    let report = fleet.apply(by, &approval, &sink, &stop).await;
    let stands = |d: &Diagnostic| d.is_error() && report.leaves(d);
    let failed = report.has_failed() || plan.diagnostics.iter().any(stands);
    let report = with_plan_diagnostics(report, &plan, args.format);
    let mut kits_failed = false;
    if let Some(directory) = &args.trust_kit {
        kits_failed = !trust_kit::write(&fleet, &[], directory, printer).await?;
    }
    match args.format {
        Format::Json => print_json(&report, printer)?,
        Format::Human => {
            printer.diagnostics(&failures(&report.diagnostics), &workspace.sources);
            printer.data(&summary(&report, failed));
        }
    }
    Ok(if failed || kits_failed {
        Exit::Error
    } else if report.is_pending() {
        Exit::Pending
    } else {
        Exit::Done
    })
}

/// The plan by what was accepted. Waves that were, and are declared no longer, may wait for accounts of which
/// nothing was read yet.
async fn as_accepted<'a>(
    fleet: &Fleet<'a>,
    surveys: &[Survey],
    mut beside: Vec<Beside<'a>>,
) -> Plan {
    if beside.is_empty() {
        beside = fleet.beside(surveys).await;
    }
    let bystanders: Vec<_> = beside.iter().map(Beside::bystander).collect();
    fleet.plan(surveys, &bystanders, Vec::new())
}

fn print_json(report: &Report, printer: Printer) -> Result<(), Problem> {
    let json = serde_json::to_string_pretty(report).map_err(|e| Problem::from_error(&e))?;
    printer.data(&format!("{json}\n"));
    Ok(())
}

/// The options that a saved plan was made with are part of it, and come with it.
fn options_of(args: &cli::Apply, saved: Option<&Plan>) -> Result<Options, Problem> {
    let typed = options(&args.planning);
    let Some(saved) = saved else { return Ok(typed) };
    let planned = Options::from_words(&saved.options).map_err(|e| Problem::from_error(&e))?;
    let planned = Options {
        settle_timeout: typed.settle_timeout,
        ..planned
    };
    if !typed.words().is_empty() && typed.words() != planned.words() {
        return Err(
            Problem::new("the planning options differ from those of the saved plan")
                .hint("leave them out: the plan brings its own"),
        );
    }
    Ok(planned)
}

/// A plan that was approved for an account is not quietly done without it.
fn refuse_missing(saved: &Plan, workspace: &Workspace) -> Result<(), Problem> {
    let missing = |account: &&AccountPlan| !workspace.declared.contains(&account.account_id);
    let missing: Vec<String> = saved
        .accounts
        .iter()
        .filter(missing)
        .map(|account| format!("{} ({})", account.name, account.account_id))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Problem::new(format!(
        "the plan was approved for accounts that the spec no longer declares, or suspends: {}",
        missing.join(", ")
    ))
    .hint(
        "nothing was done; declare them again, or make a new plan with `certctl plan --out FILE`",
    ))
}

/// `sha256:…`, as often as wanted, or one `@plan.json`.
fn expected(texts: &[String], workspace: &Workspace) -> Result<Approval, Problem> {
    if let [text] = texts
        && let Some(path) = text.strip_prefix('@')
    {
        let saved = plan_file::read(Path::new(path))?;
        refuse_missing(&saved, workspace)?;
        return Ok(Approval::Plan(Box::new(saved)));
    }
    if let Some(wrong) = texts.iter().find(|text| !is_digest(text)) {
        return Err(Problem::new(format!("{wrong:?} is not a digest")).hint(
            "it is `sha256:` and 64 hexadecimal digits; or give `@FILE` once, for a plan in JSON",
        ));
    }
    Ok(Approval::Digests(texts.iter().cloned().collect()))
}

fn is_digest(text: &str) -> bool {
    let hex = text.strip_prefix("sha256:").unwrap_or_default();
    hex.len() == 64
        && hex
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Whether there is anything to approve: a step that is due. What only waits for the edge, needs no
/// second yes.
fn has_work(plan: &Plan, clock: &Clock) -> bool {
    plan.has_changes
        || plan
            .changes
            .iter()
            .any(|change| is_due_shortly(change, clock))
}

fn ask(printer: Printer) -> Result<bool, Problem> {
    if !printer.is_interactive() {
        return Err(Problem::new("nobody is here to approve the plan")
            .hint("pass `--auto-approve`, or a saved plan, or `--expect-digest`"));
    }
    printer.ask("\nDo it? Only `yes` is taken as yes: ");
    let mut answer = String::new();
    std::io::stdin()
        .read_line(&mut answer)
        .map_err(|error| Problem::from_error(&error))?;
    if answer.trim() == "yes" {
        return Ok(true);
    }
    printer.line("Nothing was done.");
    Ok(false)
}

/// The JSON result holds what the plan had to say too, as far as it still stands; people have read it above
/// the plan.
fn with_plan_diagnostics(mut report: Report, plan: &Plan, format: Format) -> Report {
    let found = std::mem::take(&mut report.diagnostics);
    let stands = |d: &&Diagnostic| !d.is_error() || report.leaves(d) || found.contains(d);
    let said: Vec<Diagnostic> = plan.diagnostics.iter().filter(stands).cloned().collect();
    let new = found.into_iter().filter(|d| !plan.diagnostics.contains(d));
    report.diagnostics = new.collect();
    if format == Format::Json {
        report.diagnostics.splice(0..0, said);
    }
    report
}
