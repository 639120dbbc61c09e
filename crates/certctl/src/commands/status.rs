//! `certctl status`: what there is, what comes next, what needs a look; and the same for programs.

mod findings;
mod next;
mod prometheus;
mod row;
mod text;

use certctl_apply::{Beside, Devices, Fleet, Survey};
use certctl_model::{Code, Diagnostic};
use certctl_plan::AccountInput;
use certctl_planner::plan_fleet;
use certctl_spec::Account;

use crate::cli::{self, StatusFormat};
use crate::exit::Exit;
use crate::printer::{Printer, Problem};
use crate::remote::{Remote, Waits};
use crate::workspace::Workspace;
use findings::Findings;
use next::outlooks;
use row::rows_of;

pub(crate) async fn run(args: cli::Status, printer: Printer) -> Result<Exit, Problem> {
    let Some(workspace) = Workspace::open(&args.spec, printer) else {
        return Ok(Exit::Error);
    };
    let remote = Remote::open(&args.remote, &workspace, Waits::default(), true).await?;
    let options = certctl_plan::Options::default();
    let fleet = Fleet {
        devices: Devices::counted(false),
        ..remote.fleet(&workspace, &options)
    };
    let surveys = fleet.survey().await;
    let beside = fleet.beside(&surveys).await;
    let beside: Vec<_> = beside.iter().map(Beside::bystander).collect();
    let now = remote.now();
    let accounts: Vec<(&Account, &Survey)> = workspace.spec.accounts.iter().zip(&surveys).collect();
    let inputs: Vec<AccountInput<'_>> = accounts
        .iter()
        .map(|(account, survey)| survey.input(&workspace.spec, account))
        .collect();
    let outcomes = plan_fleet(&inputs, &beside, &options, now);
    remote.close().await;
    let mut rows = Vec::new();
    let mut diagnostics: Vec<Diagnostic> = workspace.diagnostics.clone();
    for ((account, survey), outcome) in accounts.iter().zip(&outcomes) {
        match &survey.observed {
            Ok(_) => {
                rows.extend(rows_of(account, survey, outcome, now));
                // Why a switch waits for devices, and until when.
                let devices = outcome.diagnostics.iter();
                let devices = devices.filter(|found| found.code == Code::TrustEvidence);
                diagnostics.extend(devices.cloned());
            }
            Err(diagnostic) => diagnostics.push(diagnostic.clone().account(&account.name)),
        }
    }
    let outlooks: Vec<_> = accounts
        .iter()
        .zip(&outcomes)
        .flat_map(|((account, _), outcome)| outlooks(account, outcome))
        .collect();
    let findings = args
        .check
        .then(|| Findings::of(inputs.into_iter().zip(&outcomes), args.within, now));
    match args.format {
        StatusFormat::Json => {
            let mut document = serde_json::json!({
                "format_version": "1.1",
                "kind": "status",
                "at": now,
                "addresses": outlooks,
                "certificates": rows,
                "diagnostics": diagnostics,
            });
            if let Some(findings) = &findings {
                document["findings"] = findings.json();
            }
            printer.data(&format!("{document:#}\n"));
        }
        StatusFormat::Human => {
            printer.data(&text::text(&rows, &outlooks, now));
            if let Some(findings) = &findings {
                printer.data(&format!("\n{}", findings.text()));
            }
        }
        StatusFormat::Prometheus => {
            let readable = |survey: &Survey| survey.observed.is_ok();
            let read = accounts.iter().map(|(a, s)| (&a.name, readable(s)));
            printer.data(&prometheus::text(&rows, read, &outcomes, now));
            // What is scraped has no place for them.
            if let Some(findings) = &findings {
                printer.text(findings.text().trim_end());
            }
        }
    }
    printer.diagnostics(&diagnostics, &workspace.sources);
    let wrong = findings.as_ref().is_some_and(Findings::has_error);
    let failed = diagnostics.iter().any(Diagnostic::is_error) || wrong;
    Ok(if failed {
        Exit::Error
    } else if findings.is_some_and(|findings| !findings.is_empty()) {
        Exit::Findings
    } else {
        Exit::Done
    })
}
