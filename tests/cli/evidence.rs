//! `rotation.trust_evidence`: a switch waits until enough devices had the time to fetch the certificate;
//! what is shown of them are counts, and nothing else.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::http::{get, send};
use crate::support::{Place, Server};

const ACCOUNT: &str = "699d98642c564d2e855e9661899b7252";
/// What every device of the sandbox has in each of its personal fields, and in the cursor of a page.
const PERSONAL: [&str; 9] = [
    "anna-private",
    "private.example",
    "Anna Private",
    "SERIALPRIVATE",
    "02:00:5e",
    "203.0.113.",
    "hardware-private",
    "Private M",
    "de51ce00",
];

/// An account of which the successor is available since 2027-01-05T04:00:00Z.
struct Fleet {
    place: Place,
    server: Server,
}

impl Fleet {
    fn rotating(rotation: &str) -> Self {
        Self::from_days(1825, rotation)
    }

    /// What Gateway uses is valid for so many days from 2027-01-04 on, its successor for 730.
    fn from_days(days: u32, rotation: &str) -> Self {
        let mut place = Place::new();
        place.write("certctl.yaml", &spec(days, rotation));
        let server = place.serve("--deploy-delay 0s --inspects");
        let mut fleet = Self { place, server };
        fleet.at("2027-01-04T04:00:00Z");
        fleet.place.certctl("apply --auto-approve").ok();
        fleet.at("2027-01-05T04:00:00Z");
        fleet.place.write("certctl.yaml", &spec(730, rotation));
        fleet.place.certctl("apply --auto-approve").ok();
        fleet
    }

    fn at(&mut self, now: &str) {
        self.place.set("CERTCTL_NOW", now);
        let clock = self.server.control("/sandbox/clock");
        assert_eq!(send("POST", &clock, &format!(r#"{{"now":"{now}"}}"#)), 200);
    }

    fn devices(&self, settings: &Value) {
        let path = format!("/sandbox/accounts/{ACCOUNT}/devices");
        let status = send("PUT", &self.server.control(&path), &settings.to_string());
        assert_eq!(status, 200, "{settings}");
    }

    fn plan(&self, options: &str) -> Value {
        let line = format!("plan --format json {options}");
        self.place.certctl(&line).ok().json()
    }

    /// How many pages of the list of devices were asked for until now.
    fn pages(&self) -> usize {
        let log = get(&self.server.control("/sandbox/log"));
        let entries = log["entries"].as_array().unwrap().iter();
        let asked = |entry: &&Value| {
            let path = entry["path"].as_str().unwrap_or_default();
            entry["cause"] == "request" && path.contains("/devices/physical-devices")
        };
        entries.filter(asked).count()
    }
}

fn spec(days: u32, rotation: &str) -> String {
    format!(
        "version: 1\naccounts:\n  - name: acme\n    account_id: {ACCOUNT}\n    certificates:\n      \
         - {{ name: inspection, in_use: true, validity_period_days: {days}, rotation: {{ {rotation} }} }}\n"
    )
}

fn group(count: usize, platform: &str, version: &str, seen: &str) -> Value {
    json!({"count": count, "device_type": platform, "client_version": version, "last_seen_at": seen})
}

const NEW: &str = "2025.2.600.0";
const OLD: &str = "2024.11.309.0";
/// A second before, and as soon as, a device had the time to fetch the successor.
const TOO_SOON: &str = "2027-01-06T03:59:59Z";
const SOON_ENOUGH: &str = "2027-01-06T04:00:00Z";
const EVIDENCE: &str = "trust_evidence: { seen: 98%, active_within: 30d }";

/// What the plan says of the successor's evidence.
fn evidence(plan: &Value) -> Value {
    let held = plan["changes"][0]["certificates"].as_array().unwrap();
    let successor = held.iter().find(|held| held["role"] == "successor");
    successor.map_or(Value::Null, |held| held["evidence"].clone())
}

fn code(plan: &Value) -> Vec<&str> {
    let found = plan["diagnostics"].as_array().unwrap().iter();
    found.map(|found| found["code"].as_str().unwrap()).collect()
}

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
fn evidence_is_shown_where_it_is_asked_for_and_nothing_waits_for_it() {
    let mut fleet = Fleet::rotating("trust_period: 7d");
    fleet.devices(&json!({"devices": [
        group(1, "windows", NEW, SOON_ENOUGH),
        group(3959, "windows", NEW, TOO_SOON),
    ]}));
    fleet.at("2027-01-13T04:00:00Z");
    let plain = fleet.plan("");
    assert_eq!(evidence(&plain), Value::Null);
    let asked = fleet.plan("--evidence");
    let counts =
        json!({"active": 3960, "seen": 1, "not_seen": 3959, "old_clients": 0, "needs_mdm": 0});
    assert_eq!(evidence(&asked), counts);
    assert_eq!(asked["digest"], plain["digest"], "it decides nothing");
    assert_eq!(asked["has_changes"], true);

    fleet.devices(&json!({"readable": false}));
    let denied = fleet.plan("--evidence");
    assert_eq!(evidence(&denied), Value::Null);
    assert_eq!(denied["digest"], plain["digest"]);
    assert_eq!(denied["applyable"], true);
    let said = denied["diagnostics"][0].to_string();
    assert!(said.contains("Zero Trust: Devices Read"), "{said}");
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
fn a_plan_of_another_moment_shows_the_devices_of_now() {
    let mut fleet = Fleet::rotating(EVIDENCE);
    fleet.devices(&json!({"devices": [
        group(3, "windows", NEW, SOON_ENOUGH),
        group(1, "windows", NEW, TOO_SOON),
    ]}));
    fleet.at("2027-01-13T04:00:00Z");
    // By then no device would have been seen within 30 days, and none would be waited for.
    let plan = fleet.plan("--at 2027-05-01T00:00:00Z");
    assert_eq!(evidence(&plan)["active"], 4);
    assert_eq!(plan["changes"][0]["waiting"]["for"], "evidence");
}

#[test]
fn the_doctor_says_whether_devices_can_be_counted() {
    let fleet = Fleet::rotating(EVIDENCE);
    fleet.devices(&json!({"devices": [group(3, "windows", NEW, SOON_ENOUGH)]}));
    let seen = fleet.place.certctl("doctor --log-level trace");
    assert!(!seen.text().contains("anna-private"), "{}", seen.text());
    let line = |seen: &crate::support::Seen| {
        let lines: Vec<&str> = seen.stdout.lines().collect();
        let at = lines.iter().position(|line| line.contains("count devices"));
        lines[at.unwrap()..]
            .iter()
            .take(2)
            .copied()
            .collect::<String>()
    };
    assert!(line(&seen).contains("allowed"), "{}", seen.stdout);
    fleet.devices(&json!({"readable": false}));
    let denied = line(&fleet.place.certctl("doctor"));
    assert!(
        denied.contains("not allowed") && denied.contains("Zero Trust: Devices Read"),
        "{denied}"
    );
}

#[test]
fn nothing_of_a_device_is_shown_logged_or_kept() {
    let mut fleet = Fleet::rotating(EVIDENCE);
    fleet.devices(&json!({"devices": [
        group(150, "windows", NEW, SOON_ENOUGH),
        group(120, "windows", NEW, TOO_SOON),
    ]}));
    fleet.at("2027-01-13T04:00:00Z");
    let mut seen = String::new();
    for command in [
        "plan",
        "plan --out plan.json",
        "plan --evidence --format json",
        "plan --format markdown",
        "status",
        "status --format json",
        "status --format prometheus",
        "status --check",
        "apply --auto-approve --audit-log audit.log",
        "apply plan.json --format json",
        "history",
        "state pull",
    ] {
        let said = fleet.place.certctl(&format!("{command} --log-level trace"));
        let _ = write!(seen, "{}{}", said.stdout, said.stderr);
    }
    assert!(seen.contains("150 of 270 devices had the time to fetch it (55.6 %)"));
    assert!(seen.contains("physical-devices"), "requests are in the log");
    // The sandbox's own directory holds what the API knows.
    let files = std::process::Command::new("grep")
        .args(["-rlE", "--exclude-dir=server", &PERSONAL.join("|"), "."])
        .current_dir(fleet.place.path("."))
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&files.stdout), "");
    for personal in PERSONAL {
        assert!(!seen.contains(personal), "{personal}: {seen}");
    }
}

#[test]
fn the_same_is_said_everywhere() {
    let mut fleet = Fleet::rotating(EVIDENCE);
    fleet.devices(&json!({"devices": [
        group(3912, "windows", NEW, SOON_ENOUGH),
        group(48, "windows", NEW, TOO_SOON),
        group(60, "windows", OLD, SOON_ENOUGH),
    ]}));
    fleet.at("2027-01-10T04:00:00Z");
    let said = "3,912 of 3,960 devices had the time to fetch it (98.8 %), 48 were not seen; apart from \
                these, 60 have an old client";
    for command in [
        "plan",
        "plan --format markdown",
        "status",
        "explain acme/inspection",
    ] {
        let seen = fleet.place.certctl(command).ok().stdout;
        let line: Vec<&str> = seen.split_whitespace().collect();
        assert!(line.join(" ").contains(said), "{command}: {seen}");
    }
    let status = fleet.place.certctl("status --format json").ok().json();
    let rows = status["certificates"].as_array().unwrap();
    let successor = rows.iter().find(|row| row["role"] == "successor").unwrap();
    let counts =
        json!({"active": 4020, "seen": 3912, "not_seen": 48, "old_clients": 60, "needs_mdm": 0});
    assert_eq!(successor["evidence"], counts);
    let id = successor["certificate_id"].as_str().unwrap();
    let gauges = fleet
        .place
        .certctl("status --format prometheus")
        .ok()
        .stdout;
    for (group, number) in [
        ("seen", 3912),
        ("not_seen", 48),
        ("old_clients", 60),
        ("needs_mdm", 0),
    ] {
        let sample = format!(
            "certctl_evidence_devices{{account=\"acme\",address=\"acme/inspection\",certificate_id=\"{id}\",\
             role=\"successor\",type=\"gateway_managed\",group=\"{group}\"}} {number}\n"
        );
        assert!(gauges.contains(&sample), "{sample}{gauges}");
    }

    fleet.devices(&json!({"devices": [group(9, "windows", NEW, TOO_SOON)]}));
    fleet.at("2027-01-13T04:00:00Z");
    let status = fleet.place.certctl("status").ok();
    assert!(
        status.stdout.contains("it waits for more of the devices"),
        "{}",
        status.text()
    );
    assert!(
        status.stderr.contains("warning[trust_evidence]"),
        "{}",
        status.text()
    );
    let said = fleet.place.certctl("plan --format markdown").ok().stdout;
    assert!(
        said.contains("waits for more of the devices, then `set_in_use`"),
        "{said}"
    );
    fleet.devices(&json!({"devices": [group(9, "ios", NEW, SOON_ENOUGH)]}));
    let plan = fleet.place.certctl("plan").ok().stdout;
    assert!(
        plan.contains("no active device can fetch it by itself; 9 need device"),
        "{plan}"
    );
}

#[test]
fn the_shares_agree_with_an_independent_count() {
    let mut fleet = Fleet::rotating(EVIDENCE);
    fleet.at("2027-01-20T04:00:00Z");
    let mut groups = Vec::new();
    let (mut seen, mut late, mut old, mut mdm) = (0, 0, 0, 0);
    let mut size = 0;
    for platform in [
        "windows", "mac", "linux", "ios", "android", "chromeos", "toaster",
    ] {
        for version in [NEW, OLD, "2024.12.554.0", "2024.12.553.99", "?"] {
            for at in [
                "2026-12-21T03:59:59Z",
                "2026-12-21T04:00:00Z",
                TOO_SOON,
                SOON_ENOUGH,
                "2027-01-20T04:00:00Z",
            ] {
                size += 1;
                groups.push(group(size, platform, version, at));
                if at == "2026-12-21T03:59:59Z" {
                    continue;
                }
                let installs = ["windows", "mac", "linux"].contains(&platform);
                match (installs, version) {
                    (false, _) => mdm += size,
                    (true, OLD | "2024.12.553.99" | "?") => old += size,
                    _ if at >= SOON_ENOUGH => seen += size,
                    _ => late += size,
                }
            }
        }
    }
    fleet.devices(&json!({ "devices": groups }));
    let counts = json!({"active": seen + late + old + mdm, "seen": seen, "not_seen": late,
        "old_clients": old, "needs_mdm": mdm});
    assert_eq!(evidence(&fleet.plan("")), counts);
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
    fleet.place.certctl("apply --auto-approve");
    let plan = fleet.plan("");
    assert_eq!(plan["changes"][0]["waiting"]["for"], "retire_after");
}
