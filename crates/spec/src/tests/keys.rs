//! Keys: unknown, missing, duplicate, without a value.

use super::{acme, read, shown};
use crate::format;
use crate::key::{Described, Mapping};

#[test]
fn unknown_keys_say_what_was_probably_meant() {
    insta::assert_snapshot!(shown(&[&acme("      - name: a
        validity_days: 365
        renew_before: 90d
        colour: red
        rotation: { trust_perod: 1d }
        <<: {}
")]), @r#"
    error[unknown_key]: unknown key `validity_days` in a certificate
     --> a.yaml:7:9
      |
    7 |         validity_days: 365
      |         ^^^^^^^^^^^^^
      |
      = help: did you mean `validity_period_days`?

    error[unknown_key]: unknown key `renew_before` in a certificate
     --> a.yaml:8:9
      |
    8 |         renew_before: 90d
      |         ^^^^^^^^^^^^
      |
      = help: `renew_before` belongs in `rotation`

    error[unknown_key]: unknown key `colour` in a certificate
     --> a.yaml:9:9
      |
    9 |         colour: red
      |         ^^^^^^
      |
      = help: the keys here are `name`, `validity_period_days`, `activate`, `in_use`, `rotation`, `lifecycle`, `import`, `custom`, `moved_from`

    error[unknown_key]: unknown key `trust_perod` in a rotation
      --> a.yaml:10:21
       |
    10 |         rotation: { trust_perod: 1d }
       |                     ^^^^^^^^^^^
       |
       = help: did you mean `trust_period`?

    error[unknown_key]: unknown key `<<` in a certificate
      --> a.yaml:11:9
       |
    11 |         <<: {}
       |         ^^
       |
       = help: merge keys are not read; put what is shared under `defaults`
    "#);
}

#[test]
fn a_misspelt_key_is_not_also_missing() {
    insta::assert_snapshot!(shown(&["version: 1
accounts:
  - name: acme
    id: 699d98642c564d2e855e9661899b7252
    certificate: []
"]), @r#"
    error[unknown_key]: unknown key `id` in an account
     --> a.yaml:4:5
      |
    4 |     id: 699d98642c564d2e855e9661899b7252
      |     ^^
      |
      = help: did you mean `account_id`?

    error[unknown_key]: unknown key `certificate` in an account
     --> a.yaml:5:5
      |
    5 |     certificate: []
      |     ^^^^^^^^^^^
      |
      = help: did you mean `certificates`?
    "#);
}

#[test]
fn missing_keys() {
    insta::assert_snapshot!(shown(&["accounts:\n  - adopt: ask\n"]), @r#"
    error[missing_key]: a spec needs the key `version`
     --> a.yaml:1:1
      |
    1 | accounts:
      | ^^^^^^^^
      |
      = help: start with `version: 1`

    error[missing_key]: an account needs the key `name`
     --> a.yaml:2:5
      |
    2 |   - adopt: ask
      |     ^^^^^
      |
      = help: give the account a short name, such as `name: acme`

    error[missing_key]: an account needs the key `account_id`
     --> a.yaml:2:5
      |
    2 |   - adopt: ask
      |     ^^^^^
      |
      = help: copy the account id from the dashboard: `account_id: 699d98642c564d2e855e9661899b7252`

    error[missing_key]: an account needs the key `certificates`, or `template`
     --> a.yaml:2:5
      |
    2 |   - adopt: ask
      |     ^^^^^
      |
      = help: list them, or write `certificates: []` to declare none
    "#);
}

#[test]
fn keys_that_are_no_names() {
    insta::assert_snapshot!(shown(&["version: 1\n1: x\n[a]: y\n"]), @r#"
    error[unknown_key]: a key must be a name, found a number
     --> a.yaml:2:1
      |
    2 | 1: x
      | ^

    error[unknown_key]: a key must be a name, found a list
     --> a.yaml:3:1
      |
    3 | [a]: y
      | ^
    "#);
}

#[test]
fn duplicate_keys_show_both_places() {
    insta::assert_snapshot!(shown(&[&acme("      - name: a
        in_use: true
        rotation: { renew_before: 90d, renew_before: 60d }
        in_use: false
")]), @r#"
    error[duplicate_key]: duplicate key `renew_before`
     --> a.yaml:8:40
      |
    8 |         rotation: { renew_before: 90d, renew_before: 60d }
      |                     ------------       ^^^^^^^^^^^^
      |                     |
      |                     first given here
      |
      = help: keep one of the two

    error[duplicate_key]: duplicate key `in_use`
     --> a.yaml:9:9
      |
    7 |         in_use: true
      |         ------ first given here
    8 |         rotation: { renew_before: 90d, renew_before: 60d }
    9 |         in_use: false
      |         ^^^^^^
      |
      = help: keep one of the two
    "#);
}

#[test]
fn nothing_where_something_is_needed() {
    insta::assert_snapshot!(shown(&["version: 1
accounts:
  - name:
    account_id: 699d98642c564d2e855e9661899b7252
    certificates:
  - acme
"]), @r#"
    error[wrong_type]: `name` needs a value, found nothing
     --> a.yaml:3:5
      |
    3 |   - name:
      |     ^^^^
      |
      = help: give the account a short name, such as `name: acme`

    error[wrong_type]: `certificates` needs a value, found nothing
     --> a.yaml:5:5
      |
    5 |     certificates:
      |     ^^^^^^^^^^^^
      |
      = help: list them, or write `certificates: []` to declare none

    error[wrong_type]: an account must be a mapping, found a string
     --> a.yaml:6:5
      |
    6 |   - acme
      |     ^^^^
      |
      = help: its keys are `name`, `account_id`, `adopt`, `template`, `token`, `labels`, `suspended`, `certificates`
    "#);
}

#[test]
fn defaults_hold_what_certificates_share() {
    insta::assert_snapshot!(shown(&["version: 1
defaults: { name: a, import: none, moved_from: b }
accounts: {}
"]), @r#"
    error[unknown_key]: unknown key `name` in the defaults
     --> a.yaml:2:13
      |
    2 | defaults: { name: a, import: none, moved_from: b }
      |             ^^^^
      |
      = help: the keys here are `validity_period_days`, `activate`, `in_use`, `rotation`, `lifecycle`

    error[unknown_key]: unknown key `import` in the defaults
     --> a.yaml:2:22
      |
    2 | defaults: { name: a, import: none, moved_from: b }
      |                      ^^^^^^
      |
      = help: `import` belongs in a certificate

    error[unknown_key]: unknown key `moved_from` in the defaults
     --> a.yaml:2:36
      |
    2 | defaults: { name: a, import: none, moved_from: b }
      |                                    ^^^^^^^^^^
      |
      = help: `moved_from` belongs in a certificate

    error[wrong_type]: `accounts` must be a list, found a mapping
     --> a.yaml:3:11
      |
    3 | accounts: {}
      |           ^
      |
      = help: start each account with `- `
    "#);
}

/// Each key of a mapping with a value that fits none of them; those that were not read.
fn unread<S: Mapping>(indent: &str, before: &str) -> Vec<&'static str> {
    let lines = S::keys().map(|key| format!("{indent}{}: 1.5\n", key.name()));
    let text = before.to_owned() + &lines.collect::<String>();
    let diagnostics = read(&[&text]).diagnostics;
    let reported = |key: &str| {
        diagnostics
            .iter()
            .any(|d| d.message.contains(&format!("`{key}` must be")))
    };
    S::keys()
        .map(Described::name)
        .filter(|key| !reported(key))
        .collect()
}

#[test]
fn every_key_of_the_format_is_read() {
    let certificate = acme("      - name: a\n");
    let none: [&str; 0] = [];
    assert_eq!(unread::<format::Document>("", ""), none);
    assert_eq!(
        unread::<format::DefaultsMapping>("  ", "version: 1\ndefaults:\n"),
        none
    );
    assert_eq!(
        unread::<format::AccountMapping>("    ", "version: 1\naccounts:\n  -\n"),
        none
    );
    assert_eq!(
        unread::<format::CertificateMapping>("        ", &acme("      -\n")),
        none
    );
    let nested = |block: &str| format!("{certificate}        {block}:\n");
    assert_eq!(
        unread::<format::RotationMapping>("          ", &nested("rotation")),
        none
    );
    let evidence = nested("rotation") + "          trust_evidence:\n";
    assert_eq!(
        unread::<format::EvidenceMapping>("            ", &evidence),
        none
    );
    assert_eq!(
        unread::<format::LifecycleMapping>("          ", &nested("lifecycle")),
        none
    );
}
