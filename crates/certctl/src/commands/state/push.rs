//! `certctl state push`: replaces an account's document by one from a file.

use std::path::Path;

use certctl_files::Links;
use certctl_state::{Document, Key, StateError};

use crate::cli::Push;
use crate::exit::Exit;
use crate::printer::{Printer, Problem};
use crate::states::{States, problem, release};

/// No document comes near this.
const MAX_BYTES: u64 = 64 << 20;

pub(super) async fn run(args: Push, printer: Printer) -> Result<Exit, Problem> {
    let documents = &args.documents;
    let Some(states) = States::open(&documents.spec, &documents.place, "state push", printer)?
    else {
        return Ok(Exit::Error);
    };
    let account = states.only()?;
    let key = states.key(&account.account_id);
    let bytes = read(&args.file)?;
    let document = parse(&bytes, &key, &args.file.display().to_string())?;
    let mut session = states.hold(&key, args.lock.lock_timeout).await?;
    let worked = session
        .replace(&document, args.force)
        .await
        .map_err(|error| problem(&error));
    let serial = session.document().map_or(0, |document| document.serial);
    release(session, worked).await?;
    printer.line(&format!(
        "{}: replaced by {}; its serial is now {serial}",
        account.name,
        args.file.display()
    ));
    Ok(Exit::Done)
}

fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    let read = if path == Path::new("-") {
        certctl_files::bounded(std::io::stdin(), MAX_BYTES)
    } else {
        certctl_files::read(path, MAX_BYTES, Links::Follow)
    };
    read.map_err(|error| unreadable(path, &error))
}

/// A document from bytes that came from anywhere; `from` says where.
fn parse(bytes: &[u8], key: &Key, from: &str) -> Result<Document, Problem> {
    certctl_state::parse_document(bytes, key).map_err(|error| match &error {
        StateError::Unusable { defect, .. } => Problem::new(format!("{from} {defect}"))
            .hint("it takes a whole, unaltered document, as `certctl state pull` prints it"),
        _ => problem(&error),
    })
}

fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
    Problem::new(format!("cannot read {}: {error}", path.display()))
}
