//! `certctl plan`: what differs, and what would be done; it only reads (law 5).

use std::path::Path;

use certctl_apply::{Beside, Devices, Fleet};
use certctl_model::{Address, Code, Diagnostic};
use certctl_plan::{Options, Plan, json};
use certctl_render::{MarkdownOptions, Style, failures, human};
use certctl_spec::Spec;

use crate::annotations;
use crate::behind;
use crate::cli::{self, PlanFormat, PlanningArgs, Subject};
use crate::exit::Exit;
use crate::invocation;
use crate::printer::{Printer, Problem};
use crate::remote::{Remote, Waits, refuse_far_away};
use crate::secrets::scrub;
use crate::unknown;
use crate::workspace::Workspace;

pub(crate) async fn run(args: cli::Plan, printer: Printer) -> Result<Exit, Problem> {
    let Some(mut workspace) = Workspace::open(&args.spec, printer) else {
        return Ok(Exit::Error);
    };
    let options = options(&args.planning);
    if let Some(at) = args.at {
        refuse_far_away("--at", at)?;
    }
    let remote = Remote::open(&args.remote, &workspace, Waits::default(), true).await?;
    let as_of = args.at.map(|_| remote.now());
    let remote = remote.at(args.at);
    let mut general = std::mem::take(&mut workspace.diagnostics);
    general.extend(remote.ephemeral(&options).await?);
    let fleet = Fleet {
        devices: Devices::counted(args.evidence).as_of(as_of),
        ..remote.fleet(&workspace, &options)
    };
    let surveys = fleet.survey().await;
    let beside = fleet.beside(&surveys).await;
    let beside: Vec<_> = beside.iter().map(Beside::bystander).collect();
    let general = with_unknown_addresses(general, &workspace, &options, &surveys);
    let mut plan = fleet.plan(&surveys, &beside, general);
    fleet.name_who(&surveys, &mut plan).await;
    behind::warn(&fleet, &surveys, &mut plan).await;
    // Before the plan is written out, which may take as much.
    drop(surveys);
    remote.close().await;
    let format = match &args.out {
        // What is saved and what is shown cannot both go to stdout.
        Some(path) if path == Path::new("-") => PlanFormat::Json,
        Some(path) => {
            save(&plan, path)?;
            args.format
        }
        None => args.format,
    };
    match format {
        PlanFormat::Human => {
            if let Some(at) = args.at {
                printer.data(&format!(
                    "The plan of {at}, if nothing changes until then:\n\n"
                ));
            }
            show(&plan, &workspace, printer);
        }
        PlanFormat::Json => {
            printer.data(&json(&plan));
            printer.diagnostics(&failures(&plan.diagnostics), &workspace.sources);
        }
        PlanFormat::Markdown => {
            printer.data(&markdown(&plan, &args));
            printer.diagnostics(&failures(&plan.diagnostics), &workspace.sources);
        }
    }
    annotations::annotate(&failures(&plan.diagnostics), printer);
    annotations::summarize(|| markdown(&plan, &args), printer);
    Ok(if plan.has_errors() || !plan.applyable {
        Exit::Error
    } else if args.detailed_exitcode && plan.has_changes {
        Exit::Findings
    } else {
        Exit::Done
    })
}

/// The plan as a comment, with the command that applies it from where this one was typed.
fn markdown(plan: &Plan, args: &cli::Plan) -> String {
    let options = MarkdownOptions {
        max_chars: usize::try_from(args.max_chars).unwrap_or(usize::MAX),
        apply_command: Some(invocation::apply(plan, args)),
        preview: args.at.is_some(),
    };
    certctl_render::markdown(plan, &options)
}

/// The planning options that were typed.
pub(crate) fn options(args: &PlanningArgs) -> Options {
    Options {
        replace: args.replace.iter().cloned().collect(),
        compromised: args
            .compromised
            .iter()
            .filter_map(Subject::address)
            .cloned()
            .collect(),
        compromised_ids: args
            .compromised
            .iter()
            .filter_map(Subject::id)
            .cloned()
            .collect(),
        rollback: args.rollback.iter().cloned().collect(),
        resume: args.resume.iter().cloned().collect(),
        only_rotation: args.only == Some(cli::Only::Rotation),
        allow: args.allow.iter().cloned().collect(),
        targets: args.targets.iter().cloned().collect(),
        settle_timeout: args.settle_timeout,
        ..Options::default()
    }
}

/// An option that names what neither spec nor state knows is a mistake, not a wish.
pub(crate) fn with_unknown_addresses(
    mut general: Vec<Diagnostic>,
    workspace: &Workspace,
    options: &Options,
    surveys: &[certctl_apply::Survey],
) -> Vec<Diagnostic> {
    let allowed = options
        .allow
        .iter()
        .filter_map(|allow| allow.scope.address());
    for address in options.ordered().chain(&options.targets).chain(allowed) {
        let known = workspace
            .spec
            .accounts
            .iter()
            .zip(surveys)
            .any(|(account, survey)| {
                let bound = survey
                    .state
                    .as_ref()
                    .is_some_and(|state| state.certificates.contains_key(&address.certificate));
                account.name == address.account
                    && (account.certificate(&address.certificate).is_some() || bound)
            });
        if !known {
            general.push(unknown_address(&workspace.spec, address));
        }
    }
    for id in &options.compromised_ids {
        let binds = |survey: &certctl_apply::Survey| {
            let state = survey.state.as_ref();
            state.is_some_and(|state| state.binding(id).is_some())
        };
        if !surveys.iter().any(binds) {
            let message = format!("{id} is neither an address nor a certificate that one holds");
            let diagnostic = Diagnostic::error(Code::UnknownSelection, message);
            general.push(
                diagnostic.hint(
                    "`certctl status` lists the certificates of each address, with their ids",
                ),
            );
        }
    }
    general
}

fn unknown_address(spec: &Spec, address: &Address) -> Diagnostic {
    if let Some((message, way_out)) = unknown::left_alone(spec, &address.account) {
        return Diagnostic::error(Code::UnknownSelection, message).hint(way_out);
    }
    Diagnostic::error(
        Code::UnknownSelection,
        format!("{address} is neither declared nor in the state"),
    )
    .hint("`certctl status` lists the addresses")
}

/// Shows a plan to a person: the plan is data, what is wrong with it goes to stderr.
pub(crate) fn show(plan: &Plan, workspace: &Workspace, printer: Printer) {
    printer.data(&human(
        plan,
        Style {
            color: printer.colors_data(),
            width: None,
        },
    ));
    printer.diagnostics(&failures(&plan.diagnostics), &workspace.sources);
}

fn save(plan: &Plan, path: &Path) -> Result<(), Problem> {
    let text = json(plan);
    certctl_files::replace(path, scrub(&text).as_bytes(), 0o666).map_err(|error| {
        Problem::new(format!(
            "cannot write the plan to {}: {error}",
            path.display()
        ))
        .hint("`--out` takes a file, or `-` for standard output")
    })
}
