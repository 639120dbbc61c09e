//! `certctl state pull`: one document to stdout, or all of them into a directory.
//!
//! The directory is laid out as a local state is, so `--state DIR` reads a backup as it stands.

use std::fs;
use std::path::Path;

use certctl_state::{Key, render_document};

use crate::cli::Pull;
use crate::commands::validate::count;
use crate::exit::Exit;
use crate::printer::{Printer, Problem};
use crate::states::{States, problem};

pub(super) async fn run(args: Pull, printer: Printer) -> Result<Exit, Problem> {
    let documents = &args.documents;
    let Some(states) = States::open(&documents.spec, &documents.place, "state pull", printer)?
    else {
        return Ok(Exit::Error);
    };
    match &args.out {
        Some(directory) => all(&states, directory, printer).await,
        None => one(&states, printer).await,
    }
}

async fn one(states: &States, printer: Printer) -> Result<Exit, Problem> {
    let account = states.only()?;
    let key = states.key(&account.account_id);
    let document = states.store.load(&key).await.map_err(|e| problem(&e))?;
    let Some(document) = document else {
        return Err(Problem::new(format!(
            "there is no state of {} in {}",
            account.name,
            states.store.location()
        ))
        .hint("the first `certctl apply` makes it"));
    };
    printer.data(&String::from_utf8_lossy(&render_document(&document, &key)));
    Ok(Exit::Done)
}

async fn all(states: &States, directory: &Path, printer: Printer) -> Result<Exit, Problem> {
    let keys = states.store.keys().await.map_err(|e| problem(&e))?;
    let (mut saved, mut exit) = (0, Exit::Done);
    for key in keys.iter().filter(|key| states.selects(key)) {
        match states.store.load(key).await {
            Ok(Some(document)) => {
                let name = key.document_name().map_err(|e| problem(&e))?;
                let path = directory.join(name);
                write(&path, key, &render_document(&document, key))?;
                saved += 1;
            }
            // A lease was taken over before the first save: there is nothing to save.
            Ok(None) => {}
            // One damaged document must not cost the backup of the others.
            Err(error) => {
                printer.error(&problem(&error));
                exit = Exit::Error;
            }
        }
    }
    printer.line(&format!(
        "{} saved in {}",
        count(saved, "document"),
        directory.display()
    ));
    Ok(exit)
}

/// Whole or not at all, so that a backup that was interrupted keeps the older copy.
fn write(path: &Path, key: &Key, bytes: &[u8]) -> Result<(), Problem> {
    let fail = |error: &std::io::Error| {
        Problem::new(format!("cannot write {}: {error}", path.display()))
            .hint(format!("the document of {key} was not saved"))
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|e| fail(&e))?;
    certctl_files::replace(path, bytes, 0o600).map_err(|e| fail(&e))
}
