//! Types, ranges and forms of values.

use super::{acme, shown};

#[test]
fn numbers_are_whole_and_without_quotes() {
    insta::assert_snapshot!(shown(&[&acme("      - { name: a, validity_period_days: \"1826\" }
      - { name: b, validity_period_days: 1825.0 }
      - { name: c, validity_period_days: 1_825 }
      - { name: d, validity_period_days: true }
      - { name: e, validity_period_days: [365] }
")]), @r#"
    error[wrong_type]: `validity_period_days` must be a whole number, found a string
     --> a.yaml:6:42
      |
    6 |       - { name: a, validity_period_days: "1826" }
      |                                          ^^^^^^
      |
      = help: remove the quotes: 1826

    error[wrong_type]: `validity_period_days` must be a whole number, found a number with a fraction
     --> a.yaml:7:42
      |
    7 |       - { name: b, validity_period_days: 1825.0 }
      |                                          ^^^^^^
      |
      = help: write 1825

    error[wrong_type]: `validity_period_days` must be a whole number, found a string
     --> a.yaml:8:42
      |
    8 |       - { name: c, validity_period_days: 1_825 }
      |                                          ^^^^^
      |
      = help: write 1825

    error[wrong_type]: `validity_period_days` must be a whole number, found a boolean
     --> a.yaml:9:42
      |
    9 |       - { name: d, validity_period_days: true }
      |                                          ^^^^

    error[wrong_type]: `validity_period_days` must be a whole number, found a list
      --> a.yaml:10:42
       |
    10 |       - { name: e, validity_period_days: [365] }
       |                                          ^
    "#);
}

#[test]
fn numbers_out_of_range() {
    insta::assert_snapshot!(shown(&[&acme("      - { name: a, validity_period_days: 0 }
      - { name: b, validity_period_days: 10951 }
      - { name: c, validity_period_days: 99999999999999999999999999999999999999999 }
")]), @r#"
    error[out_of_range]: `validity_period_days` is 0, which is outside of 1 to 10950
     --> a.yaml:6:42
      |
    6 |       - { name: a, validity_period_days: 0 }
      |                                          ^
      |
      = help: the shortest that Cloudflare issues is 1 day

    error[out_of_range]: `validity_period_days` is 10951, which is outside of 1 to 10950
     --> a.yaml:7:42
      |
    7 |       - { name: b, validity_period_days: 10951 }
      |                                          ^^^^^
      |
      = help: the longest that Cloudflare issues is 10950 days

    error[out_of_range]: `validity_period_days` is far too large: 99999999999999999999999999999999999999999
     --> a.yaml:8:42
      |
    8 |       - { name: c, validity_period_days: 99999999999999999999999999999999999999999 }
      |                                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#);
}

#[test]
fn booleans_are_true_or_false() {
    insta::assert_snapshot!(shown(&[&acme("      - { name: a, in_use: yes }
      - { name: b, activate: \"false\" }
      - { name: c, activate: 1 }
")]), @r#"
    error[wrong_type]: `in_use` must be true or false, found a string
     --> a.yaml:6:28
      |
    6 |       - { name: a, in_use: yes }
      |                            ^^^
      |
      = help: write true

    error[wrong_type]: `activate` must be true or false, found a string
     --> a.yaml:7:30
      |
    7 |       - { name: b, activate: "false" }
      |                              ^^^^^^^
      |
      = help: remove the quotes: false

    error[wrong_type]: `activate` must be true or false, found a number
     --> a.yaml:8:30
      |
    8 |       - { name: c, activate: 1 }
      |                              ^
      |
      = help: write true
    "#);
}

#[test]
fn durations_have_a_unit() {
    insta::assert_snapshot!(shown(&[&acme("      - { name: a, rotation: { renew_before: 90 } }
      - { name: b, rotation: { renew_before: 3 months } }
      - { name: c, rotation: { renew_before: soon } }
      - { name: d, rotation: 90d }
")]), @r#"
    error[wrong_type]: `renew_before` must be a duration, found a number
     --> a.yaml:6:46
      |
    6 |       - { name: a, rotation: { renew_before: 90 } }
      |                                              ^^
      |
      = help: add a unit: 90d

    error[invalid_value]: duration "3 months" is not valid: it is a sum of parts such as 90d, 36h, 15m or 0s
     --> a.yaml:7:46
      |
    7 |       - { name: b, rotation: { renew_before: 3 months } }
      |                                              ^^^^^^^^
      |
      = help: write 90d

    error[invalid_value]: duration "soon" is not valid: it is a sum of parts such as 90d, 36h, 15m or 0s
     --> a.yaml:8:46
      |
    8 |       - { name: c, rotation: { renew_before: soon } }
      |                                              ^^^^

    error[wrong_type]: `rotation` must be a mapping, found a string
     --> a.yaml:9:30
      |
    9 |       - { name: d, rotation: 90d }
      |                              ^^^
      |
      = help: its keys are `renew_before`, `trust_period`, `trust_evidence`, `retire_after`, `switch`, `windows`
    "#);
}

#[test]
fn names_and_ids() {
    insta::assert_snapshot!(shown(&["version: 1
name: Acme_Inspection
accounts:
  - name: 2024
    account_id: 699d
    adopt: macthing
    certificates:
      - { name: a, import: None }
      - { name: b, import: 00000000-0000-0000-0000-000000000000 }
      - { name: c, import: not an id }
      - { name: d, lifecycle: { deletion_policy: remove } }
"]), @r#"
    error[invalid_value]: name "Acme_Inspection" is not valid: it has 1 to 63 of the characters a-z, 0-9 and -
     --> a.yaml:2:7
      |
    2 | name: Acme_Inspection
      |       ^^^^^^^^^^^^^^^
      |
      = help: write `acme-inspection`

    error[wrong_type]: `name` must be a string, found a number
     --> a.yaml:4:11
      |
    4 |   - name: 2024
      |           ^^^^
      |
      = help: quote it: "2024"

    error[invalid_value]: account id "699d" is not valid: it has 32 hexadecimal digits
     --> a.yaml:5:17
      |
    5 |     account_id: 699d
      |                 ^^^^
      |
      = help: the dashboard shows it under Account home, and in every address after dash.cloudflare.com/

    error[invalid_value]: `adopt` must be one of `ask`, `matching`, `never`, found "macthing"
     --> a.yaml:6:12
      |
    6 |     adopt: macthing
      |            ^^^^^^^^
      |
      = help: did you mean `matching`?

    error[invalid_value]: `import` is a certificate's id or `none`, found "None"
     --> a.yaml:8:28
      |
    8 |       - { name: a, import: None }
      |                            ^^^^
      |
      = help: write `import: none` to create a new one

    error[invalid_value]: `import` is the nil id, which is no certificate
     --> a.yaml:9:28
      |
    9 |       - { name: b, import: 00000000-0000-0000-0000-000000000000 }
      |                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: write the certificate's own id, or `none`

    error[invalid_value]: `import` is a certificate's id or `none`, found "not an id"
      --> a.yaml:10:28
       |
    10 |       - { name: c, import: not an id }
       |                            ^^^^^^^^^
       |
       = help: a certificate's id is a UUID, such as f174e90a-fafe-4643-bbbc-4a0ed4fc8415; `certctl status` lists them

    error[invalid_value]: `deletion_policy` must be one of `delete`, `deactivate`, `retain`, found "remove"
      --> a.yaml:11:50
       |
    11 |       - { name: d, lifecycle: { deletion_policy: remove } }
       |                                                  ^^^^^^
    "#);
}

#[test]
fn versions() {
    insta::assert_snapshot!(shown(&["version: 2\n", "version: \"1\"\n", "version: 1.0\n"]), @r#"
    error[unsupported_version]: `version` is 2, which is no version of the format that this certctl reads
     --> a.yaml:1:10
      |
    1 | version: 2
      |          ^
      |
      = help: it reads version 1

    error[wrong_type]: `version` must be a whole number, found a string
     --> b.yaml:1:10
      |
    1 | version: "1"
      |          ^^^
      |
      = help: remove the quotes: 1

    error[wrong_type]: `version` must be a whole number, found a number with a fraction
     --> c.yaml:1:10
      |
    1 | version: 1.0
      |          ^^^
      |
      = help: write 1
    "#);
}

#[test]
fn an_import_is_one_id_and_nothing_else() {
    let id = "f174e90a-fafe-4643-bbbc-4a0ed4fc8415";
    for (written, hint) in [
        ("abc".to_owned(), "a certificate's id is a UUID"),
        (id.replace('-', ""), "a certificate's id is a UUID"),
        (format!("{id}0"), "a certificate's id is a UUID"),
        (
            format!("699d98642c564d2e855e9661899b7252/{id}"),
            "write the certificate's id alone: `import: f174e90a-fafe-4643-bbbc-4a0ed4fc8415`",
        ),
        (
            format!("acme/{id}"),
            "write the certificate's id alone: `import: f174e90a-fafe-4643-bbbc-4a0ed4fc8415`",
        ),
    ] {
        let shown = shown(&[&acme(&format!(
            "      - {{ name: a, import: {written} }}\n"
        ))]);
        assert!(
            shown.starts_with(
                "error[invalid_value]: `import` is a certificate's id or `none`, found"
            ),
            "{shown}"
        );
        assert!(shown.contains(hint), "{shown}");
    }
}
