//! No fault loses or duplicates a certificate: the fault matrix, and the real binary under `kill -9`.
//!
//! *The matrix* is exhaustive, not sampled: each scenario is played once without faults, and then
//! once for each request that it makes and each fault in [`fault`], and once for each write of the
//! state and each way in which that can fail. Where a request that writes follows, the budget also
//! makes the run wait, and somebody's [`hand`] strikes meanwhile. And it is played in each of the
//! [`surroundings`], alone and with lost answers; some [`meetings`] of two of these are tried. After every case [`oracle`] asks the server's own
//! journal, not certctl, whether the laws held. It runs in process, on a paused clock, so that weeks
//! pass in milliseconds.
//!
//! *More*: `CERTCTL_FAULTS=all cargo test --release -p certctl --test faults -- --nocapture` adds
//! every pair of the worst faults; that takes long. `--nocapture` shows how many cases hold.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "the tests of the command line use the rest")]
mod support;

mod create;
mod fault;
mod hand;
mod kill;
mod meetings;
mod oracle;
mod own;
mod proxy;
mod scenarios;
mod surroundings;
mod sweep;
mod upload;
mod wire;
mod world;

/// Says how many cases hold, to whoever reads the test's output.
#[expect(
    clippy::print_stdout,
    reason = "the number of cases is what a run of the matrix tells"
)]
fn tell(line: &str) {
    println!("{line}");
}
