//! What `forecast` says will happen is what daily runs then do.

use certctl_model::{Period, Timestamp};
use serde_json::Value;

use crate::http::{get, send};
use crate::support::{Place, Seen};

const ACCOUNT: &str = "699d98642c564d2e855e9661899b7252";

fn start() -> Timestamp {
    "2030-01-01T00:00:00Z".parse().unwrap()
}

fn spec(certificates: &str) -> String {
    format!(
        "version: 1\naccounts:\n  - name: acme\n    account_id: {ACCOUNT}\n    certificates:\n{certificates}"
    )
}

/// A place with a spec of these certificates, and a clock that stands at the start.
fn place(certificates: &str) -> Place {
    let mut place = Place::new();
    place.write("certctl.yaml", &spec(certificates));
    place.set("CERTCTL_NOW", &start().to_string());
    place
}

/// Each finding as `code whom: hint`.
fn findings(seen: &Seen) -> Vec<String> {
    assert_eq!(seen.code, 2, "{}{}", seen.stdout, seen.stderr);
    let document = seen.json();
    let findings = document["findings"].as_array().unwrap();
    let told = findings.iter().map(|found| {
        let whom = found["address"].as_str().or(found["account"].as_str());
        let text = |key: &str| found[key].as_str().unwrap().to_owned();
        format!("{} {}: {}", text("code"), whom.unwrap(), text("hint"))
    });
    told.collect()
}

/// What was forecast, as (day, event), sorted; the sandbox's log tells no expiries.
fn forecast(document: &Value) -> Vec<(String, String)> {
    let mut events: Vec<_> = document["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| {
            let text = |key: &str| event[key].as_str().unwrap().to_owned();
            (text("at")[..10].to_owned(), text("event"))
        })
        .filter(|(_, event)| event != "expire")
        .collect();
    events.sort();
    events
}

/// What the sandbox saw of it, in the same words; it knows ids and no addresses.
fn happened(log: &Value, until: Timestamp) -> Vec<(String, String)> {
    let mut events = Vec::new();
    for entry in log["entries"].as_array().unwrap() {
        for effect in entry["effects"].as_array().unwrap() {
            let at: Timestamp = effect["at"].as_str().unwrap().parse().unwrap();
            let at = Period::HOUR.after(at);
            let word = match (effect["effect"].as_str().unwrap(), effect["to"].as_str()) {
                ("created", _) => "create",
                ("status", Some("pending_deployment")) => "activate",
                ("status", Some("available")) => "available",
                ("status", Some("pending_deletion")) => "deactivate",
                ("in_use", _) => "set_in_use",
                ("deleted", _) => "delete",
                _ => continue,
            };
            if at <= until {
                events.push((at.to_string()[..10].to_owned(), word.to_owned()));
            }
        }
    }
    events.sort();
    events
}

/// The server's clock goes on while a run is made, and the pinned one does not. It begins an hour late
/// and gains some seconds a day, so that what a run makes is a day old at the next one.
fn set_clock(clock: &str, at: Timestamp, day: u32) {
    let at = Period::seconds(3600 - 30 * day).before(at);
    assert_eq!(send("POST", clock, &format!(r#"{{"now":"{at}"}}"#)), 200);
}

#[test]
fn daily_runs_do_what_was_forecast() {
    const DAYS: u32 = 90;
    let mut place = place(
        "      - name: inspection\n        validity_period_days: 30\n        in_use: true\n        \
         rotation: { renew_before: 10d, trust_period: 2d, retire_after: 3d }\n      \
         - name: standby\n        validity_period_days: 20\n        \
         rotation: { renew_before: 5d, trust_period: 1d, retire_after: 1d }\n      \
         - name: third\n        validity_period_days: 45\n        activate: false\n        \
         rotation: { renew_before: 9d }\n      \
         - name: fourth\n        validity_period_days: 50\n        \
         rotation: { renew_before: 9d, retire_after: 20d }\n      \
         - name: fifth\n        validity_period_days: 25\n",
    );
    let server = place.serve("--deploy-delay 0s");
    let clock = server.control("/sandbox/clock");
    let at = |day: u32| Period::days(day).after(start());
    set_clock(&clock, at(0), 0);
    let said = place.certctl(&format!("forecast --until {DAYS}d --format json"));
    // Five at once are two more than a day allows, and nobody renews the fifth.
    assert_eq!(findings(&said).len(), 2, "{}", said.stdout);
    let said = forecast(&said.json());
    let mut days: Vec<&str> = said.iter().map(|(day, _)| day.as_str()).collect();
    days.dedup();
    // On the other days nothing was due, and a plan says so: enough to look at some.
    for day in 0..=DAYS {
        let now = at(day).to_string();
        place.set("CERTCTL_NOW", &now);
        set_clock(&clock, at(day), day);
        if days.contains(&&now[..10]) {
            place.certctl("apply --auto-approve").ok();
        } else {
            let planned = place.certctl("plan --detailed-exitcode --format json");
            assert_eq!(planned.code, 0, "{now}: {}", planned.stdout);
        }
    }
    let end = Period::HOUR.after(at(DAYS));
    let happened = happened(&get(&server.control("/sandbox/log")), end);
    assert_eq!(happened, said);
}

#[test]
fn what_exists_is_where_it_starts() {
    let mut place = place("      - name: inspection\n        in_use: true\n");
    let _server = place.serve("--deploy-delay 0s");
    place.certctl("apply --auto-approve").ok();
    let found = findings(&place.certctl("forecast --format json"));
    assert_eq!(
        found,
        ["in_use_expires acme/inspection: declare `rotation.renew_before`, longer than 9d"]
    );
}

#[test]
fn bad_policies_are_found_before_anything_exists() {
    let offline =
        |certificates: &str| place(certificates).certctl("forecast --offline --format json");
    let found = findings(&offline("      - name: inspection\n        in_use: true\n"));
    assert_eq!(
        found,
        ["in_use_expires acme/inspection: declare `rotation.renew_before`, longer than 9d"]
    );

    let several = |n: u32| -> String {
        let one = |n| {
            format!(
                "      - name: c{n:02}\n        validity_period_days: {}\n        rotation: {{ renew_before: 90d }}\n",
                400 - (n / 3)
            )
        };
        (0..n).map(one).collect()
    };
    // Ten fit, and leave no slot for a successor; what is more is an error of the spec.
    let found = findings(&offline(&several(10)));
    assert!(
        found
            .iter()
            .any(|f| f.starts_with("available_cap acme/c00: declare `activate: false`")),
        "{found:#?}"
    );
    let refused = offline(&several(12));
    assert_eq!(refused.code, 1);
    assert!(
        refused.stderr.contains("error[available_cap]"),
        "{}",
        refused.stderr
    );
    let found = findings(&offline(&several(4)));
    assert!(
        found.contains(
            &"creation_quota acme: give them different `rotation.renew_before`, days apart, so that at \
              most three are created in 24 hours"
                .to_owned()
        ),
        "{found:#?}"
    );
}

#[test]
fn periods_that_contradict_each_other_are_errors_of_the_spec() {
    for (certificate, field) in [
        (
            "      - name: a\n        rotation: { renew_before: 5d, trust_period: 7d }\n",
            "`trust_period`",
        ),
        (
            "      - name: a\n        validity_period_days: 1\n        rotation: { renew_before: 90d }\n",
            "`renew_before`",
        ),
    ] {
        let seen = place(certificate).certctl("forecast --offline");
        assert_eq!(seen.code, 1);
        assert!(seen.stderr.contains(field), "{}", seen.stderr);
    }
}

#[test]
fn a_person_sees_findings_bars_and_events() {
    let place = place(
        "      - name: inspection\n        validity_period_days: 200\n        in_use: true\n        \
         rotation: { renew_before: 30d }\n",
    );
    // Without redaction: the clock is pinned, and no id exists yet.
    let seen = place.certctl("forecast --offline --until 1y").ok();
    insta::assert_snapshot!("forecast", seen.stdout);
}

#[test]
fn spans_that_mean_nothing_are_refused() {
    let place = place("      - name: a\n        rotation: { renew_before: 30d }\n");
    for (arguments, word) in [
        ("--until 2029-01-01", "`--until`"),
        ("--until tomorrow", "--until"),
        ("--every 1s", "`--every`"),
        ("--every 1m --until 100y", "runs"),
    ] {
        let seen = place.certctl(&format!("forecast --offline {arguments}"));
        assert_eq!(seen.code, 1, "{arguments}");
        assert!(seen.stderr.contains(word), "{arguments}: {}", seen.stderr);
    }
}
