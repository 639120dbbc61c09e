//! What expires, what is overdue, and the same for a monitoring system.

use std::process::{Command, Stdio};

use crate::http;
use crate::support::{Place, Server};

const SPEC: &str = "version: 1
accounts:
  - name: acme
    account_id: 699d98642c564d2e855e9661899b7252
    certificates:
      - name: inspection
        validity_period_days: 365
        in_use: true
        rotation: { renew_before: 30d, trust_period: 7d, retire_after: 7d }
";

/// An account with one certificate in use, made on 2026-11-23: it expires a year later, less the
/// minutes by which Cloudflare antedates it.
fn place() -> (Place, Server) {
    let mut place = Place::new();
    place.write("certctl.yaml", SPEC);
    let server = place.serve("--clock 2026-11-23 --deploy-delay 0s");
    place.set("CERTCTL_NOW", "2026-11-23T00:00:00Z");
    place.certctl("apply --auto-approve").ok();
    (place, server)
}

/// Moves the clocks of both sides.
fn go_to(place: &mut Place, server: &Server, now: &str) {
    http::set_clock(server, now);
    place.set("CERTCTL_NOW", now);
}

#[test]
fn nothing_to_report() {
    let (place, _server) = place();
    let seen = place.certctl("status --check").ok();
    let last = seen.stdout.lines().last().unwrap();
    assert_eq!(
        last,
        "Nothing that is declared or in use expires within 30d, and no step is overdue."
    );
    let seen = place.certctl("status --check --format json").ok().json();
    assert_eq!(seen["findings"], serde_json::json!([]));
    let seen = place.certctl("status --format json").ok().json();
    assert_eq!(seen.get("findings"), None);
    let refused = place.certctl("status --within 3d");
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("--check"), "{}", refused.stderr);
}

#[test]
fn what_is_declared_expires() {
    let (place, _server) = place();
    let seen = place.certctl("status --check --within 400d");
    insta::assert_snapshot!(seen.text());
    let seen = place.certctl("status --check --within 400d --format json");
    assert_eq!(seen.code, 2);
    let findings = seen.json()["findings"].clone();
    assert_eq!(findings.as_array().unwrap().len(), 1);
    assert_eq!(findings[0]["code"], "expires_soon");
    assert_eq!(findings[0]["severity"], "warning");
    assert_eq!(findings[0]["account"], "acme");
    assert_eq!(findings[0]["address"], "acme/inspection");
    let row = &seen.json()["certificates"][0];
    assert_eq!(findings[0]["certificate_id"], row["certificate_id"]);
    assert_eq!(findings[0]["at"], row["expires_on"]);
}

#[test]
fn what_is_in_use_expires_whoever_made_it() {
    let (mut place, server) = place();
    // To a state that knows nothing of it, it is anybody's.
    let seen = place.certctl("status --state elsewhere --check --within 400d");
    assert_eq!(seen.code, 2);
    assert!(
        seen.stdout.contains("not managed by this spec")
            && seen
                .stdout
                .contains(", which Gateway uses, expires at 2027-"),
        "{}",
        seen.stdout
    );
    go_to(&mut place, &server, "2028-01-01T00:00:00Z");
    let seen = place.certctl("status --state elsewhere --check --format json");
    assert_eq!(seen.code, 1);
    let found = &seen.json()["findings"];
    assert_eq!(found[0]["code"], "expires_unrenewed");
    assert_eq!(found[0]["address"], serde_json::Value::Null);
}

#[test]
fn a_run_that_died_is_seen() {
    let (mut place, server) = place();
    let codes = |place: &Place, within: &str| {
        let seen = place.certctl(&format!("status --check --within {within} --format json"));
        let found: Vec<String> = seen.json()["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| finding["code"].as_str().unwrap().to_owned())
            .collect();
        (seen.code, found)
    };
    let overdue = (2, vec!["overdue".to_owned()]);
    // The renewal is due, for less and then for more than a day.
    go_to(&mut place, &server, "2027-10-24T12:00:00Z");
    assert_eq!(codes(&place, "20d"), (0, vec![]));
    go_to(&mut place, &server, "2027-10-26T00:00:00Z");
    assert_eq!(codes(&place, "20d"), overdue);
    place.certctl("apply --auto-approve").ok();
    assert_eq!(codes(&place, "20d"), (0, vec![]));
    // Ten days later nobody has switched.
    go_to(&mut place, &server, "2027-11-05T00:00:00Z");
    let seen = place.certctl("status --check --within 1d");
    insta::assert_snapshot!(seen.text());
    place.certctl("apply --auto-approve").ok();
    assert_eq!(codes(&place, "1d"), (0, vec![]));
    // Nor has anybody removed what was replaced.
    go_to(&mut place, &server, "2027-11-15T00:00:00Z");
    assert_eq!(codes(&place, "1d"), overdue);
    place.certctl("apply --auto-approve").ok();
    assert_eq!(codes(&place, "1d"), (0, vec![]));
}

#[test]
fn an_account_that_cannot_be_read_weighs_more_than_a_finding() {
    let (mut place, server) = place();
    place.set("CLOUDFLARE_BASE_URL", "http://127.0.0.1:9/client/v4");
    let seen = place.certctl("status --check --within 400d --format prometheus");
    assert_eq!(seen.code, 1);
    assert!(
        seen.stdout
            .contains("\ncertctl_account_readable{account=\"acme\"} 0\n"),
        "{}",
        seen.stdout
    );
    drop(server);
}

#[test]
fn gauges() {
    let (mut place, server) = place();
    go_to(&mut place, &server, "2027-10-26T00:00:00Z");
    place.certctl("apply --auto-approve").ok();
    let status = place.certctl("status --format json").ok().json();
    let seen = place.certctl("status --format prometheus").ok();
    let lines: Vec<&str> = seen.stdout.lines().collect();
    for row in status["certificates"].as_array().unwrap() {
        let word = |key: &str| row[key].as_str().unwrap().to_owned();
        let labels = format!(
            "account=\"acme\",address=\"acme/inspection\",certificate_id=\"{}\",role=\"{}\",type=\"gateway_managed\"",
            word("certificate_id"),
            word("role")
        );
        let expires: certctl_model::Timestamp = word("expires_on").parse().unwrap();
        let used = u8::from(row["in_use"].as_bool().unwrap());
        for line in [
            format!(
                "certctl_certificate_expiry_timestamp_seconds{{{labels}}} {}",
                expires.as_second()
            ),
            format!("certctl_certificate_in_use{{{labels}}} {used}"),
            format!("certctl_certificate_status{{{labels},binding_status=\"available\"}} 1"),
        ] {
            assert!(lines.contains(&line.as_str()), "{line}\n{}", seen.stdout);
        }
    }
    let address = "account=\"acme\",address=\"acme/inspection\"";
    for line in [
        "# TYPE certctl_certificate_expiry_timestamp_seconds gauge".to_owned(),
        format!("certctl_change_waiting{{{address},for=\"trust_period\"}} 1"),
        format!("certctl_steps_due{{{address}}} 0"),
        "certctl_account_readable{account=\"acme\"} 1".to_owned(),
        "certctl_status_timestamp_seconds 1824508800".to_owned(),
    ] {
        assert!(lines.contains(&line.as_str()), "{line}\n{}", seen.stdout);
    }
    let until = "certctl_change_waiting_until_timestamp_seconds{account=";
    assert!(seen.stdout.contains(until), "{}", seen.stdout);
    read_by_others(&place, &seen.stdout);
}

/// Prometheus' own client reads it: `pip install prometheus-client==0.26.0`.
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
fn read_by_others(place: &Place, text: &str) {
    let python = std::env::var("CERTCTL_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let installed = Command::new(&python)
        .args(["-c", "import prometheus_client.parser"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !installed {
        println!("skipped, because the Python package prometheus-client is not installed");
        return;
    }
    place.write("certctl.prom", text);
    let script =
        "import sys; from prometheus_client.parser import text_string_to_metric_families as read
families = list(read(open(sys.argv[1]).read()))
assert all(f.type == 'gauge' and f.documentation for f in families), families
print(sum(len(f.samples) for f in families), len(families))";
    let output = Command::new(&python)
        .args(["-c", script])
        .arg(place.path("certctl.prom"))
        .output()
        .unwrap();
    let samples = text.lines().filter(|line| !line.starts_with('#')).count();
    let metrics = text
        .lines()
        .filter(|line| line.starts_with("# TYPE"))
        .count();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout).trim(),
        format!("{samples} {metrics}"),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn the_plan_of_another_moment() {
    let (place, _server) = place();
    let seen = place.certctl("plan --at 2027-11-01").ok();
    let mut lines = seen.stdout.lines();
    assert_eq!(
        lines.next(),
        Some("The plan of 2027-11-01T00:00:00Z, if nothing changes until then:")
    );
    assert!(
        seen.stdout
            .contains("certctl will renew 1 certificate in account acme"),
        "{}",
        seen.stdout
    );
    let seen = place
        .certctl("plan --at 2027-11-01T06:00:00Z --format json")
        .ok()
        .json();
    assert_eq!(seen["planned_at"], "2027-11-01T06:00:00Z");
    assert_eq!(seen["summary"]["renew"], 1);
    let seen = place.certctl("plan --at 2027-11-01 --format markdown").ok();
    assert!(
        seen.stdout
            .contains("> The plan of 2027-11-01T00:00:00Z, if nothing changes until then.")
            && !seen.stdout.contains("--expect-digest"),
        "{}",
        seen.stdout
    );
    for wrong in ["--at 2027-11-01 --out plan.json", "--at soon"] {
        assert_eq!(place.certctl(&format!("plan {wrong}")).code, 1, "{wrong}");
    }
    let now = place.certctl("plan --format json").ok().json();
    assert_eq!(now["summary"]["no_op"], 1);
}

/// The create took effect, and its answer was lost: nobody is led to delete what it made.
#[test]
fn what_an_interrupted_create_made_is_not_called_somebody_elses() {
    let mut place = Place::with_example("quickstart");
    let server = place.serve("--deploy-delay 0s");
    let faults = [
        r#"{"kind": "500_after", "method": "POST", "nth": 1, "times": 1}"#,
        r#"{"kind": "status", "method": "GET", "status": 500, "nth": 6, "times": 20}"#,
    ];
    for fault in faults {
        assert_eq!(
            http::send("POST", &server.control("/sandbox/faults"), fault),
            200
        );
    }
    assert_eq!(place.certctl("apply --auto-approve").code, 1);
    assert_eq!(
        http::send("DELETE", &server.control("/sandbox/faults"), "null"),
        200
    );
    let shown = place.certctl("status").ok().stdout;
    assert!(
        shown.contains("its outcome is not known yet (POST"),
        "{shown}"
    );
    assert!(
        shown.contains("perhaps made for acme/inspection: leave it alone"),
        "{shown}"
    );
}
