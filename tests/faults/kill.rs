//! `kill -9` of the real binary, at every request that it makes, against the sandbox as a process of
//! its own; then a plain `apply`, and the server's log as the witness.
//!
//! Every case has an account of its own, so that one server does for all of them.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use crate::proxy::{Kill, Proxy};
use crate::support::{Place, Server};

/// How many runs may be needed after a kill. One, but where the time in which the effect of a lost
/// create may still show, a second here, is not over: that run ends with an error.
const RUNS: usize = 3;

const APPLY: &str = "apply --auto-approve --settle-timeout 1s";

struct Bench {
    place: Place,
    server: Server,
    proxy: Proxy,
    cases: usize,
}

/// A story in specs: each is applied in turn. It needs so many creations in all.
struct Story {
    name: &'static str,
    specs: &'static [&'static str],
    creations: u64,
}

const ISSUE: Story = Story {
    name: "first issue",
    specs: &["
      - { name: inspection, validity_period_days: 1825, in_use: true }
      - { name: standby, validity_period_days: 365, activate: true, in_use: false }"],
    creations: 2,
};

/// With periods of no length, so that one run does all of it.
const REPLACE: Story = Story {
    name: "replace of what is in use",
    specs: &[
        "
      - { name: inspection, validity_period_days: 1825, in_use: true }",
        "
      - { name: inspection, validity_period_days: 730, in_use: true }",
    ],
    creations: 2,
};

#[test]
fn killed_during_the_first_issue() {
    every_kill(&ISSUE);
}

#[test]
fn killed_during_a_replace() {
    every_kill(&REPLACE);
}

fn every_kill(story: &Story) {
    let mut bench = Bench::new();
    let requests = bench.case(story, None);
    let mut random = fastrand::Rng::with_seed(11);
    for n in 0..requests {
        bench.case(story, Some(Kill::Before(n)));
        bench.case(story, Some(Kill::After(n)));
        let delay = Duration::from_micros(random.u64(0..20_000));
        bench.case(story, Some(Kill::Later(n, delay)));
    }
    let cases = bench.cases - 1;
    crate::tell(&format!(
        "kill -9: {}: {cases} cases hold ({requests} requests)",
        story.name
    ));
}

impl Bench {
    fn new() -> Self {
        let mut place = Place::new();
        let server = place.serve("--deploy-delay 20ms");
        let proxy = Proxy::new(address(&server));
        let url = format!("http://{}/client/v4", proxy.addr);
        place.set("CLOUDFLARE_BASE_URL", &url);
        Self {
            place,
            server,
            proxy,
            cases: 0,
        }
    }

    /// Plays the story with a kill in its last part; returns how many requests that part made.
    fn case(&mut self, story: &Story, kill: Option<Kill>) -> usize {
        self.cases += 1;
        let account = format!("{:032x}", self.cases);
        let mut requests = 0;
        for (n, certificates) in story.specs.iter().enumerate() {
            self.declare(&account, certificates);
            let is_last = n + 1 == story.specs.len();
            requests = self.apply(kill.filter(|_| is_last));
        }
        if kill.is_some() {
            self.converge(kill);
        }
        self.judge(story, &account, kill);
        requests
    }

    fn declare(&self, account: &str, certificates: &str) {
        let rotation = "defaults: { rotation: { trust_period: 0s, retire_after: 0s } }";
        let spec = format!(
            "version: 1\n{rotation}\naccounts:\n  - name: acme\n    account_id: {account}\n    certificates:{certificates}\n"
        );
        self.place.write("certctl.yaml", &spec);
    }

    fn apply(&self, kill: Option<Kill>) -> usize {
        self.proxy.attend(kill, || {
            let mut command = self.place.command(env!("CARGO_BIN_EXE_certctl"));
            command.args(APPLY.split_whitespace());
            command.stdout(Stdio::null()).stderr(Stdio::null());
            command.spawn().unwrap()
        })
    }

    fn converge(&self, kill: Option<Kill>) {
        let mut said = String::new();
        for _ in 0..RUNS {
            let run = self.place.certctl(APPLY);
            if run.code == 0 {
                return;
            }
            said = run.text();
        }
        panic!("{kill:?}: {said}");
    }

    fn judge(&self, story: &Story, account: &str, kill: Option<Kill>) {
        let context = format!("{}: {kill:?}", story.name);
        let log = get(&self.server, &format!("/sandbox/log?account={account}"));
        let summary = &log["accounts"][account];
        assert_eq!(summary["creations"], story.creations, "{context}: {log:#}");
        assert_eq!(summary["outages"].as_array().unwrap().len(), 0, "{context}");
        let plan = self.place.certctl("plan --format json --detailed-exitcode");
        assert_eq!(plan.code, 0, "{context}: {}", plan.text());
        let plan = plan.json();
        assert_eq!(plan["unmanaged"].as_array().unwrap().len(), 0, "{context}");
        let waits = |change: &Value| !change["waiting"].is_null();
        assert!(
            !plan["changes"].as_array().unwrap().iter().any(waits),
            "{context}: {plan:#}"
        );
    }
}

fn address(server: &Server) -> SocketAddr {
    let root = server.control("");
    root.trim_start_matches("http://").parse().unwrap()
}

/// Reads JSON from the sandbox's own endpoints.
fn get(server: &Server, path: &str) -> Value {
    let mut stream = TcpStream::connect(address(server)).unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nhost: sandbox\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    let (_, body) = response.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap()
}
