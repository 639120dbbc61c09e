//! `certctl state list`: what each address is bound to.

use certctl_model::{AccountState, Timestamp};
use certctl_spec::Account;
use comfy_table::{Table, presets};
use serde::Serialize;

use crate::cli::{Format, List};
use crate::exit::Exit;
use crate::printer::{Printer, Problem};
use crate::states::States;
use crate::table::{second, trimmed};

/// One certificate that an address holds, or is about to.
#[derive(Debug, Serialize)]
struct Row {
    address: String,
    account_id: String,
    role: Option<&'static str>,
    /// None for a create whose outcome is not known yet.
    certificate_id: Option<String>,
    available_since: Option<Timestamp>,
    in_use: bool,
    /// Since when a create is open.
    create_open_since: Option<Timestamp>,
}

pub(super) async fn run(args: List, printer: Printer) -> Result<Exit, Problem> {
    let documents = &args.documents;
    let Some(states) = States::open(&documents.spec, &documents.place, "state list", printer)?
    else {
        return Ok(Exit::Error);
    };
    let mut rows = Vec::new();
    let mut exit = Exit::Done;
    for account in states.accounts() {
        match states.load(account).await {
            Ok(state) => rows.extend(state.iter().flat_map(|state| rows_of(account, state))),
            // The others are listed all the same.
            Err(problem) => {
                printer.error(&problem);
                exit = Exit::Error;
            }
        }
    }
    match args.format {
        Format::Human => printer.data(&table(&rows)),
        Format::Json => {
            let document = serde_json::json!({
                "format_version": "1.0",
                "kind": "state_list",
                "certificates": rows,
            });
            printer.data(&format!("{document:#}\n"));
        }
    }
    Ok(exit)
}

fn rows_of(account: &Account, state: &AccountState) -> Vec<Row> {
    let row = |name| Row {
        address: account.address(name).to_string(),
        account_id: account.account_id.to_string(),
        role: None,
        certificate_id: None,
        available_since: None,
        in_use: false,
        create_open_since: None,
    };
    let mut rows = Vec::new();
    for intent in &state.intents {
        if let Some((certificate, role)) = intent.mutation.makes() {
            rows.push(Row {
                role: Some(role.as_str()),
                create_open_since: Some(intent.sent_at.0),
                ..row(certificate)
            });
        }
    }
    for (name, entry) in &state.certificates {
        let address = account.address(name).to_string();
        if entry.bindings.is_empty() && rows.iter().all(|row| row.address != address) {
            rows.push(row(name));
        }
        rows.extend(entry.bindings.iter().map(|binding| Row {
            role: Some(binding.role.as_str()),
            certificate_id: Some(binding.id.to_string()),
            available_since: binding.available_since,
            in_use: binding.in_use,
            ..row(name)
        }));
    }
    rows.sort_by(|a, b| a.address.cmp(&b.address));
    rows
}

fn table(rows: &[Row]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["ADDRESS", "ROLE", "ID", "AVAILABLE SINCE", "IN USE"]);
    let dash = || "-".to_owned();
    for row in rows {
        let id = match (&row.certificate_id, row.create_open_since) {
            (Some(id), _) => id.clone(),
            (None, Some(since)) => format!("create open since {}", second(since)),
            (None, None) => dash(),
        };
        table.add_row([
            row.address.clone(),
            row.role.map_or_else(dash, str::to_owned),
            id,
            row.available_since.map_or_else(dash, second),
            if row.in_use { "yes" } else { "no" }.to_owned(),
        ]);
    }
    trimmed(&table)
}
