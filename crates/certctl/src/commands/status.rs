//! `certctl status`: what there is, in one table; what of it needs a look; and the same for programs.

mod findings;
mod prometheus;
mod row;

use certctl_apply::Survey;
use certctl_model::{Diagnostic, RemoteCertificate, Timestamp};
use certctl_plan::AccountOutcome;
use certctl_plan::escape;
use certctl_planner::plan_account;
use certctl_spec::Account;
use comfy_table::{Table, presets};

use crate::cli::{self, StatusFormat};
use crate::exit::Exit;
use crate::printer::{Printer, Problem};
use crate::remote::{Remote, Waits};
use crate::workspace::Workspace;
use findings::Findings;
use row::Row;

pub(crate) async fn run(args: cli::Status, printer: Printer) -> Result<Exit, Problem> {
    let Some(workspace) = Workspace::open(&args.spec, printer) else {
        return Ok(Exit::Error);
    };
    let remote = Remote::open(&args.remote, &workspace, Waits::default(), true).await?;
    let options = certctl_plan::Options::default();
    let surveys = remote.fleet(&workspace, &options).survey().await;
    let now = remote.now();
    remote.close().await;
    let accounts: Vec<(&Account, &Survey)> = workspace.spec.accounts.iter().zip(&surveys).collect();
    let mut rows = Vec::new();
    let mut diagnostics: Vec<Diagnostic> = workspace.diagnostics.clone();
    for (account, survey) in &accounts {
        match &survey.observed {
            Ok(_) => rows.extend(rows_of(account, survey, now)),
            Err(diagnostic) => diagnostics.push(diagnostic.clone().account(&account.name)),
        }
    }
    let findings = args.check.then(|| {
        let inputs = accounts
            .iter()
            .map(|(account, survey)| survey.input(&workspace.spec, account));
        Findings::of(inputs, &options, args.within, now)
    });
    match args.format {
        StatusFormat::Json => {
            let mut document = serde_json::json!({
                "format_version": "1.0",
                "kind": "status",
                "at": now,
                "certificates": rows,
                "diagnostics": diagnostics,
            });
            if let Some(findings) = &findings {
                document["findings"] = findings.json();
            }
            printer.data(&format!("{document:#}\n"));
        }
        StatusFormat::Human => {
            printer.data(&table(&rows));
            if let Some(findings) = &findings {
                printer.data(&format!("\n{}", findings.text()));
            }
        }
        StatusFormat::Prometheus => {
            let outcomes: Vec<AccountOutcome> = accounts
                .iter()
                .map(|(account, survey)| survey.input(&workspace.spec, account))
                .map(|input| plan_account(&input, &options, now))
                .collect();
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
    let failed = diagnostics.iter().any(Diagnostic::is_error);
    Ok(if failed {
        Exit::Error
    } else if findings.is_some_and(|findings| !findings.is_empty()) {
        Exit::Findings
    } else {
        Exit::Done
    })
}

/// Declared addresses first, with all that they hold; then what nothing claims.
fn rows_of(account: &Account, survey: &Survey, now: Timestamp) -> Vec<Row> {
    let mut rows = Vec::new();
    let Ok(observed) = &survey.observed else {
        return rows;
    };
    let mut names: Vec<_> = account
        .certificates
        .iter()
        .map(|c| c.name.clone())
        .collect();
    names.extend(
        survey
            .state
            .iter()
            .flat_map(|state| state.certificates.keys().cloned()),
    );
    names.sort();
    names.dedup();
    for name in names {
        let bindings = survey
            .state
            .as_ref()
            .and_then(|state| state.certificates.get(&name))
            .map(|entry| entry.bindings.clone())
            .unwrap_or_default();
        let address = account.address(&name).to_string();
        if bindings.is_empty() {
            rows.push(Row {
                address: Some(address),
                ..row(account, None, now)
            });
            continue;
        }
        for binding in bindings {
            let remote = observed.certificate(&binding.id);
            rows.push(Row {
                address: Some(address.clone()),
                role: Some(binding.role.as_str()),
                certificate_id: Some(binding.id.to_string()),
                ..row(account, remote, now)
            });
        }
    }
    let claimed = |id| {
        survey
            .state
            .as_ref()
            .is_some_and(|state| state.binding(id).is_some())
    };
    let unclaimed = observed
        .certificates
        .iter()
        .filter(|remote| !claimed(&remote.id));
    rows.extend(unclaimed.map(|remote| row(account, Some(remote), now)));
    rows
}

fn row(account: &Account, remote: Option<&RemoteCertificate>, now: Timestamp) -> Row {
    let expires_on = remote.and_then(RemoteCertificate::expires);
    Row {
        account: account.name.to_string(),
        address: None,
        role: None,
        certificate_id: remote.map(|remote| remote.id.to_string()),
        kind: remote.map(|remote| remote.kind.to_string()),
        validity_period_days: remote.and_then(|remote| Some(remote.facts()?.days())),
        expires_on,
        days_left: expires_on.map(|at| at.duration_since(now).as_secs().div_euclid(86_400)),
        binding_status: remote.map(|remote| remote.binding_status.to_string()),
        in_use: remote.is_some_and(|remote| remote.in_use),
    }
}

fn table(rows: &[Row]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["ADDRESS", "ID", "VALIDITY", "EXPIRES", "STATUS", "IN USE"]);
    for row in rows {
        let address = match (&row.address, row.role) {
            (Some(address), Some("current") | None) => address.clone(),
            (Some(address), Some(role)) => format!("{address} ({role})"),
            (None, _) => format!("{}: unmanaged", row.account),
        };
        let status = match (&row.binding_status, &row.kind) {
            (Some(status), Some(kind)) if kind == "custom" => format!("{status} (custom)"),
            (Some(status), _) => status.clone(),
            (None, _) if row.certificate_id.is_some() => "not found".to_owned(),
            (None, _) => "not created".to_owned(),
        };
        let expires = match (row.expires_on, row.days_left) {
            (Some(at), Some(days)) if days < 0 => format!("{} (expired)", date(at)),
            (Some(at), Some(days)) => format!("{} ({days} days left)", date(at)),
            _ => "-".to_owned(),
        };
        table.add_row([
            address,
            row.certificate_id.clone().unwrap_or_else(|| "-".to_owned()),
            row.validity_period_days
                .map_or_else(|| "-".to_owned(), |days| format!("{days} days")),
            expires,
            escape(&status).into_owned(),
            if row.in_use { "yes" } else { "no" }.to_owned(),
        ]);
    }
    let lines: Vec<String> = table
        .to_string()
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    format!("{}\n", lines.join("\n"))
}

fn date(at: Timestamp) -> String {
    at.to_string().chars().take(10).collect()
}
