//! The configuration is the second witness of what Gateway uses, in `plan` as in `apply`.

use crate::http;
use crate::support::{Place, Server};

const ACCOUNT: &str = "699d98642c564d2e855e9661899b7252";

/// A colleague sets the configuration of the account.
fn configure(server: &Server, settings: &str) {
    let path = server.control(&format!("/sandbox/accounts/{ACCOUNT}/configuration"));
    assert_eq!(http::send("PUT", &path, settings), 200);
}

#[test]
fn a_configuration_that_names_what_is_not_there_is_said_before_anything_is_made() {
    let mut place = Place::with_example("quickstart");
    let server = place.serve("--deploy-delay 0s");
    let lost = "0b0b0b0b-0000-4000-8000-000000000001";
    configure(&server, &format!(r#"{{"certificate":{{"id":"{lost}"}}}}"#));
    let planned = place.certctl("plan");
    assert_eq!(planned.code, 1, "{}", planned.stdout);
    for word in [
        "in_use_disputed",
        lost,
        "--allow in_use_disputed:acme/inspection",
    ] {
        assert!(planned.stderr.contains(word), "{word}: {}", planned.stderr);
    }
    assert_eq!(place.certctl("apply --auto-approve").code, 1);
    let log = http::get(&server.control("/sandbox/log")).to_string();
    assert!(!log.contains("\"POST\""), "no creation is spent: {log}");
}

#[test]
fn of_several_that_the_list_marks_the_configuration_says_which() {
    let mut place = Place::with_example("quickstart");
    let server = place.serve("--deploy-delay 0s");
    place.certctl("apply --auto-approve").ok();
    let plan = place.certctl("plan --format json").ok().json();
    let changes = plan["changes"].as_array().unwrap().iter();
    let ours = changes.filter(|change| change["account_id"] == ACCOUNT);
    let mut ids = ours.flat_map(|change| change["certificates"].as_array().unwrap());
    let used = ids.find(|one| one["in_use"] == true).unwrap()["id"].clone();
    let used = used.as_str().unwrap();
    let path = server.control(&format!("/sandbox/accounts/{ACCOUNT}/certificates"));
    let id = "0c0c0c0c-0000-4000-8000-000000000001";
    let seed = format!(r#"{{"id":"{id}","binding_status":"available"}}"#);
    http::send("POST", &path, &seed);
    let lie = r#"{"reports_in_use":true}"#;
    assert_eq!(http::send("PATCH", &format!("{path}/{id}"), lie), 200);
    let named = format!("the configuration names {used}");
    // Nothing is due; by the list alone nobody could say more than that it contradicts itself.
    for line in ["plan", "apply --auto-approve --wait-timeout 0s"] {
        let seen = place.certctl(line);
        assert!(
            seen.stderr.contains(&named),
            "{line}, {named}: {}",
            seen.stderr
        );
    }
}

#[test]
fn the_first_switch_of_an_account_that_inspects_is_noticed_by_everybody() {
    let mut place = Place::with_example("quickstart");
    let server = place.serve("--deploy-delay 0s");
    for (decrypts, radius) in [(false, "nobody"), (true, "everybody")] {
        configure(
            &server,
            &format!(r#"{{"tls_decrypt":{{"enabled":{decrypts}}}}}"#),
        );
        let plan = place.certctl("plan --format json").ok().json();
        let changes = plan["changes"].as_array().unwrap();
        let switch = changes.iter().find(|c| c["address"] == "acme/inspection");
        assert_eq!(switch.unwrap()["blast_radius"], radius, "{plan:#}");
    }
}
