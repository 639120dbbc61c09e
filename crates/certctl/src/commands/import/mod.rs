//! `certctl import`: a spec from what exists.
//!
//! *Guarantees*: only reads, of the API and of the state; the file is written whole or not at all.

mod gather;
mod target;
mod terraform;

use crate::cli;
use crate::exit::Exit;
use crate::printer::{Printer, Problem};
use target::{Around, Target};

pub(crate) async fn run(args: cli::Import, printer: Printer) -> Result<Exit, Problem> {
    let target = Target::open(&args.out)?;
    if let Some(state) = &args.from_terraform {
        return terraform::run(state, &target, printer);
    }
    let workspace = target.workspace();
    let gathered = gather::gather(&args, workspace).await?;
    for problem in &gathered.problems {
        printer.error(problem);
    }
    if gathered.found.is_empty() && !gathered.problems.is_empty() {
        return Ok(Exit::Error);
    }
    let around = Around {
        states: gathered.states,
        now: gathered.now,
    };
    let Some(extension) = target.extended(&gathered.found, &around, printer)? else {
        return Ok(Exit::Error);
    };
    target.write(&extension, printer)?;
    Ok(if gathered.problems.is_empty() {
        Exit::Done
    } else {
        Exit::Error
    })
}
