//! Before a switch: whether the client installs certificates on devices at all.

use crate::http;
use crate::support::Place;

const ACCOUNT: &str = "699d98642c564d2e855e9661899b7252";
const CODE: &str = "certificates_not_installed";

#[test]
fn that_devices_install_nothing_is_said_before_the_switch() {
    let mut place = Place::with_example("quickstart");
    let server = place.serve("--deploy-delay 0s --inspects");
    place.certctl("apply --auto-approve").ok();
    let set = |enabled: bool| {
        let path = server.control(&format!("/sandbox/accounts/{ACCOUNT}/devices"));
        let settings = format!(r#"{{"root_certificate_installation_enabled":{enabled}}}"#);
        assert_eq!(http::send("PUT", &path, &settings), 200);
    };
    set(false);
    // Nothing is to be switched: nobody asks.
    assert!(!place.certctl("plan").ok().text().contains(CODE));

    place.edit(
        "certctl.yaml",
        "validity_period_days: 1825",
        "validity_period_days: 730",
    );
    let said = place.certctl("plan --format markdown").ok().stdout;
    let line = said.find("> **The client installs certificates on no device of 1 account");
    assert!(line.is_some() && line < said.find("### Changes"), "{said}");
    let said = place.certctl("plan").ok();
    assert!(
        said.stderr.contains(&format!("warning[{CODE}]")),
        "{}",
        said.stderr
    );
    assert!(
        said.stdout
            .contains("The client installs certificates on no device")
    );

    set(true);
    assert!(!place.certctl("plan").ok().text().contains(CODE));
}

#[test]
fn settings_that_cannot_be_read_stop_nothing() {
    let mut place = Place::with_example("quickstart");
    let server = place.serve("--deploy-delay 0s --inspects");
    for status in [403, 500] {
        // The list, then this, then the configuration.
        let fault = format!(
            r#"{{"kind": "status", "method": "GET", "status": {status}, "nth": 2, "times": 1}}"#
        );
        assert_eq!(
            http::send("POST", &server.control("/sandbox/faults"), &fault),
            200
        );
        let plan = place.certctl("plan --format json").ok().json();
        assert_eq!(plan["applyable"], true, "{status}: {plan:#}");
        assert_eq!(plan["diagnostics"], serde_json::json!([]), "{status}");
    }
}
