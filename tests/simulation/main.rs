//! The whole program in one process, under one seed: spec, planner, executor and client against the
//! sandbox's router, with the state in a bucket in memory and a paused clock, so that years pass in
//! milliseconds.
//!
//! *Expected flow*: [`draw`] draws a history from a seed; [`world`] lets it happen, to one account or to a
//! few that are switched in waves; [`oracle`] holds the server's journal against the laws. A history that
//! breaks one is made shorter ([`shrink`]) and printed.
//!
//! *More*: `CERTCTL_SIMULATION_SECONDS=60` tries fresh seeds for so long, from
//! `CERTCTL_SIMULATION_FROM=N` on where that is given; `CERTCTL_SIMULATION_SEED=N` tries one, and prints it.
//! `CERTCTL_SIMULATION_LIFECYCLE=1` also draws addresses that are declared no longer, and again, with
//! `lifecycle` and `adopt`: not by default until what it still finds is understood.
//! What ever failed, made short, stands in `failed/`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

mod accepted;
mod asked;
mod bucket;
mod dashboard;
mod declared;
mod devices;
mod draw;
mod expiry;
mod fleet;
mod history;
mod lifecycle;
mod notices;
mod oracle;
mod quiet;
mod reason;
mod record;
mod runner;
mod shrink;
mod switch;
mod timeline;
mod watch;
mod waves;
mod wire;
mod world;
mod yaml;

use history::History;
use oracle::{Broken, judge};
use record::Record;
use world::World;

/// How many seeds every test run tries; a minute of fresh ones is for CI.
const FEW: u64 = 24;

/// Lives a history.
fn live(history: &History) -> Record {
    fastrand::seed(history.seed);
    // The world begins within, so that its clocks begin with the paused one.
    paused(async { World::new(history).live().await })
}

/// Whether a history holds.
fn holds(history: &History) -> Result<(), Broken> {
    judge(&live(history))
}

/// On a runtime whose clock leaps to the next thing that anybody waits for.
fn paused<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(work)
}

/// Tries these seeds until the time is over, and tells how many histories hold.
///
/// # Panics
/// With the seeds whose histories do not, and one history for each law that is broken, made short.
fn explore(seeds: impl Iterator<Item = u64>, time: Option<Duration>) {
    let start = Instant::now();
    let (mut tried, mut runs, mut lasted) = (0u32, 0usize, 0.0);
    let mut failed: Vec<(u64, Broken)> = Vec::new();
    for seed in seeds {
        if time.is_some_and(|time| start.elapsed() > time) {
            break;
        }
        let history = History::draw(seed);
        let record = live(&history);
        tried += 1;
        runs += record.processes.len();
        let real = record
            .processes
            .iter()
            .map(|run| run.to.duration_since(run.from));
        lasted += real.map(|real| real.as_secs_f64()).sum::<f64>();
        let Err(broken) = judge(&record) else {
            continue;
        };
        tell(&format!("seed {seed}: {broken}"));
        failed.push((seed, broken));
    }
    let seconds = start.elapsed().as_secs_f64();
    tell(&format!(
        "simulation: {} of {tried} histories ({runs} runs) hold; {:.1} histories and {:.0} runs a second; \
         on a real clock the runs alone would last {:.0} times as long",
        tried - u32::try_from(failed.len()).unwrap(),
        f64::from(tried) / seconds,
        runs as f64 / seconds,
        lasted / seconds,
    ));
    if failed.is_empty() {
        return;
    }
    let mut text = String::new();
    let mut laws = BTreeSet::new();
    for (seed, broken) in failed {
        if laws.insert(broken.law) && laws.len() <= 3 {
            let (short, broken) = shrink::shrink(History::draw(seed), broken);
            text.push_str(&format!("seed {seed}, made short: {broken}\n{short}\n"));
        }
    }
    panic!("{text}");
}

fn asked(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[test]
fn histories_hold() {
    if let Some(seed) = asked("CERTCTL_SIMULATION_SEED") {
        tell(&History::draw(seed).to_string());
        return explore(seed..=seed, None);
    }
    match asked("CERTCTL_SIMULATION_SECONDS") {
        Some(seconds) => {
            let from = asked("CERTCTL_SIMULATION_FROM");
            let from = from.unwrap_or_else(|| fastrand::Rng::new().u64(..));
            explore(from.., Some(Duration::from_secs(seconds)));
        }
        None => explore(0..FEW, None),
    }
}

/// Minimal histories that broke a law once. A file holds one, as a failing test prints it; its name is
/// the lesson.
#[test]
fn histories_that_failed_once_hold() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("failed");
    let mut files: Vec<PathBuf> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty());
    let mut broken = String::new();
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let history: History = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        if let Err(why) = holds(&history) {
            broken.push_str(&format!("{name}: {why}\n"));
        }
    }
    assert!(broken.is_empty(), "{broken}");
}

/// Says what a run of the simulation tells.
#[expect(
    clippy::print_stdout,
    reason = "the number of histories is what a run of the simulation tells"
)]
fn tell(line: &str) {
    println!("{line}");
}
