//! Which accounts a command works on: chosen, left out, suspended, or unknown for a variable that is not set.

use crate::support::{Place, Seen};

const SPEC: &str = "version: 1
accounts:
  - name: acme
    account_id: 699d98642c564d2e855e9661899b7252
    labels: { tier: canary }
    certificates: [ { name: inspection } ]
  - name: gone
    account_id: 5d1f7f0b8a1c4f0e9d2b3c4a5e6f7a8b
    suspended: true
    certificates: [ { name: inspection } ]
";

/// Whether a run says all of these.
#[track_caller]
fn says(seen: &Seen, words: &[&str]) {
    let text = seen.text();
    for word in words {
        assert!(text.contains(word), "no {word:?}: {text}");
    }
}

fn place(spec: &str) -> Place {
    let place = Place::new();
    place.write("certctl.yaml", spec);
    place
}

#[test]
fn a_variable_that_is_not_set_selects_nothing_away() {
    let unset = SPEC
        .replace("699d98642c564d2e855e9661899b7252", "${ACME_ACCOUNT_ID}")
        .replace("    suspended: true\n", "")
        .replace("5d1f7f0b8a1c4f0e9d2b3c4a5e6f7a8b", "${GONE_ACCOUNT_ID}");
    let place = place(&unset);
    for line in [
        "validate",
        "validate --account acme",
        "validate --label tier=canary",
        "validate --account acme --label tier=canary",
    ] {
        let seen = place.certctl(line).ok();
        says(&seen, &["warning[unset_variable]", "ACME_ACCOUNT_ID"]);
        says(&seen, &["The spec is valid: 0 certificates, 0 accounts"]);
    }
    let seen = place.certctl("validate --account other");
    assert_eq!(seen.code, 1, "{}", seen.text());
    says(&seen, &["no account is named other"]);
}

#[test]
fn a_selection_that_fits_nothing_is_an_error_of_every_command() {
    let place = place(SPEC);
    for command in [
        "validate",
        "plan --sandbox",
        "doctor --sandbox",
        "status --sandbox",
    ] {
        for (selection, what) in [
            ("--account other", "no account is named other"),
            ("--account emea-*", "no account has a name like emea-*"),
            ("--label tier=late", "no account has the label tier=late"),
            (
                "--account gone --label tier=canary",
                "no account fits all of --account and --label together",
            ),
        ] {
            let seen = place.certctl(&format!("{command} {selection}"));
            assert_eq!(seen.code, 1, "{command} {selection}: {}", seen.text());
            says(&seen, &["error[unknown_selection]", what]);
        }
    }
}

#[test]
fn whoever_names_an_account_that_is_left_alone_is_told_why() {
    let place = place(SPEC);
    place.certctl("apply --sandbox --auto-approve").ok();
    for command in [
        "pem gone/inspection --sandbox",
        "explain gone/inspection --sandbox",
        "history gone/inspection --sandbox",
        "state rm gone/inspection --sandbox --auto-approve",
        "plan --sandbox --replace gone/inspection",
        "plan --sandbox --compromised gone/inspection",
        "plan --sandbox --rollback gone/inspection",
        "plan --sandbox --target gone/inspection",
    ] {
        let seen = place.certctl(command);
        assert_eq!(seen.code, 1, "{command}: {}", seen.text());
        says(&seen, &["the account gone is suspended"]);
        says(&seen, &["remove `suspended: true` to manage it again"]);
        let awake = place.certctl(&format!(
            "{} --account gone",
            command.replace("gone/", "acme/")
        ));
        assert_eq!(awake.code, 1, "{command}: {}", awake.text());
        says(
            &awake,
            &["the account acme is left out by --account or --label"],
        );
    }
}

#[test]
fn doctor_counts_who_is_suspended() {
    let place = place(SPEC);
    let seen = place.certctl("doctor --sandbox").ok();
    says(&seen, &["certctl.yaml: 1 account; 1 suspended"]);
    let seen = place.certctl("doctor --sandbox --account gone").ok();
    says(&seen, &["all of them are suspended"]);
}
