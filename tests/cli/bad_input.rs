//! Wrong input: a clear error, a place, a hint, and nothing sent.

use crate::support::Place;

#[test]
fn every_problem_of_a_spec_is_shown_at_once_and_nothing_is_sent() {
    let mut place = Place::new();
    place.write(
        "certctl.yaml",
        "version: 1
accounts:
  - name: Acme
    account_id: 699d98642c564d2e855e9661899b725
    certificates:
      - name: inspection
        validity_period_days: 20000
        in_use: yes
        rotatoin: {}
",
    );
    // A port on which nothing listens: a request would be seen as an error of its own.
    place.set("CLOUDFLARE_BASE_URL", "http://127.0.0.1:9/client/v4");
    place.set("CLOUDFLARE_API_TOKEN", "a-token-for-tests");
    let seen = place.certctl("apply --auto-approve");
    assert_eq!(seen.code, 1);
    insta::assert_snapshot!("all_at_once", seen.text());
}

#[test]
fn a_missing_spec_says_how_to_name_one() {
    let seen = Place::new().certctl("plan --sandbox");
    assert_eq!(seen.code, 1);
    insta::assert_snapshot!("no_spec", seen.text());
}

#[test]
fn without_credentials_nothing_is_sent() {
    let seen = Place::with_example("quickstart").certctl("plan");
    assert_eq!(seen.code, 1);
    insta::assert_snapshot!("no_credentials", seen.text());
}

#[test]
fn plain_http_is_for_loopback_alone() {
    let mut place = Place::with_example("quickstart");
    place.set("CLOUDFLARE_BASE_URL", "http://api.example.com/client/v4");
    place.set("CLOUDFLARE_API_TOKEN", "a-token-for-tests");
    let seen = place.certctl("plan");
    assert_eq!(seen.code, 1);
    insta::assert_snapshot!("plain_http", seen.text());
}

#[test]
fn an_api_that_does_not_answer_is_named() {
    let mut place = Place::with_example("quickstart");
    place.set("CLOUDFLARE_BASE_URL", "http://127.0.0.1:9/client/v4");
    place.set("CLOUDFLARE_API_TOKEN", "a-token-for-tests");
    let seen = place.certctl("plan");
    assert_eq!(seen.code, 1);
    insta::assert_snapshot!("no_api", seen.text());
}

#[test]
fn apply_asks_nobody_who_is_not_there() {
    let seen = Place::with_example("quickstart").certctl("apply --sandbox");
    assert_eq!(seen.code, 1);
    assert!(
        seen.stderr.contains("nobody is here to approve"),
        "{}",
        seen.stderr
    );
}

#[test]
fn an_unknown_account_or_address_is_an_error() {
    let place = Place::with_example("quickstart");
    for arguments in [
        "plan --sandbox --account nobody",
        "plan --sandbox --target acme/nothing",
        "plan --sandbox --replace other/inspection",
        "plan --sandbox --allow no_such_guard",
        "plan --sandbox --target acme",
    ] {
        let seen = place.certctl(arguments);
        assert_eq!(seen.code, 1, "{arguments}: {}{}", seen.stdout, seen.stderr);
    }
}

#[test]
fn a_pinned_clock_is_refused_where_it_could_do_harm() {
    let mut place = Place::with_example("quickstart");
    place.set("CERTCTL_NOW", "2026-11-23T00:00:00Z");
    place.set("CLOUDFLARE_API_TOKEN", "a-token-for-tests");
    let seen = place.certctl("apply --auto-approve");
    assert_eq!(seen.code, 1);
    assert!(seen.stderr.contains("CERTCTL_NOW"), "{}", seen.stderr);
    place.set("CERTCTL_NOW", "yesterday");
    assert_eq!(place.certctl("plan --sandbox").code, 1);
}

#[test]
fn a_time_that_no_period_can_be_counted_from_is_refused() {
    let mut place = Place::with_example("quickstart");
    for (line, named) in [
        ("forecast --offline", "CERTCTL_NOW"),
        ("plan --sandbox", "CERTCTL_NOW"),
        ("plan --sandbox --at 3000-01-01T00:00:00Z", "--at"),
    ] {
        place.set("CERTCTL_NOW", "9999-12-30T00:00:00Z");
        if named == "--at" {
            place.set("CERTCTL_NOW", "2999-12-30T00:00:00Z");
        }
        let seen = place.certctl(line);
        assert_eq!(seen.code, 1, "{line}: {}", seen.text());
        let said = format!("{named} is ");
        assert!(seen.stderr.contains(&said), "{line}: {}", seen.stderr);
        assert!(seen.stderr.contains("too far away"), "{}", seen.stderr);
    }
}

#[test]
fn a_refused_apply_is_a_document_too() {
    let place = Place::with_example("quickstart");
    let seen = place.certctl("apply --sandbox --auto-approve --format json --replace acme/nobody");
    assert_eq!(seen.code, 1, "{}", seen.text());
    let document = seen.json();
    assert_eq!(document["kind"], "apply");
    assert_eq!(document["applied"], 0);
    assert_eq!(document["diagnostics"][0]["code"], "unknown_selection");
}
