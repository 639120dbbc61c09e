//! What a person reads of many accounts: the same is told once, and each failure once by its cause.

use std::fmt::Write as _;

use crate::support::Place;

/// Seven accounts, each of one certificate; `extra` stands in each of them.
fn fleet(extra: &str) -> Place {
    let mut text = "version: 1\naccounts:\n".to_owned();
    for n in 1..=7 {
        let _ = write!(
            text,
            "  - name: acme-{n}\n    account_id: a{n:031x}\n{extra}    certificates:\n      - {{ name: \
             inspection, validity_period_days: 365, in_use: true }}\n"
        );
    }
    let place = Place::new();
    place.write("certctl.yaml", &text);
    place
}

#[test]
fn the_same_in_seven_accounts_is_told_once() {
    let mut place = fleet("");
    let _server = place.serve("--deploy-delay 0s");
    let plan = place.certctl("plan").ok().stdout;
    let title = "# inspection will be created in 7 accounts: ";
    assert_eq!(plan.matches(title).count(), 1, "{plan}");
    assert!(plan.lines().count() < 25, "{plan}");
    let comment = place.certctl("plan --format markdown").ok().stdout;
    let document = place.certctl("plan --format json").ok().json();
    assert_eq!(document["changes"].as_array().unwrap().len(), 7);
    for n in 1..=7 {
        assert!(plan.contains(&format!("acme-{n}")), "{plan}");
        assert!(
            comment.contains(&format!("`acme-{n}/inspection`")),
            "{comment}"
        );
    }
    let applied = place.certctl("apply --auto-approve").ok().stdout;
    assert!(
        applied.contains("\ninspection in 7 accounts: done\n"),
        "{applied}"
    );
}

#[test]
fn a_failure_of_seven_accounts_is_told_once_by_its_cause() {
    let mut place = fleet("    token: { file: none }\n");
    let _server = place.serve("");
    for command in ["plan", "apply --auto-approve"] {
        let seen = place.certctl(command);
        assert_eq!(seen.code, 1);
        assert_eq!(seen.stderr.matches("error[").count(), 1, "{}", seen.stderr);
        let others = "; the same at 6 more: acme-2, acme-3, acme-4, acme-5, acme-6, acme-7";
        assert!(seen.stderr.contains(others), "{}", seen.stderr);
        assert!(
            seen.stdout.contains("7 accounts are blocked"),
            "{}",
            seen.stdout
        );
    }
}
