//! `certctl state show`: all that is remembered of one address.

use certctl_model::Intent;
use serde_json::json;

use crate::cli::Show;
use crate::exit::Exit;
use crate::printer::{Printer, Problem};
use crate::states::{States, unknown};

pub(super) async fn run(args: Show, printer: Printer) -> Result<Exit, Problem> {
    let documents = &args.documents;
    let Some(states) = States::open(&documents.spec, &documents.place, "state show", printer)?
    else {
        return Ok(Exit::Error);
    };
    let account = states.account_of(&args.address)?;
    let state = states.load(account).await?.unwrap_or_default();
    let name = &args.address.certificate;
    let entry = state.certificates.get(name);
    let is_about = |intent: &&Intent| match intent.mutation.makes() {
        Some((certificate, _)) => certificate == name,
        None => {
            let id = intent.mutation.certificate_id();
            entry.is_some_and(|entry| entry.bindings.iter().any(|b| Some(&b.id) == id))
        }
    };
    let intents: Vec<_> = state.intents.iter().filter(is_about).collect();
    if entry.is_none() && intents.is_empty() {
        return Err(unknown(&args.address));
    }
    let document = json!({
        "format_version": "1.0",
        "kind": "state_entry",
        "address": args.address,
        "account_id": account.account_id,
        "entry": entry,
        "intents": intents,
    });
    printer.data(&format!("{document:#}\n"));
    Ok(Exit::Done)
}
