//! Who moved in-use, or made a certificate, by Cloudflare's audit log: asked once, and only then.

use certctl_model::{Period, Timestamp};
use serde_json::{Value, json};

use crate::http;
use crate::support::{Place, Server};

const ACCOUNT: &str = "699d98642c564d2e855e9661899b7252";
const SPEC: &str = "version: 1
accounts:
  - name: acme
    account_id: 699d98642c564d2e855e9661899b7252
    adopt: never
    certificates:
      - name: inspection
        validity_period_days: 365
        in_use: true
";

/// An account with one certificate in use.
fn place() -> (Place, Server) {
    let mut place = Place::new();
    place.write("certctl.yaml", SPEC);
    let server = place.serve("--deploy-delay 0s");
    (place, server)
}

/// What a colleague does in the dashboard.
fn by_hand(server: &Server, method: &str, what: &str, body: &Value) {
    let path = server.control(&format!("/sandbox/accounts/{ACCOUNT}/{what}"));
    assert_eq!(http::send(method, &path, &body.to_string()), 200);
}

/// Sets the sandbox's clock, which says what this machine's does until then.
fn clock(server: &Server, moved: impl Fn(Timestamp) -> Timestamp) {
    let path = server.control("/sandbox/clock");
    let now = http::get(&path)["now"].as_str().unwrap().parse().unwrap();
    let body = json!({ "now": moved(now).to_string() }).to_string();
    assert_eq!(http::send("POST", &path, &body), 200);
}

/// How often the audit log was asked.
fn asked(server: &Server) -> usize {
    let log = http::get(&server.control("/sandbox/log"));
    let entries = log["entries"].as_array().unwrap().iter();
    let path = |entry: &&Value| entry["path"].as_str().unwrap().contains("/logs/audit?");
    entries.filter(path).count()
}

/// The messages of this code in a plan, and how a plan that is saved is read back.
fn said(place: &Place) -> Vec<String> {
    let plan = place
        .certctl("plan --settle-timeout 0s --format json --out plan.json")
        .json();
    let read = place.certctl("show plan.json");
    assert_eq!(read.code, 0, "{}", read.text());
    let diagnostics = plan["diagnostics"].as_array().unwrap().iter();
    diagnostics
        .filter(|said| said["code"] == "who_did_it")
        .map(|said| {
            assert_eq!(said["severity"], "warning");
            assert_eq!(said["address"], "acme/inspection");
            said["message"].as_str().unwrap().to_owned()
        })
        .collect()
}

/// Somebody else sets a certificate of theirs in use; certctl had set its own.
fn moved() -> (Place, Server) {
    let (place, server) = place();
    place.certctl("apply --auto-approve").ok();
    assert_eq!(asked(&server), 0);
    // The log tells whole seconds apart.
    http::send(
        "POST",
        &server.control("/sandbox/clock"),
        r#"{"advance_seconds":30}"#,
    );
    let theirs =
        json!({ "binding_status": "available", "in_use": true, "validity_period_days": 90 });
    by_hand(&server, "POST", "certificates", &theirs);
    (place, server)
}

#[test]
fn who_moved_in_use_is_named() {
    let (place, server) = moved();
    let seen = place.certctl("plan --settle-timeout 0s");
    assert_eq!(seen.code, 1, "{}", seen.text());
    assert_eq!(asked(&server), 1);
    insta::assert_snapshot!(seen.text());
    let applied = place.certctl("apply --auto-approve --format json --settle-timeout 0s");
    assert_eq!(applied.code, 1);
    assert_eq!(asked(&server), 2);
    let report = applied.json();
    let codes: Vec<&str> = report["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|said| said["code"].as_str().unwrap())
        .collect();
    assert!(codes.contains(&"who_did_it"), "{codes:?}");
}

#[test]
fn in_a_busy_account_it_is_still_one_request() {
    let (place, server) = moved();
    let (id, unused) = (
        "0b0b0b0b-0000-4000-8000-000000000001",
        json!({ "binding_status": "inactive" }),
    );
    let mut seed = unused;
    seed["id"] = json!(id);
    // Each is a change that is newer than the one that matters.
    for _ in 0..60 {
        by_hand(&server, "POST", "certificates", &seed);
        by_hand(&server, "DELETE", &format!("certificates/{id}"), &json!({}));
    }
    let said = said(&place);
    assert!(said[0].starts_with("Gateway was switched to "), "{said:?}");
    assert_eq!(asked(&server), 1);
}

#[test]
fn what_the_log_says_is_any_text() {
    let (place, server) = moved();
    let name = format!("x\u{1b}[2J\n::error::forged {}", "long".repeat(500));
    let colleague = json!({ "email": name, "ip_address": "a-token-for-tests" });
    by_hand(&server, "PUT", "colleague", &colleague);
    let seen = place.certctl("plan --settle-timeout 0s");
    let warning = seen
        .stderr
        .lines()
        .find(|line| line.contains("who_did_it"))
        .unwrap();
    assert!(
        warning.contains("x\\u{1b}[2J\\u{a}::error::forged longlong"),
        "{warning}"
    );
    assert!(warning.len() < 600, "{warning}");
    assert!(
        !seen.text().contains("a-token-for-tests"),
        "{}",
        seen.text()
    );
    for line in seen.text().lines() {
        assert!(!line.starts_with("::"), "{line}");
        assert!(!line.contains('\u{1b}'), "{line}");
    }
}

#[test]
fn a_log_that_may_not_be_read_stops_nothing() {
    let (place, server) = moved();
    let mut fault = json!({
        "kind": "status", "method": "GET", "path_ends_with": "/logs/audit", "status": 403,
        "body": { "success": false, "errors": [{ "code": 10000, "message": "Authentication error" }],
            "messages": [], "result": null },
    });
    let faults = server.control("/sandbox/faults");
    assert_eq!(http::send("POST", &faults, &fault.to_string()), 200);
    let before = asked(&server);
    let seen = said(&place);
    assert_eq!(
        seen,
        ["the token may not read the audit log, which would say who did it"]
    );
    assert_eq!(asked(&server), before + 1);
    for (status, body) in [
        (500, json!("")),
        (
            200,
            json!({ "success": true, "errors": [],
        "messages": [], "result": [{ "action": 7 }, null, {}] }),
        ),
    ] {
        fault["status"] = json!(status);
        fault["body"] = body;
        assert_eq!(http::send("POST", &faults, &fault.to_string()), 200);
        let before = asked(&server);
        assert!(said(&place).is_empty(), "{status}");
        assert_eq!(asked(&server), before + 1, "{status}");
    }
}

#[test]
fn who_made_what_fits_a_lost_create_is_named() {
    let (place, server) = place();
    let fault = r#"{"kind":"reset_before","method":"POST","path_ends_with":"/certificates"}"#;
    http::send("POST", &server.control("/sandbox/faults"), fault);
    let lost = place.certctl("apply --auto-approve --wait-timeout 1s --settle-timeout 1h");
    assert_eq!(lost.code, 1, "{}", lost.text());
    assert_eq!(asked(&server), 0);
    let create = format!("{}/accounts/{ACCOUNT}/gateway/certificates", server.url);
    assert_eq!(
        http::send("POST", &create, r#"{"validity_period_days":365}"#),
        200
    );
    by_hand(
        &server,
        "POST",
        "certificates",
        &json!({ "validity_period_days": 365 }),
    );
    let seen = said(&place);
    assert_eq!(asked(&server), 1);
    assert_eq!(seen.len(), 2, "{seen:?}");
    let has = |words: &str| seen.iter().any(|one| one.contains(words));
    assert!(
        has("was made with the API token sandbox from 198.51.100.7 at "),
        "{seen:?}"
    );
    let explained = place.certctl("explain acme/inspection").ok().stdout;
    assert!(explained.contains("warning[who_did_it]: "), "{explained}");
    assert_eq!(asked(&server), 2);
    assert!(
        has("was made by colleague@example.com in the dashboard from 203.0.113.9 at "),
        "{seen:?}"
    );
}

#[test]
fn who_made_what_is_younger_than_the_state_is_named() {
    let (place, server) = place();
    // Clocks may differ by five minutes: what is younger than the state by more is younger by any.
    clock(&server, |now| Period::seconds(240).before(now));
    place.certctl("apply --auto-approve").ok();
    clock(&server, |now| Period::seconds(480).after(now));
    by_hand(
        &server,
        "POST",
        "certificates",
        &json!({ "validity_period_days": 365 }),
    );
    place.edit(
        "certctl.yaml",
        "- name: inspection",
        "- { name: new, validity_period_days: 365 }\n      - name: inspection",
    );
    let plan = place.certctl("plan");
    assert!(
        plan.stderr.contains("error[stale_state]"),
        "{}",
        plan.text()
    );
    assert!(
        plan.stderr
            .contains("was made by colleague@example.com in the dashboard"),
        "{}",
        plan.text()
    );
    assert_eq!(asked(&server), 1);
}
