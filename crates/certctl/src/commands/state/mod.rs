//! `certctl state`: looking after what certctl remembers, one file per subcommand.
//!
//! *Invariants*: nothing here changes anything at Cloudflare; documents are changed under their lock
//! only, through the same transitions as by `apply`.

mod list;
mod mv;
mod pull;
mod push;
mod restore;
mod rm;
mod settle;
mod show;
mod unlock;

pub(crate) use list::{second, trimmed};

use std::path::Path;

use certctl_model::{AccountState, Mutation, Name};
use certctl_state::{Document, Key};

use crate::cli::State;
use crate::exit::Exit;
use crate::printer::{Printer, Problem};

pub(crate) async fn run(command: State, printer: Printer) -> Result<Exit, Problem> {
    match command {
        State::List(args) => list::run(args, printer).await,
        State::Show(args) => show::run(args, printer).await,
        State::Rm(args) => rm::run(args, printer).await,
        State::Mv(args) => mv::run(args, printer).await,
        State::Pull(args) => pull::run(args, printer).await,
        State::Push(args) => push::run(args, printer).await,
        State::Restore(args) => restore::run(args, printer).await,
        State::Settle(args) => settle::run(args, printer).await,
        State::Unlock(args) => unlock::run(args, printer).await,
    }
}

/// Asks on a terminal; without one, somebody must have said so before.
fn confirm(printer: Printer, question: &str, approved: bool) -> Result<bool, Problem> {
    if approved {
        return Ok(true);
    }
    if !printer.is_interactive() {
        return Err(Problem::new("nobody is here to approve this").hint("pass `--auto-approve`"));
    }
    printer.ask(&format!("{question} Only `yes` is taken as yes: "));
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

/// A document from bytes that came from anywhere; `from` says where.
fn parse(bytes: &[u8], key: &Key, from: &str) -> Result<Document, Problem> {
    certctl_state::parse_document(bytes, key).map_err(|error| match &error {
        certctl_state::StateError::Unusable { defect, .. } => {
            Problem::new(format!("{from} {defect}"))
                .hint("it takes a whole, unaltered document, as `certctl state pull` prints it")
        }
        _ => crate::states::problem(&error),
    })
}

fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
    Problem::new(format!("cannot read {}: {error}", path.display()))
}

/// Whether a create for this name is open.
fn creates(state: &AccountState, name: &Name) -> bool {
    state.open_create().is_some_and(|intent| {
        matches!(&intent.mutation, Mutation::Create { certificate, .. } if certificate == name)
    })
}
