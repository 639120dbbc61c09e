//! `plan --out`, then `apply PLANFILE`: only what was planned, and only as long as it still is.

use crate::support::Place;

#[test]
fn a_saved_plan_is_applied_once() {
    let place = Place::with_example("quickstart");
    place.certctl("plan --sandbox --out plan.json").ok();
    let applied = place
        .certctl("apply plan.json --sandbox --format json")
        .ok()
        .json();
    assert_eq!(applied["failed"], 0);
    assert_eq!(applied["results"].as_array().unwrap().len(), 2);
    // The same plan again creates nothing.
    let again = place
        .certctl("apply plan.json --sandbox --format json")
        .ok()
        .json();
    assert_eq!(again["results"].as_array().unwrap().len(), 0);
}

#[test]
fn a_plan_that_moved_is_refused_and_says_what_moved() {
    let place = Place::with_example("quickstart");
    place.certctl("plan --sandbox --out plan.json").ok();
    place.edit(
        "certctl.yaml",
        "validity_period_days: 1825",
        "validity_period_days: 730",
    );
    let refused = place.certctl("apply plan.json --sandbox");
    assert_eq!(refused.code, 1);
    insta::assert_snapshot!("moved", refused.text());
    let status = place.certctl("status --sandbox --format json").ok().json();
    assert!(
        status["certificates"]
            .as_array()
            .unwrap()
            .iter()
            .all(|c| c["certificate_id"].is_null())
    );
}

#[test]
fn a_plan_file_that_was_edited_is_refused() {
    let place = Place::with_example("quickstart");
    place.certctl("plan --sandbox --out plan.json").ok();
    place.edit(
        "plan.json",
        "\"trust_period\": \"7d\"",
        "\"trust_period\": \"0s\"",
    );
    let refused = place.certctl("apply plan.json --sandbox");
    assert_eq!(refused.code, 1);
    insta::assert_snapshot!("edited", refused.text());
}

#[test]
fn a_digest_binds_what_is_applied() {
    let place = Place::with_example("quickstart");
    let digest = place.certctl("plan --sandbox --format json").ok().json()["digest"].clone();
    let digest = digest.as_str().unwrap();
    let wrong = format!("sha256:{}", "0".repeat(64));
    assert_eq!(
        place
            .certctl(&format!("apply --sandbox --expect-digest {wrong}"))
            .code,
        1
    );
    place
        .certctl(&format!("apply --sandbox --expect-digest {digest}"))
        .ok();
    place.certctl("plan --sandbox --detailed-exitcode").ok();
}
