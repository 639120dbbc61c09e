//! Plans so many accounts of so many certificates each, so many times: for counting instructions.
//!
//! `cargo build --workspace --example plan`, then
//! `valgrind --tool=callgrind target/debug/examples/plan 1000 1 1`, and the same with 2 at the end: the
//! difference is what one plan costs.

mod fleet;

use std::process::ExitCode;

use certctl_model::Timestamp;

use fleet::{declared, planned, settled, sources};

fn main() -> ExitCode {
    match run() {
        Some(()) => ExitCode::SUCCESS,
        None => ExitCode::FAILURE,
    }
}

/// None where the arguments are no three numbers, or something was left to do: then not looking alone
/// is what was counted.
#[expect(
    clippy::disallowed_methods,
    reason = "how much to plan is said by arguments; the planner itself reads none"
)]
fn run() -> Option<()> {
    let mut numbers = std::env::args().skip(1).filter_map(|n| n.parse().ok());
    let (accounts, certificates, times) = (numbers.next()?, numbers.next()?, numbers.next()?);
    let spec = declared(&sources(accounts, certificates))?;
    let now = Timestamp::UNIX_EPOCH;
    let read = settled(&spec, now)?;
    (0..times)
        .all(|_| !planned(&spec, &read, now).has_changes)
        .then_some(())
}
