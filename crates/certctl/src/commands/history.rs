//! `certctl history`: the record of every request that changed something, or tried to.

use certctl_model::Name;
use certctl_plan::escape;
use certctl_state::AuditRecord;
use comfy_table::{Table, presets};

use crate::cli::{self, Format};
use crate::exit::Exit;
use crate::printer::{Printer, Problem};
use crate::states::{States, problem};
use crate::table::{second, trimmed};

pub(crate) async fn run(args: cli::History, printer: Printer) -> Result<Exit, Problem> {
    let Some(states) = States::open(&args.spec, &args.place, "history", printer)? else {
        return Ok(Exit::Error);
    };
    let accounts = match &args.address {
        Some(address) => std::slice::from_ref(states.account_of(address)?),
        None => states.accounts(),
    };
    let (mut records, mut exit) = (Vec::new(), Exit::Done);
    for account in accounts {
        match states.store.audit(&states.key(&account.account_id)).await {
            Ok(found) => records.extend(found.into_iter().map(|record| (&account.name, record))),
            Err(error) => {
                printer.error(&problem(&error));
                exit = Exit::Error;
            }
        }
    }
    if let Some(address) = &args.address {
        // By the certificate's name alone: the account may have had another short name then.
        records.retain(|(_, record)| {
            let about = record.address.as_ref();
            about.is_some_and(|about| about.certificate == address.certificate)
        });
    }
    records.sort_by(|(_, a), (_, b)| (a.at, &a.id).cmp(&(b.at, &b.id)));
    match args.format {
        Format::Human => printer.data(&table(&records)),
        Format::Json => {
            let records: Vec<&AuditRecord> = records.iter().map(|(_, record)| record).collect();
            let document = serde_json::json!({
                "format_version": "1.1",
                "kind": "history",
                "records": records,
            });
            printer.data(&format!("{document:#}\n"));
        }
    }
    Ok(exit)
}

/// What is of no address is told of its account.
fn table(records: &[(&Name, AuditRecord)]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header([
        "TIME", "ACTOR", "ACTION", "ADDRESS", "ID", "OUTCOME", "NOTE",
    ]);
    for (account, record) in records {
        let address = record.address.as_ref();
        let id = record.certificate_id.as_ref();
        table.add_row([
            second(record.at),
            escape(&record.actor.user).into_owned(),
            record.action.as_str().to_owned(),
            address.map_or_else(|| account.to_string(), ToString::to_string),
            id.map_or_else(|| "-".to_owned(), ToString::to_string),
            record.outcome.as_str().to_owned(),
            note(record),
        ]);
    }
    trimmed(&table)
}

/// Why it was done, and what the API said where it did not simply succeed.
fn note(record: &AuditRecord) -> String {
    let reason = record.reason.iter().map(|reason| escape(reason));
    let cause = record.error.iter().map(|cause| escape(cause));
    reason.chain(cause).collect::<Vec<_>>().join("; ")
}
