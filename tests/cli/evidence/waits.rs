//! How long a switch waits, and what that costs in requests.

use serde_json::{Value, json};

use super::fleet::{EVIDENCE, Fleet, NEW, OLD, SOON_ENOUGH, TOO_SOON, code, evidence, group, spec};
use crate::http::send;

#[test]
fn the_switch_waits_for_the_period_and_for_the_share() {
    let mut fleet = Fleet::rotating(EVIDENCE);
    let devices = |late: usize| {
        json!({"devices": [
            group(3800 + 112 - late, "windows", NEW, SOON_ENOUGH),
            group(late, "mac", NEW, TOO_SOON),
            group(48, "linux", NEW, "2027-01-04T12:00:00Z"),
            group(60, "windows", OLD, SOON_ENOUGH),
            group(7, "ios", NEW, SOON_ENOUGH),
            // Not active any more: seen 30 days and a second ago.
            group(500, "windows", NEW, "2026-12-14T03:59:59Z"),
            {"count": 9, "device_type": "windows", "client_version": NEW, "last_seen_at": null},
        ]})
    };
    fleet.devices(&devices(112));
    fleet.at("2027-01-11T04:00:00Z");
    let plan = fleet.plan("");
    assert_eq!(plan["changes"][0]["waiting"]["for"], "trust_period");
    fleet.at("2027-01-13T04:00:00Z");
    let plan = fleet.plan("");
    let counts =
        json!({"active": 4027, "seen": 3800, "not_seen": 160, "old_clients": 60, "needs_mdm": 7});
    assert_eq!(evidence(&plan), counts);
    assert_eq!(
        plan["changes"][0]["waiting"],
        json!({"until": null, "for": "evidence", "next": "set_in_use"})
    );
    assert_eq!(code(&plan), ["trust_evidence"]);
    assert_eq!(plan["has_changes"], false, "{plan:#}");
    fleet
        .place
        .certctl("apply --only rotation --auto-approve")
        .ok();
    assert_eq!(fleet.plan("")["changes"][0]["waiting"]["for"], "evidence");

    fleet.devices(&devices(0));
    let plan = fleet.plan("");
    let counts =
        json!({"active": 4027, "seen": 3912, "not_seen": 48, "old_clients": 60, "needs_mdm": 7});
    assert_eq!(evidence(&plan), counts);
    assert_eq!(plan["has_changes"], true, "{plan:#}");
    fleet
        .place
        .certctl("apply --only rotation --auto-approve")
        .ok();
    assert_eq!(
        fleet.plan("")["changes"][0]["waiting"]["for"],
        "retire_after"
    );
}

#[test]
fn devices_are_read_only_where_a_switch_waits_and_once_a_run() {
    let renewed = format!("renew_before: 30d, {EVIDENCE}");
    let mut fleet = Fleet::rotating(&renewed);
    fleet.devices(&json!({"devices": [group(250, "windows", NEW, SOON_ENOUGH)]}));
    fleet.at("2027-01-11T04:00:00Z");
    let before = fleet.pages();
    for (command, pages) in [
        ("plan", 3),
        ("status", 3),
        ("apply --auto-approve", 3),
        ("explain acme/inspection", 3),
        ("forecast", 0),
        ("pem acme/inspection", 0),
        ("plan --evidence", 3),
    ] {
        let before = fleet.pages();
        fleet.place.certctl(command).ok();
        assert_eq!(fleet.pages() - before, pages, "{command}");
    }
    assert!(fleet.pages() > before);
    // The run that switches: it plans twice and more, and counts once.
    fleet.at("2027-01-13T04:00:00Z");
    let before = fleet.pages();
    fleet.place.certctl("apply --auto-approve").ok();
    assert_eq!(fleet.pages() - before, 3);
    let before = fleet.pages();
    for command in ["plan", "status", "apply --auto-approve"] {
        fleet.place.certctl(command).ok();
    }
    assert_eq!(fleet.pages(), before, "nothing is to be switched");

    // Nothing is declared: nobody asks.
    let mut fleet = Fleet::rotating("trust_period: 7d");
    fleet.devices(&json!({"devices": [group(250, "windows", NEW, SOON_ENOUGH)]}));
    fleet.at("2027-01-11T04:00:00Z");
    fleet.place.certctl("plan").ok();
    assert_eq!(fleet.pages(), 0);
}

#[test]
fn a_list_that_cannot_be_read_is_waited_for_with_its_deadline() {
    let mut fleet = Fleet::rotating(EVIDENCE);
    fleet.devices(&json!({"devices": [group(250, "windows", NEW, SOON_ENOUGH)]}));
    fleet.at("2027-01-13T04:00:00Z");
    fleet.devices(&json!({"readable": false}));
    let plan = fleet.plan("");
    assert_eq!(plan["changes"][0]["waiting"]["for"], "evidence");
    let said = plan["diagnostics"][0].to_string();
    for words in [
        "Zero Trust: Devices Read",
        "at 2032-01-01T",
        "as the last resort",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    fleet.place.certctl("apply --auto-approve").ok();

    fleet.devices(&json!({"readable": true}));
    // A page that breaks the list off: what was counted before counts for nothing.
    let fault = r#"{"kind": "status", "path_ends_with": "physical-devices", "status": 400, "nth": 2,
        "body": {"success": false, "errors": [{"code": 1, "message": "of anna-private-laptop-3"}]}}"#;
    let faults = fleet.server.control("/sandbox/faults");
    assert_eq!(send("POST", &faults, fault), 200);
    let seen = fleet
        .place
        .certctl("plan --format json --log-level debug")
        .ok();
    let plan = seen.json();
    assert_eq!(evidence(&plan), Value::Null);
    assert_eq!(plan["changes"][0]["waiting"]["for"], "evidence");
    assert!(!seen.text().contains("anna-private"), "{}", seen.text());
    assert_eq!(fleet.plan("")["has_changes"], true);
}

#[test]
fn expiry_beats_evidence_and_says_so() {
    let mut fleet = Fleet::from_days(365, EVIDENCE);
    fleet.devices(&json!({"devices": [
        group(100, "windows", NEW, "2027-12-20T00:00:00Z"),
        group(900, "windows", NEW, "2027-01-05T12:00:00Z"),
    ]}));
    let evidence = "trust_evidence: { seen: 98%, active_within: 400d }";
    fleet.place.write("certctl.yaml", &spec(730, evidence));
    fleet.at("2027-12-20T04:00:00Z");
    let plan = fleet.place.certctl("plan --format json").json();
    assert_eq!(plan["has_changes"], true, "it is to be accepted: {plan:#}");
    let seen = fleet.place.certctl("apply --auto-approve");
    assert_eq!(seen.code, 1, "{}", seen.text());
    assert!(
        seen.text().contains("error[expires_first]"),
        "{}",
        seen.text()
    );
    let plan = fleet.place.certctl("plan --format json").json();
    assert_eq!(plan["changes"][0]["waiting"]["for"], "evidence", "{plan:#}");
    assert_eq!(plan["has_changes"], false);

    fleet.at("2028-01-03T00:00:00Z");
    let seen = fleet.place.certctl("plan --format json");
    let plan = seen.json();
    assert_eq!((seen.code, &plan["has_changes"]), (1, &json!(true)));
    let said = plan["diagnostics"].to_string();
    assert!(
        said.contains("before 98% of the devices were seen"),
        "{said}"
    );
    // The run that does it says so to the end: somebody has to know.
    let seen = fleet.place.certctl("apply --auto-approve --format json");
    assert_eq!(seen.code, 1, "{}", seen.text());
    let report = seen.json();
    assert_eq!(report["failed"], 0, "{report:#}");
    let said = report["diagnostics"].as_array().unwrap().iter();
    assert_eq!(said.filter(|one| one["code"] == "last_resort").count(), 1);
    let plan = fleet.plan("");
    assert_eq!(plan["changes"][0]["waiting"]["for"], "retire_after");
    fleet.place.certctl("apply --auto-approve").ok();
}
