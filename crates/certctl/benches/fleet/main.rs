//! What `certctl plan` of a whole fleet takes, beside a loop over Cloudflare's Python SDK, in one run.
//!
//! `cargo bench --bench fleet`, for 1, 100, 1,000 and 10,000 accounts of one certificate each in which
//! nothing is due; `-- 1 100` for fewer. The server is on loopback and takes 50 ms for an answer.
//! `CERTCTL_BENCH_BINARY` is the path of the program where it is not the one that cargo has just built, and
//! `CERTCTL_TEST_PYTHON` a Python that has the SDK (`pip install cloudflare==5.9.0`).
//! *Prints* a Markdown table; the floor is what the answers alone take, so many at once.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "what cannot be measured ends it, and its figures are for people"
)]

#[cfg(unix)]
mod measure;
#[cfg(unix)]
mod place;
#[cfg(unix)]
mod server;

#[cfg(unix)]
fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.split_first() {
        Some((first, command)) if first == measure::FLAG => measure::child(command),
        _ => compare(words.iter().filter_map(|word| word.parse().ok()).collect()),
    }
}

#[cfg(not(unix))]
fn main() {
    println!("skipped, because only Unix says what a process used");
}

#[cfg(unix)]
fn compare(mut sizes: Vec<usize>) {
    if sizes.is_empty() {
        sizes = vec![1, 100, 1_000, 10_000];
    }
    println!("| accounts | | time | of the floor | processor | most memory | requests |");
    println!("|---|---|---|---|---|---|---|");
    let mut skipped = false;
    for accounts in sizes {
        let fleet = place::Fleet::new(accounts);
        let eight = fleet.plan(8);
        println!("{}", eight.row("`certctl plan`"));
        for parallelism in [16, 32] {
            let name = format!("`certctl plan --parallelism {parallelism}`");
            println!("{}", fleet.plan(parallelism).row(&name));
        }
        match fleet.sequential() {
            Some(python) => {
                println!("{}", python.row("Python"));
                println!("{}", python.against(&eight));
            }
            None => skipped = true,
        }
    }
    if skipped {
        println!("\nPython: skipped, because the package cloudflare is not installed");
    }
}
