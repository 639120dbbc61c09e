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
fn a_saved_plan_is_shown_as_it_was() {
    let place = Place::with_example("quickstart");
    let planned = place.certctl("plan --sandbox --out plan.json").ok();
    let shown = place.certctl("show plan.json").ok();
    assert_eq!(shown.stdout, planned.stdout);
    let json = place.certctl("show plan.json --format json").ok().json();
    assert_eq!(json["format_version"], "1.1");
    assert_eq!(json["changes"][0]["steps"][0]["due"], true);
    assert_eq!(json["changes"][0]["rule"], "missing");
    let comment = place.certctl("show plan.json --format markdown").ok();
    assert!(comment.stdout.contains("certctl apply plan.json"));
    let refused = place.certctl("show certctl.yaml");
    assert_eq!(refused.code, 1);
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

#[test]
fn an_accounts_digest_binds_that_account_alone() {
    let place = Place::new();
    place.write(
        "certctl.yaml",
        "version: 1
accounts:
  - name: one
    account_id: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    certificates: [{ name: inspection }]
  - name: two
    account_id: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
    certificates: [{ name: inspection }]
",
    );
    let plan = place.certctl("plan --sandbox --format json").ok().json();
    let digest = |index: usize| plan["accounts"][index]["digest"].as_str().unwrap();
    let counts = |place: &Place| {
        let status = place.certctl("status --sandbox --format json").ok().json();
        let rows = status["certificates"].as_array().unwrap().clone();
        ["one/inspection", "two/inspection"].map(|address| {
            let of = |row: &&serde_json::Value| row["address"] == address;
            let ids = rows.iter().filter(of);
            ids.filter(|row| !row["certificate_id"].is_null()).count()
        })
    };
    let one = format!("apply --sandbox --expect-digest {}", digest(0));
    let refused = place.certctl(&one);
    assert_eq!(refused.code, 1, "{}", refused.stdout);
    assert!(refused.stderr.contains("plan_moved"), "{}", refused.stderr);
    assert_eq!(counts(&place), [1, 0]);
    // Given again beside the other: what was done is not done twice.
    let both = format!("{one} --expect-digest {}", digest(1));
    place.certctl(&both).ok();
    assert_eq!(counts(&place), [1, 1]);
    let wrong = place.certctl("apply --sandbox --expect-digest @plan.json --expect-digest x");
    assert_eq!(wrong.code, 1);
    assert!(wrong.stderr.contains("is not a digest"), "{}", wrong.stderr);
}
