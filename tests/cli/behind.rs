//! A machine that sits behind the Gateway whose certificate it is about to switch.

use std::sync::atomic::Ordering;

use serde_json::json;

use crate::doctor::{authority, intercept};
use crate::import::seed;
use crate::support::Place;

const ACCOUNT: &str = "699d98642c564d2e855e9661899b7252";
const SPEC: &str = "version: 1
accounts:
  - name: acme
    account_id: 699d98642c564d2e855e9661899b7252
    adopt: never
    certificates:
      - name: inspection
";

#[test]
fn a_plan_that_switches_says_so_and_looks_once() {
    let mut place = Place::new();
    place.write("certctl.yaml", SPEC);
    let server = place.serve("--deploy-delay 0s");
    let (ca, config) = authority();
    let (port, looks) = intercept(config, &server);
    let url = format!("https://127.0.0.1:{port}/client/v4");
    place.set("CLOUDFLARE_BASE_URL", &url);
    place.set("CERTCTL_CA_BUNDLE", "ca.pem");
    place.write("ca.pem", &ca.pem());
    // Connections are served one after the other: after this one, those before it were counted.
    let looked = |place: &Place| {
        place.certctl("status").ok();
        looks.swap(0, Ordering::SeqCst)
    };
    let plan = |place: &Place| place.certctl("plan --allow from_unmanaged --allow new_state");

    // Certificates of the account, of which none is what TLS ends in; and a switch.
    seed(
        &server,
        ACCOUNT,
        4,
        json!({ "binding_status": "available", "in_use": true }),
    );
    place.edit(
        "certctl.yaml",
        "name: inspection",
        "name: inspection\n        in_use: true",
    );
    let seen = plan(&place).ok();
    assert!(seen.stdout.contains("set_in_use"), "{}", seen.text());
    assert!(!seen.text().contains("behind_gateway"), "{}", seen.text());
    assert_eq!(looked(&place), 1);

    // One that it does end in.
    let theirs = json!({ "binding_status": "available", "in_use": true, "certificate": ca.pem() });
    seed(&server, ACCOUNT, 5, theirs);
    let seen = plan(&place).ok();
    assert_eq!(looked(&place), 1);
    let warning = seen.stderr.split_once("warning[behind_gateway]").unwrap().1;
    insta::assert_snapshot!(warning);
    let seen = place.certctl("apply --allow from_unmanaged --allow new_state");
    assert_eq!(seen.code, 1);
    assert!(
        seen.stderr.contains("warning[behind_gateway]"),
        "{}",
        seen.text()
    );
    assert_eq!(looked(&place), 1);

    // No switch is planned: nobody looks.
    place.edit("certctl.yaml", "\n        in_use: true", "");
    let seen = plan(&place).ok();
    assert!(!seen.text().contains("behind_gateway"), "{}", seen.text());
    assert_eq!(looked(&place), 0);
}
