//! What is shown of the devices, where, and what never is.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::fleet::{EVIDENCE, Fleet, NEW, OLD, PERSONAL, SOON_ENOUGH, TOO_SOON, evidence, group};

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
