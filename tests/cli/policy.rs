//! Limits per run: a run does as much as the policy says, over all accounts, and the next goes on.

use crate::http::send;
use crate::support::Place;

fn spec(policy: &str, certificates: &[&str]) -> String {
    let mut text = format!("version: 1\npolicy: {policy}\naccounts:\n");
    for (account, id) in [("acme", "6"), ("beta", "7")] {
        text.push_str(&format!(
            "  - name: {account}\n    account_id: {id}99d98642c564d2e855e9661899b7252\n    certificates:\n"
        ));
        for name in certificates {
            text.push_str(&format!("      - {{ name: {name} }}\n"));
        }
    }
    text
}

fn deleted(place: &Place, options: &str) -> usize {
    let report = place
        .certctl(&format!(
            "apply --sandbox --auto-approve --format json {options}"
        ))
        .ok()
        .json();
    let results = report["results"].as_array().unwrap();
    let gone = |r: &&serde_json::Value| r["change"] == "delete" && r["outcome"] == "done";
    results.iter().filter(gone).count()
}

#[test]
fn a_run_removes_as_many_as_the_policy_says() {
    let place = Place::new();
    place.write("certctl.yaml", &spec("{}", &["a", "b", "keep"]));
    place.certctl("apply --sandbox --auto-approve").ok();
    place.write("certctl.yaml", &spec("{ max_deletes: 3 }", &["keep"]));
    assert_eq!(deleted(&place, ""), 3);
    assert_eq!(deleted(&place, ""), 1);
    assert_eq!(deleted(&place, ""), 0);
}

/// What was begun is left to the daily run, which keeps to the limit that somebody accepted.
#[test]
fn a_limit_holds_until_somebody_accepts_that_it_is_not_declared() {
    let spec = |policy: &str, certificates: &str| {
        format!(
            "version: 1\npolicy: {policy}\naccounts: [ {{ name: acme, account_id: {:032x}, certificates: [ {certificates} {{ name: keep }} ] }} ]\n",
            7
        )
    };
    let mut place = Place::new();
    let server = place.serve("--deploy-delay 0s");
    place.write("certctl.yaml", &spec("{}", "{ name: a }, { name: b },"));
    place.certctl("apply --auto-approve").ok();
    // Both removals begin, and their ends are refused three times.
    let refused = r#"{"kind":"status","method":"DELETE","times":3,"status":403,
        "body":{"success":false,"errors":[{"code":10000,"message":"no"}],"messages":[],"result":null}}"#;
    let faults = server.control("/sandbox/faults");
    assert_eq!(send("POST", &faults, refused), 200);
    for policy in ["{ max_deletes: 2 }", "{ max_deletes: 1 }"] {
        place.write("certctl.yaml", &spec(policy, ""));
        assert_eq!(place.certctl("apply --auto-approve").code, 1);
    }
    place.write("certctl.yaml", &spec("{}", ""));
    let daily = || {
        let run = "apply --only rotation --auto-approve --format json";
        let report = place.certctl(run).ok().json();
        let results = report["results"].as_array().unwrap().clone();
        let gone = |r: &&serde_json::Value| r["change"] == "delete" && r["outcome"] == "done";
        results.iter().filter(gone).count()
    };
    assert_eq!([daily(), daily(), daily()], [1, 1, 0]);
}

#[test]
fn a_guard_blocks_until_it_is_named() {
    let place = Place::new();
    place.write("certctl.yaml", &spec("{}", &["a", "keep"]));
    place.certctl("apply --sandbox --auto-approve").ok();
    place.write(
        "certctl.yaml",
        &spec("{ protected: [acme/a, beta/a] }", &["keep"]),
    );
    let blocked = place.certctl("apply --sandbox --auto-approve");
    assert_eq!(blocked.code, 1);
    assert!(
        blocked.stderr.contains("`--allow protected:acme/a`"),
        "{}",
        blocked.stderr
    );
    // One account is let through, the other stays as it is.
    let half =
        place.certctl("apply --sandbox --auto-approve --allow protected:acme/a --format json");
    assert_eq!(half.code, 1);
    assert_eq!(half.json()["applied"], 1);
    let plan = place
        .certctl("plan --sandbox --allow protected --format json")
        .ok()
        .json();
    assert_eq!(plan["options"], serde_json::json!(["--allow protected"]));
    assert_eq!(deleted(&place, "--allow protected"), 1);
}

/// Few certificates of each account, and most of all: `apply` refuses what its plan refused.
#[test]
fn a_mass_of_removals_over_all_accounts_is_refused() {
    let spec = |kept: usize| {
        let account = |n: usize| {
            let certificates = [
                "[]",
                "[ { name: a, activate: false }, { name: b, activate: false } ]",
            ][usize::from(n < kept)];
            format!("  - name: t{n}\n    account_id: {n:032x}\n    certificates: {certificates}\n")
        };
        let accounts: String = (0..6).map(account).collect();
        format!("version: 1\naccounts:\n{accounts}")
    };
    let place = Place::new();
    place.write("certctl.yaml", &spec(6));
    place.certctl("apply --sandbox --auto-approve").ok();
    place.write("certctl.yaml", &spec(3));
    let plan = place.certctl("plan --sandbox --format json");
    assert_eq!(plan.code, 1, "{}", plan.stderr);
    let digest = plan.json()["digest"].as_str().unwrap().to_owned();
    for approval in ["--auto-approve", &format!("--expect-digest {digest}")] {
        let seen = place.certctl(&format!("apply --sandbox --format json {approval}"));
        assert_eq!(seen.code, 1, "{approval}: {}", seen.stderr);
        let results = seen.json()["results"].clone();
        for result in results.as_array().unwrap() {
            assert_eq!(result["outcome"], "skipped", "{approval}: {result}");
        }
    }
    let allowed = "apply --sandbox --auto-approve --allow mass_destroy";
    place.certctl(allowed).ok();
    place.certctl("plan --sandbox --detailed-exitcode").ok();
}
