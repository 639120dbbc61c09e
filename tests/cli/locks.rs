//! Another run is at work on the account: who waits for it judges what is there when it has ended.

use std::fs::File;
use std::process::Stdio;

use crate::http;
use crate::signals::wait_for;
use crate::support::{Place, Server};

const ACCOUNT: &str = "699d98642c564d2e855e9661899b7252";

/// Takes the locks of a place, as another run would; dropped, they are free again.
pub(crate) fn take(place: &Place) -> Vec<File> {
    let mut locks = Vec::new();
    let mut open = vec![place.path(".certctl/state")];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "lock") {
                locks.push(File::options().write(true).open(path).unwrap());
            }
        }
    }
    assert!(!locks.is_empty());
    locks.iter().for_each(|lock| lock.lock().unwrap());
    locks
}

/// The configuration of the account, as somebody sets it.
fn configure(server: &Server, id: &str) {
    let path = server.control(&format!("/sandbox/accounts/{ACCOUNT}/configuration"));
    let settings = format!(r#"{{"certificate":{{"id":"{id}"}}}}"#);
    assert_eq!(http::send("PUT", &path, &settings), 200);
}

#[test]
fn who_waits_for_a_lock_judges_only_under_it() {
    let mut place = Place::with_example("quickstart");
    let server = place.serve("--deploy-delay 0s");
    place.certctl("apply --auto-approve").ok();
    let status = place.certctl("status --format json").ok().json();
    let rows = status["certificates"].as_array().unwrap();
    let used = rows.iter().find(|row| row["in_use"] == true).unwrap();
    let used = used["certificate_id"].as_str().unwrap();
    // Something is to be done, and what stands in its way is another run's work of the moment.
    place.edit(
        "certctl.yaml",
        "validity_period_days: 365",
        "validity_period_days: 400",
    );
    configure(&server, "0b0b0b0b-0000-4000-8000-000000000001");
    let locks = take(&place);
    let blocked = place.certctl("apply --auto-approve --settle-timeout 0s");
    assert_eq!(blocked.code, 1);
    assert!(
        blocked.stderr.contains("error[in_use_disputed]"),
        "{}",
        blocked.stderr
    );

    let before = requests(&server);
    let apply = place
        .command(env!("CARGO_BIN_EXE_certctl"))
        .args([
            "apply",
            "--auto-approve",
            "--settle-timeout",
            "0s",
            "--lock-timeout",
            "5m",
            "--format",
            "json",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Its plan is made, and blocked; it waits for the lock, or is about to.
    wait_for(&server, before + 2);
    configure(&server, used);
    drop(locks);
    let ended = apply.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stdout).unwrap();
    assert_eq!(ended.status.code(), Some(0), "{said}");
    let report: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(report["applied"], 1, "{said}");
    assert!(!said.contains("in_use_disputed"), "{said}");
}

#[test]
fn a_lock_that_stays_held_leaves_what_the_plan_said() {
    let mut place = Place::with_example("quickstart");
    let _server = place.serve("--deploy-delay 0s");
    place.certctl("apply --auto-approve").ok();
    place.edit(
        "certctl.yaml",
        "validity_period_days: 365",
        "validity_period_days: 400",
    );
    let _locks = take(&place);
    let seen = place.certctl("apply --auto-approve --lock-timeout 1s");
    assert_eq!(seen.code, 1);
    assert!(seen.stderr.contains("is held by"), "{}", seen.stderr);
}

/// How many requests the sandbox has answered.
fn requests(server: &Server) -> usize {
    let log = http::get(&server.control("/sandbox/log"));
    let entries = log["entries"].as_array().unwrap().iter();
    entries.filter(|entry| entry["cause"] == "request").count()
}
