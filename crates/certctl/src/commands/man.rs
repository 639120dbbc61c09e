//! `certctl man` and `certctl completions`: made from the arguments themselves.

use clap::CommandFactory;

use crate::cli::{Cli, Completions};
use crate::exit::Exit;
use crate::printer::{Printer, Problem};

pub(crate) fn manual(printer: Printer) -> Result<Exit, Problem> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command())
        .render(&mut page)
        .map_err(|error| Problem::from_error(&error))?;
    printer.data(&String::from_utf8_lossy(&page));
    Ok(Exit::Done)
}

pub(crate) fn completions(args: &Completions, printer: Printer) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "certctl", &mut script);
    printer.data(&String::from_utf8_lossy(&script));
    Exit::Done
}
