//! Templates, labels, and accounts that are suspended.

use super::{acme, read, shown};
use crate::{Adopt, Import, Spec};

/// A file with these templates and these accounts.
fn with(templates: &str, accounts: &str) -> String {
    format!("version: 1\ntemplates:\n{templates}accounts:\n{accounts}")
}

const STANDARD: &str = "  standard:
    adopt: matching
    certificates:
      - name: inspection
        validity_period_days: 730
        in_use: true
        rotation: { renew_before: 90d, trust_period: 10d }
      - { name: spare, activate: false, import: none }
";

const ID: [&str; 2] = [
    "699d98642c564d2e855e9661899b7252",
    "023e105f4ecef8ad9ca31a8372d0c353",
];

fn spec(text: &str) -> Spec {
    let parsed = read(&[text]);
    assert_eq!(parsed.diagnostics, []);
    parsed.spec.unwrap()
}

#[test]
fn an_account_has_what_its_template_says() {
    let accounts = format!(
        "  - {{ name: a, account_id: {}, template: standard }}\n  - {{ name: b, account_id: {}, template: standard, adopt: never }}\n",
        ID[0], ID[1]
    );
    let spec = spec(&with(STANDARD, &accounts));
    let [a, b] = &spec.accounts[..] else {
        panic!("two")
    };
    assert_eq!((a.adopt, b.adopt), (Adopt::Matching, Adopt::Never));
    for account in [a, b] {
        let [inspection, spare] = &account.certificates[..] else {
            panic!("two")
        };
        assert_eq!(inspection.validity_period_days.unwrap().days(), 730);
        assert_eq!(inspection.in_use, Some(true));
        assert_eq!(inspection.rotation.trust_period.to_string(), "10d");
        assert_eq!(
            (spare.activate, &spare.import),
            (Some(false), &Some(Import::None))
        );
        // Where it is declared is where it is written.
        assert_eq!((inspection.place.line, inspection.place.column), (6, 15));
    }
    assert_eq!((a.place.line, b.place.line), (12, 13));
}

#[test]
fn the_account_overrides_key_by_key_then_the_template_then_defaults() {
    let accounts = format!(
        "  - name: a
    account_id: {}
    template: standard
    certificates:
      - name: own
      - name: inspection
        validity_period_days: null
        rotation: {{ trust_period: 5d }}
",
        ID[0]
    );
    let text = with(STANDARD, &accounts)
        + "defaults: { rotation: { retire_after: 20d, trust_period: 3d }, validity_period_days: 100 }\n";
    let spec = spec(&text);
    let names: Vec<_> = spec.accounts[0]
        .certificates
        .iter()
        .map(|c| c.name.as_str())
        .collect();
    assert_eq!(names, ["inspection", "own", "spare"]);
    let [inspection, own, spare] = &spec.accounts[0].certificates[..] else {
        panic!("three")
    };
    assert_eq!(inspection.validity_period_days, None, "`null` stops both");
    assert_eq!(inspection.in_use, Some(true), "from the template");
    let periods = |c: &crate::Certificate| {
        let rotation = &c.rotation;
        [rotation.trust_period, rotation.retire_after].map(|period| period.to_string())
    };
    assert_eq!(periods(inspection), ["5d", "20d"]);
    assert_eq!(inspection.rotation.renew_before.unwrap().to_string(), "90d");
    assert_eq!(periods(own), ["3d", "20d"]);
    assert_eq!(periods(spare), ["3d", "20d"]);
    assert_eq!(inspection.place.line, 17, "the account speaks of it");
}

#[test]
fn what_is_wrong_with_a_template_is_said_once_and_there() {
    let bad = "  bad:
    certificates:
      - { name: a, validity_period_days: 0 }
      - { name: b, in_use: true }
      - { name: b, in_use: true }
      - { name: c, rotation: { renew_before: 5d } }
";
    let accounts: String = (0..50)
        .map(|n| format!("  - {{ name: a{n}, account_id: {n:032}, template: bad }}\n"))
        .collect();
    insta::assert_snapshot!(shown(&[&with(bad, &accounts)]), @r#"
    error[out_of_range]: `validity_period_days` is 0, which is outside of 1 to 10950
     --> a.yaml:5:42
      |
    5 |       - { name: a, validity_period_days: 0 }
      |                                          ^
      |
      = help: the shortest that Cloudflare issues is 1 day

    error[duplicate_certificate]: certificate `b` is declared twice
     --> a.yaml:7:17
      |
    6 |       - { name: b, in_use: true }
      |                 - first declared here
    7 |       - { name: b, in_use: true }
      |                 ^
      |
      = help: give one of them another name, or remove it

    error[several_in_use]: a second certificate of this account is declared in use
     --> a.yaml:7:28
      |
    6 |       - { name: b, in_use: true }
      |                            ---- the first
    7 |       - { name: b, in_use: true }
      |                            ^^^^
      |
      = help: Gateway uses one certificate per account: keep one `in_use: true`

    error[rotation_periods]: `trust_period` of 7d (the default) is not shorter than `renew_before` of 5d
     --> a.yaml:8:46
      |
    8 |       - { name: c, rotation: { renew_before: 5d } }
      |                                              ^^
      |
      = help: raise `renew_before` above 7d, or lower `trust_period` below 5d
    "#);
}

#[test]
fn what_an_account_makes_of_its_template_is_said_at_the_account() {
    let accounts = format!(
        "  - name: a
    account_id: {}
    template: standard
    certificates:
      - {{ name: inspection, rotation: {{ trust_period: 100d }} }}
      - {{ name: own, in_use: true }}
  - {{ name: b, account_id: {}, template: standrd }}
",
        ID[0], ID[1]
    );
    insta::assert_snapshot!(shown(&[&with(STANDARD, &accounts)]), @r#"
    error[rotation_periods]: `trust_period` of 100d is not shorter than `renew_before` of 90d (from the template)
      --> a.yaml:16:55
       |
    16 |       - { name: inspection, rotation: { trust_period: 100d } }
       |                                                       ^^^^
       |
      ::: a.yaml:9:35
       |
     9 |         rotation: { renew_before: 90d, trust_period: 10d }
       |                                   --- renewed this long before expiry
       |
       = help: raise `renew_before` above 100d, or lower `trust_period` below 90d

    error[several_in_use]: a second certificate of this account is declared in use
      --> a.yaml:17:30
       |
    16 |       - { name: inspection, rotation: { trust_period: 100d } }
       |                 ---------- the first
    17 |       - { name: own, in_use: true }
       |                              ^^^^
       |
       = help: Gateway uses one certificate per account: keep one `in_use: true`

    error[invalid_value]: no template of this file is named `standrd`
      --> a.yaml:18:72
       |
    18 |   - { name: b, account_id: 023e105f4ecef8ad9ca31a8372d0c353, template: standrd }
       |                                                                        ^^^^^^^
       |
       = help: it has `standard`
    "#);
}

#[test]
fn templates_are_named_and_hold_certificates() {
    let text = "version: 1
templates:
  Bad Name: { certificates: [] }
  empty: {}
  list: []
  twice: { certificates: [] }
  twice: { certificates: [] }
  other: { certificates: [], account_id: x }
accounts:
  - { name: a, account_id: 699d98642c564d2e855e9661899b7252, template: none-such }
  - { name: b, account_id: 023e105f4ecef8ad9ca31a8372d0c353 }
";
    insta::assert_snapshot!(shown(&[text]));
}

#[test]
fn labels_are_words() {
    let account = |rest: &str| {
        format!(
            "version: 1\naccounts:\n  - name: a\n    account_id: {}\n    certificates: []\n{rest}",
            ID[0]
        )
    };
    let spec = spec(&account(
        "    labels: { tier: canary, region: \"EMEA south\", no: \"1\" }\n",
    ));
    let labels: Vec<_> = spec.accounts[0]
        .labels
        .iter()
        .map(|(k, v)| format!("{k}={v}"))
        .collect();
    assert_eq!(labels, ["no=1", "region=EMEA south", "tier=canary"]);
    insta::assert_snapshot!(shown(&[&account(
        "    labels: { tier: 1, a b: c, x: \"\", t: a, t: b }\n"
    )]));
    insta::assert_snapshot!(shown(&[&account("    labels: canary\n")]), @r#"
    error[wrong_type]: `labels` must be a mapping, found a string
     --> a.yaml:6:13
      |
    6 |     labels: canary
      |             ^^^^^^
      |
      = help: write words under keys: `labels: { tier: canary }`
    "#);
}

#[test]
fn a_suspended_account_stands_apart() {
    let text = acme("      - name: a\n")
        + "  - { name: b, account_id: 023e105f4ecef8ad9ca31a8372d0c353, certificates: [], suspended: true }\n"
        + "  - { name: c, account_id: \"${UNSET}\", certificates: [], suspended: true }\n";
    let spec = spec(&text);
    assert_eq!((spec.accounts.len(), spec.suspended.len()), (1, 1));
    assert_eq!(spec.suspended[0].name.as_str(), "b");
    // It still has its name and its id to itself.
    let twice = acme("      []\n")
        + "  - { name: b, account_id: 699d98642c564d2e855e9661899b7252, certificates: [], suspended: true }\n";
    assert!(shown(&[&twice]).starts_with("error[duplicate_account]"));
}
