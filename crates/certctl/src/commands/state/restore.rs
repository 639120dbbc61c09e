//! `certctl state restore`: brings back what `state pull --all` saved, each document by itself.

use std::path::Path;

use certctl_state::{Access, Document, Key, Location, Store};

use crate::cli::Restore;
use crate::commands::validate::count;
use crate::exit::Exit;
use crate::printer::{Printer, Problem};
use crate::states::{States, problem, release};

/// What became of one document.
enum Restored {
    Done(u64),
    /// What stands is this very version.
    Unchanged,
}

pub(super) async fn run(args: Restore, printer: Printer) -> Result<Exit, Problem> {
    let documents = &args.documents;
    let Some(states) = States::open(&documents.spec, &documents.place, "state restore", printer)?
    else {
        return Ok(Exit::Error);
    };
    let directory = Location::Directory(args.directory.clone());
    let backup =
        Store::open(&directory, &Access::default(), &|_| None).map_err(|error| problem(&error))?;
    let keys = backup.keys().await.map_err(|error| problem(&error))?;
    let (chosen, others): (Vec<_>, Vec<_>) = keys.iter().partition(|key| states.selects(key));
    if chosen.is_empty() {
        return Err(nothing(&states, &args.directory));
    }
    let (mut done, mut exit) = (0, Exit::Done);
    for key in chosen {
        match restore(&states, &backup, key, &args).await {
            Ok(Restored::Done(serial)) => {
                done += 1;
                printer.line(&format!("{key}: restored; its serial is now {serial}"));
            }
            Ok(Restored::Unchanged) => {
                printer.line(&format!("{key}: stands as it was saved"));
            }
            // One account's trouble is not another's.
            Err(problem) => {
                printer.error(&problem);
                exit = Exit::Error;
            }
        }
    }
    let left = match others.len() {
        0 => String::new(),
        left => format!("; {left} of other accounts or APIs left alone"),
    };
    printer.line(&format!("{} restored{left}", count(done, "document")));
    Ok(exit)
}

async fn restore(
    states: &States,
    backup: &Store,
    key: &Key,
    args: &Restore,
) -> Result<Restored, Problem> {
    let saved = backup.load(key).await.map_err(|error| problem(&error))?;
    let Some(saved) = saved else {
        return Err(Problem::new(format!("the backup of {key} is gone")));
    };
    let mut session = states.hold(key, args.lock.lock_timeout).await?;
    let same = |document: &Document| document.write_id == saved.write_id;
    let worked = if session.document().is_some_and(same) {
        Ok(Restored::Unchanged)
    } else {
        let replaced = session.replace(&saved, args.force).await;
        let serial = session.document().map_or(0, |document| document.serial);
        replaced
            .map(|()| Restored::Done(serial))
            .map_err(|error| problem(&error))
    };
    release(session, worked).await
}

fn nothing(states: &States, directory: &Path) -> Problem {
    Problem::new(format!(
        "no document in {} is of an account at {}",
        directory.display(),
        states.origin
    ))
    .hint("it takes a directory that `certctl state pull --all -o DIR` made")
}
