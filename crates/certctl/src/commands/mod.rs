//! The commands, one file each.

mod apply;
mod doctor;
mod explain;
mod forecast;
mod history;
mod import;
mod man;
mod pem;
pub(crate) mod plan;
mod sandbox;
mod schema;
mod show;
mod state;
mod status;
mod summary;
mod trust_kit;
mod upload;
mod validate;

use crate::cli::{Cli, Command};
use crate::exit::Exit;
use crate::logging;
use crate::printer::{Printer, Problem};
use crate::token_file;

/// Runs a command to its exit code.
pub(crate) fn run(cli: Cli) -> Exit {
    let printer = Printer::new(cli.output.color);
    logging::start(cli.output.log_level, cli.output.log_format);
    if let Some(warning) = cli.command.token_file().and_then(token_file::warning) {
        printer.text(&warning);
    }
    let result = match cli.command {
        Command::Validate(args) => Ok(validate::run(&args, printer)),
        Command::Import(args) => block_on(import::run(args, printer)),
        Command::Plan(args) => block_on(plan::run(args, printer)),
        Command::Apply(args) => block_on(apply::run(args, printer)),
        Command::Status(args) => block_on(status::run(args, printer)),
        Command::Forecast(args) => block_on(forecast::run(args, printer)),
        Command::Pem(args) => block_on(pem::run(args, printer)),
        Command::TrustKit(args) => block_on(trust_kit::run(args, printer)),
        Command::Upload(args) => block_on(upload::run(args, printer)),
        Command::Doctor(args) => block_on(doctor::run(args, printer)),
        Command::Sandbox(args) => block_on(sandbox::run(args, printer)),
        Command::History(args) => block_on(history::run(args, printer)),
        Command::State(args) => block_on(state::run(args, printer)),
        Command::Show(args) => show::run(&args, printer),
        Command::Schema(args) => Ok(schema::run(&args, printer)),
        Command::Completions(args) => Ok(man::completions(&args, printer)),
        Command::Man(args) => man::manual(&args, printer),
        Command::Explain(args) => block_on(explain::run(args, printer)),
    };
    let exit = result.unwrap_or_else(|problem| {
        printer.error(&problem);
        Exit::Error
    });
    printer.conclude(exit)
}

/// One thread suffices: certctl waits for the network, it does not compute.
fn block_on<T>(work: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Problem::from_error(&error))?
        .block_on(work)
}
