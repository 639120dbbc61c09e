//! `certctl`: a declarative reconciler for Cloudflare Zero Trust Gateway certificates.
//!
//! This crate is the command line: arguments ([`cli`]), one file per command ([`commands`]), the only
//! place that prints ([`printer`]), and the exit codes ([`exit`]). It decides nothing.

mod actor;
mod annotations;
mod audit_log;
mod behind;
mod cli;
mod commands;
mod exit;
mod foreign;
mod home;
mod invocation;
mod kept;
mod logging;
mod own_keys;
mod plan_file;
mod printer;
mod private_key;
mod progress;
mod question;
mod remote;
mod sandboxed;
mod secret_command;
mod secrets;
mod signals;
mod states;
mod table;
mod token_file;
mod tokens;
mod unknown;
mod workspace;

use std::ffi::OsString;
use std::panic::{catch_unwind, set_hook};
use std::process::ExitCode;

use exit::Exit;
use printer::Printer;

// That of musl lets threads wait for each other: a forecast took seven times as long.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    secrets::learn_environment();
    set_hook(Box::new(printer::panicked));
    let arguments: Vec<OsString> = std::env::args_os().collect();
    // A defect was said by the hook; it ends with the code of every other error.
    let exit = catch_unwind(|| match cli::parse(&arguments) {
        Ok(cli) => commands::run(cli),
        Err(error) => {
            let printer = Printer::new(cli::ColorChoice::Auto);
            match foreign::answer(&error, &arguments) {
                None => printer.usage(&error),
                Some(problem) => {
                    printer.error(&problem);
                    Exit::Error
                }
            }
        }
    });
    exit.unwrap_or(Exit::Error).into()
}
