//! Beginning with what exists: import, plan, apply, and nothing has changed in the account.

use serde_json::{Value, json};

use crate::http;
use crate::support::{Place, Server};

const ACME: &str = "699d98642c564d2e855e9661899b7252";
const BETA: &str = "0123456789abcdef0123456789abcdef";
const NOW: &str = "2026-11-23T00:00:00Z";

fn id(serial: u32) -> String {
    format!("{serial:08}-aaaa-4000-8000-000000000000")
}

pub(crate) fn seed(server: &Server, account: &str, serial: u32, mut certificate: Value) {
    certificate["id"] = json!(id(serial));
    let url = server.control(&format!("/sandbox/accounts/{account}/certificates"));
    assert_eq!(
        http::send("POST", &url, &certificate.to_string()),
        200,
        "{certificate}"
    );
}

/// Two accounts with whatever can be in one.
fn place() -> (Place, Server) {
    let mut place = Place::new();
    let server = place.serve("--clock 2026-11-23 --deploy-delay 0s");
    place.set("CERTCTL_NOW", NOW);
    for (serial, certificate) in [
        json!({"binding_status": "available", "validity_period_days": 1826, "created_at": "2025-03-18T23:07:14.46Z", "in_use": true}),
        json!({"binding_status": "active", "validity_period_days": 365, "created_at": "2026-06-01T00:00:00Z"}),
        json!({"binding_status": "available", "type": "custom", "name": "our own"}),
        json!({"binding_status": "inactive", "validity_period_days": 90}),
        json!({"binding_status": "available", "validity_period_days": 365, "created_at": "2020-01-01T00:00:00Z"}),
        json!({"binding_status": "pending_deployment", "stuck": true, "validity_period_days": 10950}),
        json!({"binding_status": "pending_deletion", "stuck": true}),
        json!({"binding_status": "sleeping"}),
        json!({"binding_status": "available", "type": "novel"}),
        json!({"binding_status": "available", "fingerprint": "00:11"}),
        json!({"binding_status": "available", "validity_period_days": 1, "created_at": "2026-11-22T12:00:00Z"}),
        json!({"binding_status": "available", "validity_period_days": 1826, "created_at": "2025-03-18T00:00:00Z"}),
    ]
    .into_iter()
    .enumerate()
    {
        seed(&server, ACME, u32::try_from(serial).unwrap() + 1, certificate);
    }
    for serial in [21, 22] {
        let certificate = json!({"binding_status": "available", "validity_period_days": 730,
            "created_at": "2026-01-01T00:00:00Z"});
        seed(&server, BETA, serial, certificate);
        let url = server.control(&format!(
            "/sandbox/accounts/{BETA}/certificates/{}",
            id(serial)
        ));
        assert_eq!(
            http::send("PATCH", &url, r#"{"reports_in_use": true}"#),
            200
        );
    }
    (place, server)
}

/// What changed the account, since it was seeded.
fn writes(server: &Server) -> Vec<Value> {
    let log = http::get(&server.control("/sandbox/log"));
    let entries = log["entries"].as_array().unwrap().iter();
    entries
        .filter(|entry| entry["cause"] == "request" && entry["method"] != "GET")
        .cloned()
        .collect()
}

/// Whether a plan does nothing but take over, and how much.
#[track_caller]
pub(crate) fn adoptions(plan: &Value) -> usize {
    let mut adopted = 0;
    for change in plan["changes"].as_array().unwrap() {
        for step in change["steps"].as_array().unwrap() {
            let action = step["action"].as_str().unwrap();
            assert!(["adopt", "record"].contains(&action), "{change:#}");
            adopted += usize::from(action == "adopt");
        }
        // What Cloudflare was deploying already goes on; nothing else is waited for.
        let waiting = &change["waiting"];
        assert!(
            waiting.is_null() || waiting["for"] == "deploying",
            "{change:#}"
        );
    }
    adopted
}

#[test]
fn what_exists_is_taken_over_and_nothing_changes() {
    let (place, server) = place();
    let seen = place
        .certctl(&format!("import --account-id {ACME} --account-id {BETA}"))
        .ok();
    insta::assert_snapshot!("imported", seen.stderr);
    let spec = place.read("certctl.yaml");
    insta::assert_snapshot!("spec", crate::support::redact(&without_fingerprints(&spec)));
    place.certctl("validate").ok();

    // The second account's witnesses disagree, which is an error that import cannot settle.
    let planned = place.certctl("plan --format json");
    assert_eq!(planned.code, 1);
    let plan = planned.json();
    assert_eq!(adoptions(&plan), 5);
    let errors: Vec<_> = plan["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|d| d["severity"] == "error")
        .map(|d| (d["code"].as_str().unwrap(), d["account"].as_str().unwrap()))
        .collect();
    assert_eq!(errors, [("in_use_disputed", "account-01234567")]);
    let applied = place.certctl("apply --auto-approve --wait-timeout 1s");
    assert_eq!(applied.code, 1, "{}", applied.stderr);
    assert_eq!(writes(&server), Vec::<Value>::new());
    let planned = place.certctl("plan --format json");
    assert_eq!(planned.code, 1);
    let plan = planned.json();
    assert_eq!(plan["has_changes"], false, "{plan:#}");

    place.certctl(&format!("import --account-id {ACME}")).ok();
    let seen = place.certctl("import").ok();
    assert!(
        seen.stderr.contains("nothing is missing"),
        "{}",
        seen.stderr
    );
    assert_eq!(place.read("certctl.yaml"), spec, "twice is not once");

    // What the state binds is declared, though no `import` says so any more.
    let bare: String = spec
        .split_inclusive('\n')
        .filter(|line| !line.trim_start().starts_with("import:"))
        .collect();
    place.write("certctl.yaml", &bare);
    place.certctl("import").ok();
    assert_eq!(place.read("certctl.yaml"), bare);
}

/// The keys are made anew in each run.
fn without_fingerprints(spec: &str) -> String {
    let cut = |line: &str| match line.split_once("SHA-256 ") {
        Some((before, print)) if print.len() == 95 => format!("{before}SHA-256 …\n"),
        _ => format!("{line}\n"),
    };
    spec.lines().map(cut).collect()
}

#[test]
fn every_account_that_the_token_sees_is_read() {
    let (place, server) = place();
    let named = |account: &str, name: &str| {
        let url = server.control(&format!("/sandbox/accounts/{account}/name"));
        let body = json!({ "name": name }).to_string();
        assert_eq!(http::send("PUT", &url, &body), 200);
    };
    named(ACME, "Acme \u{1b}[31mCorp\n- x: y");
    named(BETA, "株式会社");
    for serial in 100..160 {
        let account = format!("{serial:032x}");
        named(&account, &format!("Tenant {serial}"));
    }
    let seen = place.certctl("import --all -o -").ok();
    assert!(
        seen.stdout.contains("  - name: tenant-159\n"),
        "{}",
        seen.stdout
    );
    assert!(seen.stdout.contains("  - name: account-01234567\n"));
    assert!(seen.stdout.contains("  - name: acme-31mcorp-x-y\n"));
    assert!(!seen.stdout.contains('\u{1b}'));
    assert!(!place.path("certctl.yaml").exists());
    place.write("certctl.yaml", &seen.stdout);
    let planned = place.certctl("plan --format json");
    assert_eq!(planned.code, 1);
    let plan = planned.json();
    assert_eq!(adoptions(&plan), 5);
}

#[test]
fn one_account_that_cannot_be_read_does_not_stop_the_others() {
    let (place, server) = place();
    let fault = json!({"kind": "status", "status": 403, "times": 9, "path_contains": format!("/accounts/{BETA}"),
        "body": {"success": false, "result": null, "errors": [{"code": 10000, "message": "Forbidden"}]}});
    let status = http::send(
        "POST",
        &server.control("/sandbox/faults"),
        &fault.to_string(),
    );
    assert_eq!(status, 200, "{fault}");
    let seen = place.certctl(&format!("import --account-id {ACME} --account-id {BETA}"));
    assert_eq!(seen.code, 1);
    assert!(seen.stderr.contains(BETA), "{}", seen.stderr);
    let spec = place.read("certctl.yaml");
    assert!(spec.contains(ACME) && !spec.contains(BETA), "{spec}");
}

#[test]
fn what_cannot_be_done_is_said_and_nothing_written() {
    let (place, _server) = place();
    for (arguments, spec, message) in [
        ("import".to_owned(), None, "no account to import from"),
        (
            format!("import --account-id {ACME}"),
            Some("version: 2\n"),
            "nothing was written",
        ),
        (
            "import --account-id xyz".to_owned(),
            None,
            "32 hexadecimal digits",
        ),
        (
            format!("import --account-id {ACME} --all"),
            None,
            "cannot be used with",
        ),
        (
            "import --from-terraform no-such-file".to_owned(),
            None,
            "cannot read no-such-file",
        ),
        (
            "import --from-terraform certctl.yaml".to_owned(),
            Some("version: 1\n"),
            "it is not json",
        ),
        (
            format!("import --account-id {ACME} -o ."),
            None,
            "is a directory",
        ),
    ] {
        let _ = std::fs::remove_file(place.path("certctl.yaml"));
        if let Some(spec) = spec {
            place.write("certctl.yaml", spec);
        }
        let seen = place.certctl(&arguments);
        assert_eq!(seen.code, 1, "{arguments}");
        let said = seen.stderr.to_lowercase();
        assert!(said.contains(message), "{arguments}: {}", seen.stderr);
        match spec {
            Some(spec) => assert_eq!(place.read("certctl.yaml"), spec),
            None => assert!(!place.path("certctl.yaml").exists(), "{arguments}"),
        }
    }
}
