//! `certctl man` and `certctl completions`: made from the arguments themselves.

use std::path::Path;

use clap::CommandFactory;

use crate::cli::{Cli, Completions, Man};
use crate::exit::Exit;
use crate::printer::{Printer, Problem};

/// Prints the page of a command, or writes the pages of all.
pub(crate) fn manual(args: &Man, printer: Printer) -> Result<Exit, Problem> {
    let mut certctl = Cli::command();
    certctl.build();
    if let Some(directory) = &args.out {
        return write_all(certctl, directory, printer);
    }
    let mut command = &mut certctl;
    for word in &args.command {
        command = command.find_subcommand_mut(word).ok_or_else(|| {
            Problem::new(format!("there is no command {word:?}")).hint("`certctl help` lists them")
        })?;
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone())
        .render(&mut page)
        .map_err(|error| Problem::from_error(&error))?;
    printer.data(&String::from_utf8_lossy(&page));
    Ok(Exit::Done)
}

fn write_all(certctl: clap::Command, directory: &Path, printer: Printer) -> Result<Exit, Problem> {
    let failed = |error: std::io::Error| {
        Problem::new(format!(
            "cannot write manual pages to {}: {error}",
            directory.display()
        ))
    };
    std::fs::create_dir_all(directory).map_err(failed)?;
    clap_mangen::generate_to(certctl, directory).map_err(failed)?;
    printer.line(&format!("The manual pages are in {}.", directory.display()));
    Ok(Exit::Done)
}

pub(crate) fn completions(args: &Completions, printer: Printer) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "certctl", &mut script);
    printer.data(&String::from_utf8_lossy(&script));
    Exit::Done
}
