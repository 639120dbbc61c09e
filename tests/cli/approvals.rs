//! What was accepted is what is done (law 10): approvals by digest, by file, by `--auto-approve`, and
//! none at all, each interrupted at a request, with a spec that is edited in between. Judged by what
//! was done to the account.

use serde_json::Value;

use crate::http::{get, send, set_clock};
use crate::support::{Place, Seen, Server};

const ACME: &str = "699d98642c564d2e855e9661899b7252";
const SPEC: &str = "\
version: 1
accounts:
  - name: acme
    account_id: 699d98642c564d2e855e9661899b7252
    adopt: never
    certificates:
      - name: inspection
        validity_period_days: 365
        in_use: true
        rotation: { renew_before: 60d, trust_period: 14d, retire_after: 14d }
";
const SHORT: &str = "trust_period: 0s, retire_after: 0s";
const LONG: &str = "trust_period: 14d, retire_after: 14d";

struct Desk {
    place: Place,
    server: Server,
}

impl Desk {
    fn new() -> Self {
        let mut place = Place::new();
        place.write("certctl.yaml", SPEC);
        let server = place.serve("--deploy-delay 0s");
        let mut desk = Self { place, server };
        desk.at("2027-01-04T04:00:00Z");
        desk
    }

    /// The same, after the first certificate was created and set in use.
    fn in_use() -> Self {
        let desk = Self::new();
        desk.run("apply --auto-approve").ok();
        desk
    }

    fn at(&mut self, now: &str) {
        self.place.set("CERTCTL_NOW", now);
        set_clock(&self.server, now);
    }

    fn run(&self, arguments: &str) -> Seen {
        self.place.certctl(arguments)
    }

    fn edit(&self, from: &str, to: &str) {
        self.place.edit("certctl.yaml", from, to);
    }

    /// The next request of this kind is refused, and nothing happens.
    fn refuse(&self, method: &str, end: &str) {
        let fault = format!(
            r#"{{"kind":"status","method":"{method}","path_ends_with":"{end}","status":403,
            "body":{{"success":false,"errors":[{{"code":10000,"message":"no"}}],"messages":[],"result":null}}}}"#
        );
        send("POST", &self.server.control("/sandbox/faults"), &fault);
    }

    /// The validity in days of every certificate that exists, and whether it is in use.
    fn exist(&self) -> Vec<(i64, bool)> {
        let status = self.run("status --format json").json();
        let rows = status["certificates"].as_array().unwrap().iter();
        let mut found: Vec<(i64, bool)> = rows
            .filter(|row| !row["certificate_id"].is_null())
            .map(|row| {
                let days = row["validity_period_days"].as_i64();
                (days.unwrap_or_default(), row["in_use"] == true)
            })
            .collect();
        found.sort_unstable();
        found
    }

    fn account(&self) -> Value {
        get(&self.server.control("/sandbox/log"))["accounts"][ACME].clone()
    }

    fn creations(&self) -> u64 {
        self.account()["creations"].as_u64().unwrap()
    }

    fn switches(&self) -> usize {
        self.account()["in_use"].as_array().unwrap().len()
    }

    fn digest(&self) -> String {
        let plan = self.run("plan --format json").json();
        plan["digest"].as_str().unwrap().to_owned()
    }
}

#[track_caller]
fn refused(seen: &Seen, code: &str) {
    let said = format!("{}{}", seen.stdout, seen.stderr);
    assert_eq!(seen.code, 1, "{said}");
    assert!(said.contains(code), "{said}");
}

#[test]
fn an_interrupted_digest_or_file_is_not_carried_on_with_another_spec() {
    for by_file in [false, true] {
        for (method, end) in [("POST", "/certificates"), ("POST", "/activate")] {
            let desk = Desk::new();
            let approval = match by_file {
                true => {
                    desk.run("plan --out plan.json").ok();
                    "apply plan.json".to_owned()
                }
                false => format!("apply --expect-digest {}", desk.digest()),
            };
            desk.refuse(method, end);
            refused(&desk.run(&approval), "403");
            let before = (desk.creations(), desk.switches());
            for (from, to) in [
                ("validity_period_days: 365", "validity_period_days: 10950"),
                (LONG, SHORT),
                ("renew_before: 60d, ", ""),
                (
                    "in_use: true",
                    "in_use: true\n        lifecycle: { prevent_destroy: true }",
                ),
                ("accounts:", "policy: { max_deletes: 3 }\naccounts:"),
                ("adopt: never", "adopt: matching"),
            ] {
                desk.edit(from, to);
                refused(&desk.run(&approval), "plan_moved");
                assert_eq!((desk.creations(), desk.switches()), before, "{to}");
                desk.place.write("certctl.yaml", SPEC);
            }
            // What was approved is carried on.
            desk.run(&approval).ok();
            assert_eq!((desk.creations(), desk.switches()), (1, 1));
        }
    }
}

#[test]
fn periods_that_nobody_accepted_end_nothing() {
    let mut desk = Desk::in_use();
    desk.run("apply --replace acme/inspection --auto-approve")
        .ok();
    assert_eq!((desk.creations(), desk.switches()), (2, 1));
    desk.edit(LONG, SHORT);
    desk.at("2027-01-05T04:00:00Z");
    // The comment and the terminal say it first; nothing without an approval does it.
    let shown = desk.run("plan").ok().stdout;
    assert!(shown.starts_with("This takes safety away:"), "{shown}");
    let comment = desk.run("plan --format markdown").ok().stdout;
    let (danger, rest) = comment.split_once("takes safety away").unwrap();
    assert!(danger.lines().count() < 8, "{comment}");
    assert!(rest.contains("rotation.trust_period"), "{comment}");
    refused(&desk.run("apply"), "approve");
    desk.run("apply --only rotation --auto-approve").ok();
    assert_eq!(desk.switches(), 1);
    desk.at("2027-01-18T04:00:01Z");
    desk.run("apply --only rotation --auto-approve").ok();
    assert_eq!(desk.switches(), 2, "the accepted fourteen days are over");
    desk.at("2027-01-19T04:00:00Z");
    desk.run("apply --only rotation --auto-approve").ok();
    assert_eq!(
        desk.exist().len(),
        2,
        "the way back stays for fourteen days"
    );
    // Accepted, it is done at once.
    desk.run("apply --auto-approve").ok();
    assert_eq!(desk.exist().len(), 1);
}

#[test]
fn an_unattended_run_renews_what_was_accepted_whatever_is_merged() {
    for (from, to) in [
        ("validity_period_days: 365", "validity_period_days: 10950"),
        ("        validity_period_days: 365\n", ""),
        ("renew_before: 60d, ", ""),
        ("in_use: true", "in_use: false"),
        ("        in_use: true\n", ""),
        ("name: inspection", "name: renamed"),
        (
            "name: inspection",
            "name: renamed\n        moved_from: inspection",
        ),
    ] {
        let mut desk = Desk::in_use();
        desk.edit(from, to);
        desk.at("2027-11-20T04:00:00Z");
        let seen = desk.run("apply --only rotation --auto-approve");
        assert_eq!(seen.code, 0, "{to}: {}", seen.text());
        assert!(
            seen.text().contains("not_rotation"),
            "{to}: {}",
            seen.text()
        );
        let made = desk.exist();
        assert_eq!(made, [(365, false), (365, true)], "{to}");
    }
}

#[test]
fn an_edit_is_accepted_once_and_then_no_news() {
    let desk = Desk::in_use();
    let quiet = desk.digest();
    desk.edit(
        "in_use: true",
        "in_use: true\n        lifecycle: { prevent_destroy: true }",
    );
    let plan = desk.run("plan --format json").ok().json();
    assert_ne!(plan["digest"], Value::from(quiet));
    let change = &plan["changes"][0];
    assert_eq!(change["change"], "update");
    assert_eq!(change["reason"]["code"], "settings_changed");
    assert_eq!(
        change["settings"]["before"]["lifecycle"]["prevent_destroy"],
        false
    );
    assert_eq!(
        change["settings"]["after"]["lifecycle"]["prevent_destroy"],
        true
    );
    assert_eq!(change["steps"][0]["action"], "record");
    assert_eq!(desk.run("plan --detailed-exitcode").code, 2);
    let digest = plan["digest"].as_str().unwrap();
    desk.run(&format!("apply --expect-digest {digest}")).ok();
    let after = desk
        .run("plan --detailed-exitcode --format json")
        .ok()
        .json();
    assert_eq!(after["changes"][0]["change"], "no_op");
    // The other way round it takes safety away.
    desk.edit("prevent_destroy: true", "prevent_destroy: false");
    let shown = desk.run("plan").ok().stdout;
    assert!(shown.starts_with("This takes safety away:"), "{shown}");
    assert!(
        shown.contains("lifecycle.prevent_destroy changes from true to false"),
        "{shown}"
    );
}

#[test]
fn a_plan_file_of_an_account_that_is_no_longer_declared_is_refused() {
    let desk = Desk::new();
    let other = SPEC.replace("acme", "beta").replace("699d", "799d");
    let two = format!("{SPEC}{}", other.split_once("accounts:\n").unwrap().1);
    desk.place.write("certctl.yaml", &two);
    desk.run("plan --out plan.json").ok();
    desk.place.write("certctl.yaml", SPEC);
    for approval in ["apply plan.json", "apply --expect-digest @plan.json"] {
        refused(&desk.run(approval), "or suspends: beta");
        assert_eq!(desk.creations(), 0, "nothing is done");
    }
}
