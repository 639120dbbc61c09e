//! A fleet of one size: its spec, its state, its server, and who is measured on it.

use std::fmt::Write as _;
use std::process::Command;

use tempfile::TempDir;

use crate::measure::{Used, measure};
use crate::server::Server;

/// How long an answer takes, in milliseconds.
const LATENCY: u64 = 50;

/// Accounts in which nothing is due.
pub(crate) struct Fleet {
    accounts: usize,
    directory: TempDir,
    server: Server,
}

/// One measurement.
pub(crate) struct Run {
    accounts: usize,
    parallelism: usize,
    used: Used,
    requests: usize,
}

impl Fleet {
    /// Writes the spec, and lets `apply` take over what the accounts hold.
    pub(crate) fn new(accounts: usize) -> Self {
        let fleet = Self {
            accounts,
            directory: tempfile::tempdir().expect("a directory can be made"),
            server: Server::start(),
        };
        fleet.write_spec();
        let taken_over = fleet.certctl(&["apply", "--auto-approve", "--parallelism", "32"]);
        fleet.run(32, taken_over);
        fleet.server.delay(LATENCY);
        let plan = fleet.plan(32);
        assert_eq!(
            plan.requests, accounts,
            "nothing is due: a read for each account"
        );
        fleet
    }

    /// `certctl plan` with so many accounts at once.
    pub(crate) fn plan(&self, parallelism: usize) -> Run {
        let at_once = parallelism.to_string();
        self.run(
            parallelism,
            self.certctl(&["plan", "--parallelism", &at_once]),
        )
    }

    /// The loop over the SDK; none where the SDK is not installed.
    pub(crate) fn sequential(&self) -> Option<Run> {
        let python = std::env::var("CERTCTL_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let mut asked = Command::new(&python);
        let asked = asked.args(["-c", "import cloudflare"]).output();
        if !asked.is_ok_and(|output| output.status.success()) {
            return None;
        }
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/fleet/sequential.py");
        let mut command = Command::new(python);
        command.args([script, &self.accounts.to_string()]);
        command.env("CLOUDFLARE_BASE_URL", &self.server.url);
        Some(self.run(1, command))
    }

    fn run(&self, parallelism: usize, mut command: Command) -> Run {
        self.server.requests();
        let used = measure(&mut command);
        Run {
            accounts: self.accounts,
            parallelism,
            used,
            requests: self.server.requests(),
        }
    }

    fn certctl(&self, words: &[&str]) -> Command {
        let built = || env!("CARGO_BIN_EXE_certctl").to_owned();
        let mut command =
            Command::new(std::env::var("CERTCTL_BENCH_BINARY").unwrap_or_else(|_| built()));
        command
            .args(words)
            .args(["-f", "spec"])
            .current_dir(self.directory.path())
            .env("CLOUDFLARE_BASE_URL", &self.server.url)
            .env("CLOUDFLARE_API_TOKEN", "bench");
        command
    }

    /// A hundred accounts a file, as people would keep them.
    fn write_spec(&self) {
        let numbers: Vec<usize> = (1..=self.accounts).collect();
        let folder = self.directory.path().join("spec");
        std::fs::create_dir(&folder).expect("a directory can be made");
        for (n, some) in numbers.chunks(100).enumerate() {
            let mut text = String::from("version: 1\naccounts:\n");
            for number in some {
                let _ = write!(
                    text,
                    "  - name: a{number:05}\n    account_id: a{number:031x}\n    adopt: matching\n    certificates:\n      \
                     - {{ name: inspection, validity_period_days: 10950, in_use: true, rotation: {{ renew_before: 90d }} }}\n"
                );
            }
            std::fs::write(folder.join(format!("{n}.yaml")), text).expect("a file can be written");
        }
    }
}

impl Run {
    /// A row of the table.
    pub(crate) fn row(&self, name: &str) -> String {
        let Used { wall, cpu, memory } = self.used;
        format!(
            "| {} | {name} | {wall:.3} s | {:.2} | {cpu:.3} s | {memory:.1} MB | {} |",
            self.accounts,
            wall / self.floor(),
            self.requests,
        )
    }

    /// A row of the table: how many times as much as another one.
    pub(crate) fn against(&self, other: &Self) -> String {
        format!(
            "| {} | Python, of `certctl plan` | {:.1} | | {:.1} | {:.1} | {:.1} |",
            self.accounts,
            self.used.wall / other.used.wall,
            self.used.cpu / other.used.cpu,
            self.used.memory / other.used.memory,
            self.requests as f64 / other.requests as f64,
        )
    }

    /// Seconds that the answers alone take.
    fn floor(&self) -> f64 {
        (self.accounts.div_ceil(self.parallelism) as u64 * LATENCY) as f64 / 1_000.0
    }
}
