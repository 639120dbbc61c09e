//! The first five minutes.

use crate::support::Place;

#[test]
fn certificates_are_issued_and_one_is_set_in_use_and_then_nothing_is_to_do() {
    let place = Place::with_example("quickstart");
    let applied = place.certctl("apply --sandbox --auto-approve").ok();
    insta::assert_snapshot!("first_apply", without_count(&applied.text()));

    let again = place.certctl("apply --sandbox --auto-approve").ok();
    insta::assert_snapshot!("second_apply", again.text());

    let plan = place.certctl("plan --sandbox --detailed-exitcode").ok();
    insta::assert_snapshot!("nothing_to_plan", plan.text());

    let status = place.certctl("status --sandbox").ok();
    insta::assert_snapshot!("status", status.text());
}

/// How often a deployment is polled, and whether the standby's is over with the first one's, depends on
/// how busy the machine is; that it was waited for, does not.
fn without_count(text: &str) -> String {
    let (before, rest) = text.split_once(" failed; ").unwrap();
    let (count, rest) = rest.split_once(" requests.").unwrap();
    assert!(count.parse::<u32>().unwrap() >= 14, "{count}");
    let before = before.replace("acme/standby: waiting for Cloudflare's edge\n", "");
    format!("{before} failed; [n] requests.{rest}")
}

#[test]
fn another_validity_is_planned_as_a_replacement() {
    let place = Place::with_example("quickstart");
    place.certctl("apply --sandbox --auto-approve").ok();
    place.edit(
        "certctl.yaml",
        "validity_period_days: 1825",
        "validity_period_days: 730",
    );

    let plan = place.certctl("plan --sandbox --detailed-exitcode");
    assert_eq!(plan.code, 2);
    insta::assert_snapshot!("replacement", plan.text());

    let plan = place.certctl("plan --sandbox --format json").ok().json();
    let replaced = plan["changes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["change"] == "replace");
    let actions: Vec<_> = replaced.unwrap()["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| &s["action"])
        .collect();
    assert_eq!(
        actions,
        ["create", "activate", "set_in_use", "deactivate", "delete"]
    );
    assert_eq!(plan["summary"]["replace"], 1);

    // The successor is made now; the switch waits for the trust period.
    let applied = place
        .certctl("apply --sandbox --auto-approve --format json")
        .ok()
        .json();
    assert_eq!(applied["waiting"], 1);
    assert_eq!(applied["failed"], 0);
    let plan = place
        .certctl("plan --sandbox --format json --detailed-exitcode")
        .ok()
        .json();
    let waiting = plan["changes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|c| !c["waiting"].is_null());
    assert_eq!(waiting.unwrap()["waiting"]["for"], "trust_period");
    assert_eq!(plan["has_changes"], false);
}

#[test]
fn plan_only_reads() {
    let mut place = Place::with_example("quickstart");
    let _server = place.serve("");
    place.certctl("plan").ok();
    place.certctl("status").ok();
    assert!(!place.path(".certctl").exists(), "plan wrote something");
}

#[test]
fn a_removed_certificate_is_deactivated_and_deleted() {
    let place = Place::with_example("quickstart");
    place.certctl("apply --sandbox --auto-approve").ok();
    let text = place.read("certctl.yaml");
    let standby = text.find("      - name: standby").unwrap();
    place.write("certctl.yaml", &text[..standby]);
    let applied = place
        .certctl("apply --sandbox --auto-approve --format json")
        .ok()
        .json();
    assert_eq!(applied["results"][0]["change"], "delete");
    assert_eq!(applied["results"][0]["outcome"], "done");
    place.certctl("plan --sandbox --detailed-exitcode").ok();
}
