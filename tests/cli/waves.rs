//! `policy.waves`: Gateway is switched in the canaries first, and elsewhere once they have been for `bake`.

use serde_json::json;

use crate::http::{get, send, set_clock};
use crate::support::{Place, Server};

const SPEC: &str = "version: 1
policy:
  waves:
    - { labels: { tier: canary }, bake: 3d }
    - { rest: true }
defaults: { validity_period_days: 365, in_use: true, rotation: { renew_before: 60d, trust_period: 7d } }
accounts:
  - name: acme
    account_id: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    certificates: [ { name: inspection } ]
  - name: lab
    account_id: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
    labels: { tier: canary }
    certificates: [ { name: inspection } ]
";

struct Years {
    place: Place,
    server: Server,
}

impl Years {
    fn begin() -> Self {
        Self::begin_with(SPEC)
    }

    fn begin_with(spec: &str) -> Self {
        let mut place = Place::new();
        place.write("certctl.yaml", spec);
        let server = place.serve("--deploy-delay 0s");
        let mut years = Self { place, server };
        years.at("2027-01-04T04:00:00Z");
        years.place.certctl("apply --auto-approve").ok();
        years
    }

    fn at(&mut self, now: &str) {
        self.place.set("CERTCTL_NOW", now);
        set_clock(&self.server, now);
    }

    fn conditions(&self, conditions: &str) {
        let url = self.server.control("/sandbox/conditions");
        assert_eq!(send("PUT", &url, conditions), 200);
    }

    /// The call by which what is being deployed in an account is deployed: its path and its body.
    fn deployed(&self, account: &str) -> (String, String) {
        let account = format!("/accounts/{account}");
        let shown = get(&self.server.control(&format!("/sandbox{account}")));
        let mut certificates = shown["certificates"].as_array().unwrap().iter();
        let pending = certificates.find(|one| one["status"] == "pending_deployment");
        let id = pending.unwrap()["id"].as_str().unwrap();
        let body = r#"{"binding_status":"available"}"#.to_owned();
        (format!("{account}/certificates/{id}"), body)
    }

    /// The daily run of this moment; says which accounts use a certificate of this year's end.
    fn daily(&mut self, now: &str, options: &str) -> Vec<String> {
        self.at(now);
        let run = format!("apply --only rotation --auto-approve {options}");
        self.place.certctl(&run).ok();
        let status = self.place.certctl("status --format json").ok().json();
        let rows = status["certificates"].as_array().unwrap().iter();
        let renewed = rows.filter(|row| {
            let created = row["created_at"].as_str().unwrap_or_default();
            row["in_use"] == true && created.starts_with("2027-11")
        });
        let address = |row: &serde_json::Value| row["address"].as_str().unwrap().to_owned();
        renewed.map(address).collect()
    }
}

#[test]
fn the_canaries_are_switched_first() {
    let mut years = Years::begin();
    assert!(
        years.daily("2027-11-05T05:00:00Z", "").is_empty(),
        "renewed, not switched"
    );
    let switched = years.daily("2027-11-12T06:00:00Z", "");
    assert_eq!(switched, ["lab/inspection"], "its trust period is over");

    let plan = years.place.certctl("plan --format json").ok().json();
    let changes = plan["changes"].as_array().unwrap().iter();
    let waits: Vec<_> = changes
        .map(|change| change["waiting"]["for"].clone())
        .collect();
    assert_eq!(waits, ["wave", "retire_after"], "{plan:#}");
    let waves: Vec<_> = plan["accounts"].as_array().unwrap().iter().collect();
    let gate = &waves[0]["wave"]["waits_for"];
    assert_eq!(waves[0]["wave"]["number"], 2);
    assert_eq!(
        (&gate["account"], &gate["because"]),
        (&json!("lab"), &json!("baking"))
    );
    assert_eq!(
        (&gate["since"], &gate["until"]),
        (
            &json!("2027-11-12T06:00:00Z"),
            &json!("2027-11-15T06:00:00Z")
        )
    );
    let first = json!({ "number": 1, "of": 2, "waits_for": null });
    assert_eq!(waves[1]["wave"], first);

    let said = plan["diagnostics"].to_string();
    assert!(
        said.contains("acme is in wave 2 of 2 and waits for lab in wave 1"),
        "{said}"
    );

    // What the plan says, the status says; also of one account alone.
    for selection in ["", "--account acme"] {
        let status = format!("status {selection} --format json");
        let status = years.place.certctl(&status).ok().json();
        let next = &status["addresses"][0]["next"];
        assert_eq!(
            (&next["for"], &next["when"]),
            (&json!("wave"), &json!("waits"))
        );
        assert_eq!(next["at"], plan["changes"][0]["waiting"]["until"]);
    }

    // Of an account that is left out, the state says what it did.
    let switched = years.daily("2027-11-14T06:00:00Z", "--account acme");
    assert_eq!(switched, ["lab/inspection"]);
    let switched = years.daily("2027-11-15T07:00:00Z", "--account acme");
    assert_eq!(switched, ["acme/inspection", "lab/inspection"]);
}

#[test]
fn a_canary_that_went_back_holds_the_others_until_somebody_says_so() {
    let mut years = Years::begin();
    years.daily("2027-11-05T05:00:00Z", "");
    years.daily("2027-11-12T06:00:00Z", "");
    years
        .place
        .certctl("apply --auto-approve --rollback lab/inspection")
        .ok();
    assert!(years.daily("2027-11-20T06:00:00Z", "").is_empty());
    let switched = years.daily("2027-11-21T06:00:00Z", "--allow wave:acme");
    assert_eq!(switched, ["acme/inspection"]);
}

fn without_waves(spec: &str) -> String {
    let (head, rest) = spec.split_once("policy:").unwrap();
    let (_, rest) = rest.split_once("defaults:").unwrap();
    format!("{head}defaults:{rest}")
}

/// It waits for a deployment, and what follows from that comes due meanwhile: it goes by the waves that were
/// accepted, though they are declared no longer.
#[test]
fn a_run_that_comes_only_to_wait_keeps_to_accepted_waves() {
    let spec = SPEC.replace("trust_period: 7d", "trust_period: 0s");
    let mut years = Years::begin_with(&spec);
    years.at("2027-11-05T05:00:00Z");
    years.conditions(r#"{"deploy_seconds":90000}"#);
    let seen = years
        .place
        .certctl("apply --only rotation --auto-approve --wait-timeout 0s");
    assert_eq!(seen.code, 3, "{}", seen.stderr);
    years.conditions("{}");
    let (path, body) = years.deployed("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
    let url = years.server.control(&format!("/sandbox{path}"));
    assert_eq!(send("PATCH", &url, &body), 200);
    let switched = years.daily("2027-11-05T05:01:00Z", "--account lab");
    assert_eq!(switched, ["lab/inspection"]);

    years.place.write("certctl.yaml", &without_waves(&spec));
    let (path, body) = years.deployed("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    // After two requests of the survey, and the first under the lock.
    let deployed = format!(
        r#"{{"kind":"hand","method":"GET","path_contains":"aaaaaaaaaaaa","nth":4,
        "call":{{"method":"PATCH","path":"{path}","body":{body}}}}}"#
    );
    let faults = years.server.control("/sandbox/faults");
    assert_eq!(send("POST", &faults, &deployed), 200);
    let seen = years.place.certctl("apply --target acme/inspection").ok();
    let switched = years.daily("2027-11-05T05:02:00Z", "--account lab");
    assert_eq!(switched, ["lab/inspection"], "{}", seen.text());
    assert!(
        seen.text().contains("for accounts of an earlier wave"),
        "{}",
        seen.text()
    );
}

#[test]
fn waves_hold_until_somebody_accepts_that_they_are_not_declared() {
    let mut years = Years::begin();
    years.daily("2027-11-05T05:00:00Z", "");
    years.daily("2027-11-12T06:00:00Z", "");
    years.place.write("certctl.yaml", &without_waves(SPEC));
    // The lab is left out; its state says that it has not baked.
    let switched = years.daily("2027-11-13T06:00:00Z", "--account acme");
    assert_eq!(switched, ["lab/inspection"]);
    years
        .place
        .certctl("apply --auto-approve --account acme")
        .ok();
    let switched = years.daily("2027-11-13T06:00:00Z", "--account acme");
    assert_eq!(switched, ["acme/inspection", "lab/inspection"]);
}

#[test]
fn the_example_goes_from_the_lab_to_everybody() {
    let mut place = Place::with_example("waves");
    place.set("CERTCTL_NOW", "2026-11-28T00:00:00Z");
    let seen = place.certctl("forecast --offline -f . --until 400d --format json");
    let forecast = seen.ok().json();
    let events = forecast["events"].as_array().unwrap().iter();
    let switches = events.filter(|event| {
        let at = event["at"].as_str().unwrap_or_default();
        event["event"] == "set_in_use" && at.starts_with("2027-")
    });
    let switches: Vec<String> = switches
        .map(|event| {
            let at = event["at"].as_str().unwrap_or_default();
            format!("{} {}", &at[..10], event["account"].as_str().unwrap())
        })
        .collect();
    let expected = [
        "2027-10-13 lab",
        "2027-10-16 pilot",
        "2027-10-23 acme",
        "2027-10-23 hospital",
    ];
    assert_eq!(switches, expected, "{forecast:#}");
}

/// Seven accounts beside the lab.
#[test]
fn what_waits_for_one_account_is_told_once() {
    let mut years = Years::begin();
    let mut spec = SPEC.to_owned();
    for n in 2..8 {
        spec.push_str(&format!(
            "  - name: acme-{n}\n    account_id: {n:032x}\n    certificates: [ {{ name: inspection }} ]\n"
        ));
    }
    years.place.write("certctl.yaml", &spec);
    years.place.certctl("apply --auto-approve").ok();
    years.daily("2027-11-05T05:00:00Z", "");
    years.daily("2027-11-12T06:00:00Z", "");
    let plan = years.place.certctl("plan").ok();
    let told = plan.stderr.matches("waits for lab in wave 1").count();
    assert_eq!(told, 1, "{}", plan.stderr);
    assert!(
        plan.stderr
            .contains("the same at 6 more: acme-2/inspection"),
        "{}",
        plan.stderr
    );
    let comment = years.place.certctl("plan --format markdown").ok();
    let told = comment.stdout.matches("waits for `lab` in wave 1").count()
        + comment.stdout.matches("waits for lab in wave 1").count();
    assert_eq!(told, 1, "{}", comment.stdout);
}
