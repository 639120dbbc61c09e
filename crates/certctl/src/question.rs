//! A question to the person at the terminal, before what cannot be taken back.

use crate::printer::{Printer, Problem};

/// Asks on a terminal; without one, somebody must have said so before.
pub(crate) fn confirm(printer: Printer, question: &str, approved: bool) -> Result<bool, Problem> {
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
