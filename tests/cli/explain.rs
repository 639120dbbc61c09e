//! `explain ADDRESS` and `explain ID`: why, by which rule, from which facts, what is next, what would change
//! it. Codes are in `codes`.

use crate::http;
use crate::support::{Place, Server};

const SPEC: &str = "version: 1
defaults:
  rotation: { renew_before: 30d }
accounts:
  - name: acme
    account_id: 699d98642c564d2e855e9661899b7252
    certificates:
      - name: inspection
        validity_period_days: 365
        in_use: true
";

/// An account with one certificate in use, made on 2026-11-23.
fn place() -> (Place, Server) {
    let mut place = Place::new();
    place.write("certctl.yaml", SPEC);
    let server = place.serve("--clock 2026-11-23 --deploy-delay 0s");
    place.set("CERTCTL_NOW", "2026-11-23T00:00:00Z");
    (place, server)
}

/// Moves the clocks of both sides.
fn go_to(place: &mut Place, server: &Server, now: &str) {
    http::set_clock(server, now);
    place.set("CERTCTL_NOW", now);
}

#[test]
fn what_is_not_there_yet() {
    let (place, _server) = place();
    insta::assert_snapshot!(place.certctl("explain acme/inspection").text());
}

#[test]
fn what_is_as_declared() {
    let (place, _server) = place();
    place.certctl("apply --auto-approve").ok();
    insta::assert_snapshot!(place.certctl("explain acme/inspection").text());
}

#[test]
fn what_waits_for_its_trust_period() {
    let (mut place, server) = place();
    place.certctl("apply --auto-approve").ok();
    go_to(&mut place, &server, "2027-10-26T00:00:00Z");
    place.certctl("apply --auto-approve").ok();
    insta::assert_snapshot!(place.certctl("explain acme/inspection").text());
}

#[test]
fn what_nobody_declares() {
    let (place, _server) = place();
    place.certctl("apply --auto-approve").ok();
    // In another state it is anybody's.
    let seen = place
        .certctl("status --format json --state elsewhere")
        .json();
    let id = seen["certificates"][1]["certificate_id"].as_str().unwrap();
    let seen = place.certctl(&format!("explain {id} --state elsewhere"));
    insta::assert_snapshot!(seen.text());
    // To the state that made it, it is that of an address.
    let seen = place.certctl(&format!("explain {id}")).ok();
    let first =
        format!("{id} is the current certificate of acme/inspection.\n\nacme/inspection will ");
    assert!(seen.stdout.starts_with(&first), "{}", seen.stdout);
    // What only the state knows is explained, too.
    place.edit(
        "certctl.yaml",
        "      - name: inspection",
        "      - name: another",
    );
    let seen = place.certctl("explain acme/inspection").ok();
    assert!(
        seen.stdout.contains(" removed            yes "),
        "{}",
        seen.stdout
    );
    assert!(
        seen.stdout.contains("spec   it is not declared"),
        "{}",
        seen.stdout
    );
}

#[test]
fn what_nobody_knows() {
    let (place, _server) = place();
    let refusals: Vec<String> = [
        "acme/inspektion",
        "acme/something-else",
        "acne/inspection",
        "zzz/inspection",
        "acme/",
        "0b5b7f06-4b6d-4b5c-9c39-6d54f5b6a0aa",
        "--account beta acme/inspection",
    ]
    .iter()
    .map(|word| {
        format!(
            "explain {word}\n{}",
            place.certctl(&format!("explain {word}")).text()
        )
    })
    .collect();
    insta::assert_snapshot!(refusals.join("\n"));
    place.edit(
        "certctl.yaml",
        "    certificates:",
        "    suspended: true\n    certificates:",
    );
    let seen = place.certctl("explain acme/inspection");
    assert_eq!(seen.code, 1);
    assert!(seen.stderr.contains("is suspended"), "{}", seen.stderr);
}

#[test]
fn it_sends_what_a_plan_of_the_account_sends() {
    let (place, server) = place();
    place.write(
        "certctl.yaml",
        &format!("{SPEC}{}", SPEC.split_once("accounts:\n").unwrap().1)
            .replacen("acme", "beta", 1)
            .replacen(
                "699d98642c564d2e855e9661899b7252",
                "799d98642c564d2e855e9661899b7252",
                1,
            ),
    );
    let requests = || {
        let log = http::get(&server.control("/sandbox/log"));
        log["entries"].as_array().unwrap().len()
    };
    let sent = |arguments: &str| {
        let before = requests();
        place.certctl(arguments);
        requests() - before
    };
    let planned = sent("plan --account acme");
    assert!(planned > 0);
    assert_eq!(sent("explain acme/inspection"), planned);
    assert_eq!(sent("explain in_use_moved"), 0);
}

#[test]
fn what_the_api_says_is_any_text() {
    let (place, server) = place();
    place.certctl("apply --auto-approve").ok();
    let seen = place.certctl("status --format json").json();
    let id = seen["certificates"][0]["certificate_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/sandbox/accounts/699d98642c564d2e855e9661899b7252/certificates/{id}");
    let odd = r#"{"binding_status":"\u001b[2J\n::error::forged","type":"\r::error::\u202e"}"#;
    assert_eq!(http::send("PATCH", &server.control(&path), odd), 200);
    for line in [
        "explain acme/inspection".to_owned(),
        format!("explain {id} --state elsewhere"),
    ] {
        let seen = place.certctl(&line).ok();
        assert!(
            seen.stdout.contains("\\u{1b}[2J\\u{a}::error::forged"),
            "{}",
            seen.stdout
        );
        for line in seen.text().lines() {
            assert!(!line.trim_start().starts_with("::"), "{line}");
            assert!(
                !line.contains(|c: char| c.is_control() || c == '\u{202e}'),
                "{line:?}"
            );
        }
    }
}

#[test]
fn an_account_that_cannot_be_read_is_said() {
    let (place, server) = place();
    let fault = r#"{"kind":"status","method":"GET","status":403,"times":9,"body":{"success":false,
        "errors":[{"code":10000,"message":"Authentication error"}],"messages":[],"result":null}}"#;
    let faults = server.control("/sandbox/faults");
    assert_eq!(http::send("POST", &faults, fault), 200);
    let id = "0b5b7f06-4b6d-4b5c-9c39-6d54f5b6a0aa";
    for line in [
        "explain acme/inspection".to_owned(),
        format!("explain {id}"),
    ] {
        let seen = place.certctl(&line);
        assert_eq!(seen.code, 1);
        assert!(
            seen.stderr.contains("error: acme could not be read: "),
            "{}",
            seen.stderr
        );
    }
    let seen = place.certctl("explain nothing_at_all");
    assert_eq!(seen.code, 1);
    assert!(
        seen.stderr.contains("is no code of certctl"),
        "{}",
        seen.stderr
    );
}
