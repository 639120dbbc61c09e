//! What the auditor finds after a run.

use serde_json::Value;

use crate::http::send;
use crate::support::Place;

const TOKEN: &str = "v1.0-s3cr3t-t0ken-that-nobody-may-see";

fn records(place: &Place, arguments: &str) -> Vec<Value> {
    let history = place
        .certctl(&format!("history --format json {arguments}"))
        .ok()
        .json();
    assert_eq!(history["kind"], "history");
    history["records"].as_array().unwrap().clone()
}

#[test]
fn every_request_is_on_record() {
    let mut place = Place::with_example("quickstart");
    place.set("GITHUB_ACTOR", "ann");
    place.set("GITHUB_RUN_ID", "42");
    place.set("GITHUB_SHA", "c0ffee");
    let applied =
        place.certctl("apply --sandbox --auto-approve --reason OPS-7 --audit-log audit.jsonl");
    applied.ok();
    insta::assert_snapshot!("history", place.certctl("history --sandbox").ok().text());

    let all = records(&place, "--sandbox");
    for record in &all {
        assert_eq!(record["reason"], "OPS-7");
        assert_eq!(record["actor"]["run"], "42");
        assert_eq!(record["actor"]["commit"], "c0ffee");
        assert_eq!(record["outcome"], "done");
        assert!(record["audit_log_id"].is_string(), "{record}");
        assert!(record["fingerprint"].is_string(), "{record}");
        assert!(record["status"].as_u64().unwrap() < 300);
    }
    let log = place.read("audit.jsonl");
    let logged: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(logged, all);

    // Nothing was done, so nothing is added; and what is there stays as it is.
    place.certctl("apply --sandbox --auto-approve").ok();
    assert_eq!(records(&place, "--sandbox"), all);
    let of_one = records(&place, "acme/standby --sandbox");
    assert_eq!(of_one.len(), 2);
    assert!(
        of_one
            .iter()
            .all(|record| record["address"] == "acme/standby")
    );
}

#[test]
fn what_was_before_and_what_digest_was_approved_are_on_record() {
    let place = Place::with_example("quickstart");
    place.certctl("plan --sandbox --out plan.json").ok();
    let plan: Value = serde_json::from_str(&place.read("plan.json")).unwrap();
    place.certctl("apply plan.json --sandbox").ok();
    let first = records(&place, "--sandbox");
    let used = |action: &str, address: &str| {
        let found = first
            .iter()
            .find(|r| r["action"] == action && r["address"] == address);
        found.unwrap().clone()
    };
    let activated = used("activate", "acme/standby");
    assert_eq!(activated["before"], "inactive");
    assert_eq!(activated["after"], "pending_deployment");
    assert_eq!(activated["digest"], plan["accounts"][0]["digest"]);
    let switched = used("set_in_use", "acme/inspection");
    assert_eq!(switched["before"], Value::Null);
    assert_eq!(switched["after"], switched["certificate_id"]);

    // The other one is declared in use.
    let text = place.read("certctl.yaml");
    let text = text
        .replace("in_use: true", "in_use: maybe")
        .replace("in_use: false", "in_use: true");
    let text = text.replace("        in_use: maybe\n", "");
    let hasty = "activate: true\n        rotation: { trust_period: 0s }";
    place.write("certctl.yaml", &text.replace("activate: true", hasty));
    place.certctl("apply --sandbox --auto-approve").ok();
    let last = records(&place, "--sandbox").pop().unwrap();
    assert_eq!(last["action"], "set_in_use");
    assert_eq!(last["before"], switched["after"]);
}

#[test]
fn what_was_refused_is_on_record_and_no_secret_is() {
    let mut place = Place::with_example("quickstart");
    let server = place.serve("--deploy-delay 50ms");
    place.set("CLOUDFLARE_API_TOKEN", TOKEN);
    let fault = r#"{"kind":"status","method":"POST","path_ends_with":"/activate","status":403,
        "body":{"success":false,"errors":[{"code":10000,"message":"no"}],"messages":[],"result":null}}"#;
    send("POST", &server.control("/sandbox/faults"), fault);
    let seen = place.certctl("apply --auto-approve --audit-log audit.jsonl");
    assert_eq!(seen.code, 1, "{}", seen.text());
    let all = records(&place, "");
    let refused: Vec<_> = all.iter().filter(|r| r["outcome"] == "refused").collect();
    assert_eq!(refused.len(), 1, "{all:?}");
    assert_eq!(refused[0]["action"], "activate");
    assert_eq!(refused[0]["status"], 403);
    assert!(refused[0]["error"].as_str().unwrap().contains("10000"));
    assert_eq!(refused[0]["after"], Value::Null);
    let text = format!("{all:?}{}", place.read("audit.jsonl"));
    assert!(!text.contains(TOKEN));
}

#[test]
fn a_record_that_cannot_be_written_stops_the_account_and_loses_nothing() {
    let place = Place::with_example("quickstart");
    // A file stands where the records' directory would be.
    std::fs::create_dir_all(place.path(".certctl/sandbox/state/sandbox")).unwrap();
    place.write(".certctl/sandbox/state/sandbox/audit", "");
    let seen = place.certctl("apply --sandbox --auto-approve --audit-log log");
    assert_eq!(seen.code, 1);
    assert!(seen.stderr.contains("audit"), "{}", seen.stderr);
    assert!(seen.stderr.contains("cannot create"), "{}", seen.stderr);
    // One request was made, and it is remembered.
    let log = place.read("log");
    let [line] = log.lines().collect::<Vec<_>>()[..] else {
        panic!("{log}");
    };
    let record: serde_json::Value = serde_json::from_str(line).unwrap();
    let list = place
        .certctl("state list --sandbox --format json")
        .ok()
        .json();
    assert_eq!(
        list["certificates"][0]["certificate_id"],
        record["certificate_id"]
    );
    std::fs::remove_file(place.path(".certctl/sandbox/state/sandbox/audit")).unwrap();
    place.certctl("apply --sandbox --auto-approve").ok();
    let creates = records(&place, "--sandbox")
        .iter()
        .filter(|r| r["action"] == "create")
        .count();
    assert_eq!(creates, 1, "the other one was on record in the log alone");
}

#[test]
fn a_log_that_could_hold_nothing_is_refused_before_anything_is_done() {
    let place = Place::with_example("quickstart");
    let seen = place.certctl("apply --sandbox --auto-approve --audit-log none/log");
    assert_eq!(seen.code, 1);
    assert!(seen.stderr.contains("nothing was done"), "{}", seen.stderr);
    assert!(records(&place, "--sandbox").is_empty());
}

#[test]
fn a_record_that_was_altered_is_pointed_at() {
    let place = Place::with_example("quickstart");
    place.certctl("apply --sandbox --auto-approve").ok();
    let folder =
        place.path(".certctl/sandbox/state/sandbox/audit/699d98642c564d2e855e9661899b7252");
    let first = std::fs::read_dir(folder)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    std::fs::write(&first, "{").unwrap();
    let seen = place.certctl("history --sandbox");
    assert_eq!(seen.code, 1);
    let name = first.file_name().unwrap().to_str().unwrap();
    assert!(seen.stderr.contains(name), "{}", seen.stderr);
    assert!(
        seen.stderr.contains("is not a whole audit record"),
        "{}",
        seen.stderr
    );
}

#[test]
fn the_cause_of_an_unknown_outcome_and_the_reason_are_shown() {
    let mut place = Place::with_example("quickstart");
    let server = place.serve("--deploy-delay 0s");
    let fault = r#"{"kind": "500_before", "method": "POST", "nth": 1, "times": 1}"#;
    assert_eq!(send("POST", &server.control("/sandbox/faults"), fault), 200);
    let line = "apply --auto-approve --settle-timeout 1s --reason INC-42";
    place.certctl(line).ok();
    let shown = place.certctl("history").ok().stdout;
    let unknown: Vec<&str> = shown.lines().filter(|l| l.contains("unknown")).collect();
    assert_eq!(unknown.len(), 1, "{shown}");
    assert!(unknown[0].contains("INC-42; POST"), "{shown}");
    assert!(unknown[0].contains("HTTP 500"), "{shown}");
}
