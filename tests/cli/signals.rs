//! Ctrl-C and SIGTERM: the request in flight is finished, the state is written, and a later run goes on.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Place, Server};

#[test]
fn the_first_signal_finishes_the_request_in_flight() {
    for signal in ["INT", "TERM"] {
        let mut place = Place::with_example("quickstart");
        let server = place.serve("--latency 300ms");
        let mut apply = place
            .command(env!("CARGO_BIN_EXE_certctl"))
            .args(["apply", "--auto-approve"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The plan, the look under the lock, then the first create: it is in flight now.
        wait_for(&server, 5);
        kill(&apply, signal);
        let status = apply.wait().unwrap();
        let mut said = String::new();
        apply
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        assert_eq!(status.code(), Some(1), "{signal}: {said}");
        assert!(said.contains("error[stopped]"), "{said}");

        place.certctl("apply --auto-approve").ok();
        place.certctl("plan --detailed-exitcode").ok();
        let status = place.certctl("status --format json").ok().json();
        assert_eq!(
            status["certificates"].as_array().unwrap().len(),
            2,
            "{signal}"
        );
    }
}

#[test]
fn the_second_signal_stops_at_once_and_nothing_is_lost() {
    let mut place = Place::with_example("quickstart");
    let server = place.serve("--latency 1s");
    let mut apply = place
        .command(env!("CARGO_BIN_EXE_certctl"))
        .args(["apply", "--auto-approve"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for(&server, 5);
    kill(&apply, "INT");
    let mut said = apply.stderr.take().unwrap();
    let mut seen = Vec::new();
    let mut byte = [0];
    // Once it has said that it stops, it listens for the second.
    while !String::from_utf8_lossy(&seen).contains("once more stops at once") {
        assert_eq!(said.read(&mut byte).unwrap(), 1, "it ended first");
        seen.push(byte[0]);
    }
    kill(&apply, "INT");
    assert_eq!(apply.wait().unwrap().code(), Some(130));

    // The server gave up the request with the connection: it is done again once that is certain.
    place
        .certctl("apply --auto-approve --settle-timeout 1s")
        .ok();
    let status = place.certctl("status --format json").ok().json();
    assert_eq!(status["certificates"].as_array().unwrap().len(), 2);
}

fn kill(process: &std::process::Child, signal: &str) {
    let sent = Command::new("kill")
        .args([format!("-{signal}"), process.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
}

/// Waits until the sandbox has answered this many requests.
pub(crate) fn wait_for(server: &Server, requests: usize) {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let log = crate::http::get(&server.control("/sandbox/log"));
        let entries = log["entries"].as_array().unwrap();
        if entries
            .iter()
            .filter(|entry| entry["cause"] == "request")
            .count()
            >= requests
        {
            return;
        }
        assert!(Instant::now() < until, "{log}");
        std::thread::yield_now();
    }
}
