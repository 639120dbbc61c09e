//! What cannot be written is an error, of whatever command; a reader who has gone is none.
#![cfg(unix)]

use std::fs::OpenOptions;
use std::process::Stdio;

use crate::support::Place;

/// Every command that writes to stdout.
const COMMANDS: [&str; 24] = [
    "validate",
    "validate --format json",
    "plan",
    "plan --format json",
    "plan --format markdown",
    "plan --out -",
    "apply --auto-approve",
    "apply --auto-approve --format json",
    "status",
    "status --format json",
    "status --format prometheus",
    "forecast --until 1y",
    "pem acme/inspection",
    "explain acme/inspection",
    "history",
    "history --format json",
    "state list",
    "state show acme/inspection",
    "state pull",
    "schema",
    "schema state",
    "completions bash",
    "man",
    "plan --help",
];

fn exit(place: &Place, line: &str, stdout: Stdio) -> (Option<i32>, String) {
    let output = place
        .command(env!("CARGO_BIN_EXE_certctl"))
        .args(line.split_whitespace())
        .stdout(stdout)
        .output()
        .unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn a_full_disk_is_an_error_and_a_closed_pipe_is_none() {
    let mut place = Place::with_example("quickstart");
    let _server = place.serve("--deploy-delay 0s");
    place.certctl("apply --auto-approve").ok();
    for line in COMMANDS {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let (code, stderr) = exit(&place, line, full.into());
        assert_eq!(code, Some(1), "{line}: {stderr}");
        assert!(
            stderr.contains("error: cannot write to stdout: No space left on device"),
            "{line}: {stderr}"
        );

        let (usual, _) = exit(&place, line, Stdio::null());
        assert_ne!(usual, Some(1), "{line}");
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let (code, stderr) = exit(&place, line, writer.into());
        assert_eq!(code, usual, "{line}: {stderr}");
    }
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let (code, _) = exit(&place, "sandbox", full.into());
    assert_eq!(code, Some(1), "nobody could learn its address");
}

#[test]
fn a_plan_goes_to_stdout_as_it_would_to_a_file() {
    let place = Place::with_example("quickstart");
    let seen = place.certctl("plan --sandbox --out -").ok();
    assert_eq!(seen.json()["kind"], "plan");
    assert!(!place.path("-").exists());
    place.write("plan.json", &seen.stdout);
    place.certctl("apply plan.json --sandbox").ok();
}
