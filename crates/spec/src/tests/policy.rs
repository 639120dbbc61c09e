//! `policy`: what it says, what is wrong with it, and who may say it.

use super::{acme, read, shown};
use crate::Policy;

const POLICY: &str = "\
policy:
  max_deletes: 2
  max_replaces: 0
  max_in_use_switches: 1
  max_validity_days: 1825
  min_validity_days: 90
  require_renewal: true
  protected: [acme/inspection, other/root]
";

fn with(policy: &str) -> String {
    acme("      - name: a\n").replace("accounts:", &format!("{policy}accounts:"))
}

fn policy_of(texts: &[&str]) -> Policy {
    read(texts).spec.unwrap().policy
}

#[test]
fn what_it_says_is_read() {
    let policy = policy_of(&[&with(POLICY)]);
    assert_eq!(policy.max_deletes, Some(2));
    assert_eq!(policy.max_replaces, Some(0));
    assert_eq!(policy.max_in_use_switches, Some(1));
    assert_eq!(policy.max_validity_days.map(|d| d.days()), Some(1825));
    assert_eq!(policy.min_validity_days.map(|d| d.days()), Some(90));
    assert!(policy.require_renewal);
    let protected: Vec<String> = policy.protected.iter().map(ToString::to_string).collect();
    assert_eq!(protected, ["acme/inspection", "other/root"]);
    assert_eq!(policy.place.unwrap().line, 3);
    assert_eq!(policy_of(&[&with("")]), Policy::default());
}

#[test]
fn one_file_says_it_for_all() {
    let other = "version: 1\naccounts:\n  - name: beta\n    \
                 account_id: 799d98642c564d2e855e9661899b7252\n    certificates: []\n";
    assert_eq!(policy_of(&[&with(POLICY), other]).max_deletes, Some(2));
    assert_eq!(policy_of(&[other, &with(POLICY)]).max_deletes, Some(2));
    let same = other.replace("accounts:", &format!("{POLICY}accounts:"));
    assert_eq!(policy_of(&[&with(POLICY), &same]).max_deletes, Some(2));
    let differs = same.replace("max_deletes: 2", "max_deletes: 3");
    insta::assert_snapshot!(shown(&[&with(POLICY), &differs]), @r#"
    error[settings_differ]: `policy` differs from what another file says
     --> b.yaml:3:3
      |
    3 |   max_deletes: 3
      |   ^^^^^^^^^^^
      |
     ::: a.yaml:3:3
      |
    3 |   max_deletes: 2
      |   ----------- first given here
      |
      = help: give `policy` in one file only
    "#);
}

#[test]
fn mistakes_are_all_shown() {
    insta::assert_snapshot!(shown(&[&with("\
policy:
  max_deletes: -1
  max_replaces: many
  max_validity_days: 30
  min_validity_days: 90
  require_renewal: 1
  protected: [acme, acme/B, 7]
  max_in_use_switch: 1
")]), @r#"
    error[out_of_range]: `max_deletes` is -1, which is no limit
     --> a.yaml:3:16
      |
    3 |   max_deletes: -1
      |                ^^
      |
      = help: write 0 or more, or remove the key for no limit

    error[wrong_type]: `max_replaces` must be a whole number, found a string
     --> a.yaml:4:17
      |
    4 |   max_replaces: many
      |                 ^^^^

    error[out_of_range]: `max_validity_days` of 30 is less than `min_validity_days` of 90
     --> a.yaml:5:22
      |
    5 |   max_validity_days: 30
      |                      ^^
      |
      = help: no certificate can be both

    error[wrong_type]: `require_renewal` must be true or false, found a number
     --> a.yaml:7:20
      |
    7 |   require_renewal: 1
      |                    ^
      |
      = help: write true

    error[invalid_value]: address "acme" is not valid: it has the form <account name>/<certificate name>
     --> a.yaml:8:15
      |
    8 |   protected: [acme, acme/B, 7]
      |               ^^^^

    error[invalid_value]: address "acme/B" is not valid: it has the form <account name>/<certificate name>
     --> a.yaml:8:21
      |
    8 |   protected: [acme, acme/B, 7]
      |                     ^^^^^^

    error[wrong_type]: an address in `protected` must be a string, found a number
     --> a.yaml:8:29
      |
    8 |   protected: [acme, acme/B, 7]
      |                             ^

    error[unknown_key]: unknown key `max_in_use_switch` in a policy
     --> a.yaml:9:3
      |
    9 |   max_in_use_switch: 1
      |   ^^^^^^^^^^^^^^^^^
      |
      = help: did you mean `max_in_use_switches`?
    "#);
    insta::assert_snapshot!(shown(&[&with("policy: { protected: acme/a }\n")]), @r#"
    error[wrong_type]: `protected` must be a list, found a string
     --> a.yaml:2:22
      |
    2 | policy: { protected: acme/a }
      |                      ^^^^^^
      |
      = help: list addresses: `[acme/inspection]`
    "#);
    insta::assert_snapshot!(shown(&[&acme("      - { name: a, max_deletes: 1 }\n")]), @r#"
    error[unknown_key]: unknown key `max_deletes` in a certificate
     --> a.yaml:6:20
      |
    6 |       - { name: a, max_deletes: 1 }
      |                    ^^^^^^^^^^^
      |
      = help: `max_deletes` belongs in `policy`
    "#);
}
