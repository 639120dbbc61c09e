//! `certctl`: a declarative reconciler for Cloudflare Zero Trust Gateway certificates.
//!
//! This crate is the command line: arguments ([`cli`]), one file per command ([`commands`]), the only
//! place that prints ([`printer`]), and the exit codes ([`exit`]). It decides nothing.

mod actor;
mod annotations;
mod audit_log;
mod cli;
mod commands;
mod exit;
mod invocation;
mod logging;
mod printer;
mod progress;
mod question;
mod remote;
mod sandboxed;
mod signals;
mod states;
mod table;
mod token_file;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return printer::usage(&error),
    };
    commands::run(cli).into()
}
