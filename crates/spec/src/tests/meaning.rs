//! What has the right form and cannot be.

use super::{acme, read, shown};

#[test]
fn in_use_is_active() {
    insta::assert_snapshot!(shown(&[&acme("      - name: a
        in_use: true
        activate: false
")]), @r#"
    error[in_use_inactive]: `in_use: true` contradicts `activate: false`
     --> a.yaml:8:19
      |
    7 |         in_use: true
      |                 ---- in use
    8 |         activate: false
      |                   ^^^^^
      |
      = help: what Gateway uses has to be active: remove one of the two
    "#);
}

#[test]
fn in_use_is_active_be_it_inherited() {
    insta::assert_snapshot!(shown(&["version: 1
defaults:
  activate: false
accounts:
  - name: acme
    account_id: 699d98642c564d2e855e9661899b7252
    certificates:
      - name: a
        in_use: true
"]), @r#"
    error[in_use_inactive]: `in_use: true` contradicts `activate: false` (from `defaults`)
     --> a.yaml:9:17
      |
    3 |   activate: false
      |             ----- not active
    ...
    9 |         in_use: true
      |                 ^^^^
      |
      = help: what Gateway uses has to be active: remove one of the two
    "#);
}

#[test]
fn one_certificate_of_an_account_is_in_use() {
    insta::assert_snapshot!(shown(&[&acme("      - { name: a, in_use: true }
      - { name: b, in_use: false }
      - { name: c, in_use: true }
")]), @r#"
    error[several_in_use]: a second certificate of this account is declared in use
     --> a.yaml:8:28
      |
    6 |       - { name: a, in_use: true }
      |                            ---- the first
    7 |       - { name: b, in_use: false }
    8 |       - { name: c, in_use: true }
      |                            ^^^^
      |
      = help: Gateway uses one certificate per account: keep one `in_use: true`
    "#);
}

#[test]
fn periods_fit_each_other_and_the_validity() {
    insta::assert_snapshot!(shown(&[&acme("      - name: a
        rotation: { renew_before: 5d }
      - name: b
        rotation: { renew_before: 30d, trust_period: 30d }
      - name: c
        validity_period_days: 30
        rotation: { renew_before: 30d }
      - name: d
        rotation: { renew_before: 1825d }
")]), @r#"
    error[rotation_periods]: `trust_period` of 7d (the default) is not shorter than `renew_before` of 5d
     --> a.yaml:7:35
      |
    7 |         rotation: { renew_before: 5d }
      |                                   ^^
      |
      = help: raise `renew_before` above 7d, or lower `trust_period` below 5d

    error[rotation_periods]: `trust_period` of 30d is not shorter than `renew_before` of 30d
     --> a.yaml:9:35
      |
    9 |         rotation: { renew_before: 30d, trust_period: 30d }
      |                                   ^^^                --- trusted this long
      |
      = help: raise `renew_before` above 30d, or lower `trust_period` below 30d

    error[rotation_periods]: `renew_before` of 30d is not shorter than `validity_period_days` of 30
      --> a.yaml:12:35
       |
    11 |         validity_period_days: 30
       |                               -- valid this long
    12 |         rotation: { renew_before: 30d }
       |                                   ^^^
       |
       = help: lower `renew_before` below 30d, or raise `validity_period_days` to 31 or more

    error[rotation_periods]: `renew_before` of 1825d is not shorter than `validity_period_days` of 1825 (the default)
      --> a.yaml:14:35
       |
    14 |         rotation: { renew_before: 1825d }
       |                                   ^^^^^
       |
       = help: lower `renew_before` below 1825d, or raise `validity_period_days` to 1826 or more
    "#);
}

#[test]
fn periods_fit_be_they_inherited() {
    insta::assert_snapshot!(shown(&["version: 1
defaults:
  rotation: { renew_before: 90d }
accounts:
  - name: acme
    account_id: 699d98642c564d2e855e9661899b7252
    certificates:
      - name: a
        validity_period_days: 60
      - name: b
        rotation: { trust_period: 90d }
      - name: c
        validity_period_days: 60
        rotation: { renew_before: null }
"]), @r#"
    error[rotation_periods]: `renew_before` of 90d (from `defaults`) is not shorter than `validity_period_days` of 60
     --> a.yaml:9:31
      |
    3 |   rotation: { renew_before: 90d }
      |                             --- renewed this long before expiry
    ...
    9 |         validity_period_days: 60
      |                               ^^
      |
      = help: lower `renew_before` below 60d, or raise `validity_period_days` to 91 or more

    error[rotation_periods]: `trust_period` of 90d is not shorter than `renew_before` of 90d (from `defaults`)
      --> a.yaml:11:35
       |
    11 |         rotation: { trust_period: 90d }
       |                                   ^^^
       |
      ::: a.yaml:3:29
       |
     3 |   rotation: { renew_before: 90d }
       |                             --- renewed this long before expiry
       |
       = help: raise `renew_before` above 90d, or lower `trust_period` below 90d
    "#);
}

#[test]
fn without_renewal_there_is_nothing_to_compare() {
    let text =
        acme("      - { name: a, validity_period_days: 1, rotation: { trust_period: 9d } }\n");
    assert!(read(&[&text]).spec.is_some());
}

#[test]
fn certificates_are_declared_once() {
    insta::assert_snapshot!(shown(&[&acme("      - name: a\n      - name: b\n      - name: a\n")]), @r#"
    error[duplicate_certificate]: certificate `a` is declared twice
     --> a.yaml:8:15
      |
    6 |       - name: a
      |               - first declared here
    7 |       - name: b
    8 |       - name: a
      |               ^
      |
      = help: give one of them another name, or remove it
    "#);
}

#[test]
fn accounts_are_declared_once() {
    let other = "version: 1
accounts:
  - { name: other, account_id: 699D98642C564D2E855E9661899B7252, certificates: [] }
  - { name: acme, account_id: 023e105f4ecef8ad9ca31a8372d0c353, certificates: [] }
";
    insta::assert_snapshot!(shown(&[&acme("      []\n"), other]), @r#"
    error[duplicate_account]: account id 699d98642c564d2e855e9661899b7252 is given twice
     --> b.yaml:3:32
      |
    3 |   - { name: other, account_id: 699D98642C564D2E855E9661899B7252, certificates: [] }
      |                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
     ::: a.yaml:4:17
      |
    4 |     account_id: 699d98642c564d2e855e9661899b7252
      |                 -------------------------------- first given here
      |
      = help: it is the id of `acme` already: one of the two is wrong

    error[duplicate_account]: account `acme` is declared twice
     --> b.yaml:4:13
      |
    4 |   - { name: acme, account_id: 023e105f4ecef8ad9ca31a8372d0c353, certificates: [] }
      |             ^^^^
      |
     ::: a.yaml:3:11
      |
    3 |   - name: acme
      |           ---- first declared here
      |
      = help: an account stands in one place: merge the two, or rename one
    "#);
}

#[test]
fn an_account_that_was_copied_whole_is_one_mistake() {
    insta::assert_snapshot!(shown(&[&acme("      []\n"), &acme("      []\n")]), @r#"
    error[duplicate_account]: account `acme` is declared twice
     --> b.yaml:3:11
      |
    3 |   - name: acme
      |           ^^^^
      |
     ::: a.yaml:3:11
      |
    3 |   - name: acme
      |           ---- first declared here
      |
      = help: an account stands in one place: merge the two, or rename one
    "#);
}

#[test]
fn moved_from_names_what_is_gone() {
    insta::assert_snapshot!(shown(&[&acme("      - { name: a, moved_from: a }
      - { name: b, moved_from: a }
      - { name: c, moved_from: z }
      - { name: d, moved_from: z }
")]), @r#"
    error[moved_from_declared]: `moved_from` names this very certificate
     --> a.yaml:6:32
      |
    6 |       - { name: a, moved_from: a }
      |                                ^
      |
      = help: write its former name, or remove it

    error[moved_from_declared]: `moved_from` names `a`, which is still declared
     --> a.yaml:7:32
      |
    6 |       - { name: a, moved_from: a }
      |                 - declared here
    7 |       - { name: b, moved_from: a }
      |                                ^
      |
      = help: remove that certificate, or this `moved_from`

    error[moved_from_declared]: two certificates were `z` before
     --> a.yaml:9:32
      |
    8 |       - { name: c, moved_from: z }
      |                                - claimed first here
    9 |       - { name: d, moved_from: z }
      |                                ^
      |
      = help: only one of them can take it over
    "#);
}

#[test]
fn an_id_is_imported_once() {
    insta::assert_snapshot!(shown(&[&acme("      - name: a
        import: f174e90a-fafe-4643-bbbc-4a0ed4fc8415
      - name: b
        import: F174E90A-FAFE-4643-BBBC-4A0ED4FC8415
      - { name: c, import: none }
      - { name: d, import: none }
")]), @r#"
    error[import_twice]: certificate f174e90a-fafe-4643-bbbc-4a0ed4fc8415 is named twice
     --> a.yaml:9:17
      |
    7 |         import: f174e90a-fafe-4643-bbbc-4a0ed4fc8415
      |                 ------------------------------------ first named here
    8 |       - name: b
    9 |         import: F174E90A-FAFE-4643-BBBC-4A0ED4FC8415
      |                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: a certificate belongs to one address: keep one of the two
    "#);
}

#[test]
fn settings_are_given_once_or_alike() {
    let first = acme("      []\n") + "name: acme\nstate: s3://bucket/state\n";
    let alike = "version: 1\nname: acme\nstate: s3://bucket/state\n";
    assert!(read(&[&first, alike]).spec.is_some());
    let other = "version: 1\nname: other\nstate: elsewhere\n";
    insta::assert_snapshot!(shown(&[&first, other]), @r#"
    error[settings_differ]: `name` differs from what another file says
     --> b.yaml:2:7
      |
    2 | name: other
      |       ^^^^^
      |
     ::: a.yaml:7:7
      |
    7 | name: acme
      |       ---- first given here
      |
      = help: give `name` in one file only

    error[settings_differ]: `state` differs from what another file says
     --> b.yaml:3:8
      |
    3 | state: elsewhere
      |        ^^^^^^^^^
      |
     ::: a.yaml:8:8
      |
    8 | state: s3://bucket/state
      |        ----------------- first given here
      |
      = help: give `state` in one file only
    "#);
}

#[test]
fn no_account_anywhere() {
    insta::assert_snapshot!(shown(&["version: 1\n", "version: 1\naccounts: []\n"]), @r#"
    error[no_accounts]: no account is declared in any of the files
     |
     = help: declare one under `accounts:`, with its `name` and `account_id`
    "#);
    assert!(
        read(&[&acme("      []\n")]).spec.is_some(),
        "an account without certificates is one"
    );
}

#[test]
fn diagnostics_say_whom_they_are_about() {
    let parsed = read(&[&acme(
        "      - { name: a, in_use: yes }\n      - { name: A }\n",
    )]);
    let about: Vec<_> = parsed
        .diagnostics
        .iter()
        .map(|d| {
            (
                d.account.as_ref().unwrap().to_string(),
                d.address.as_ref().map(ToString::to_string),
            )
        })
        .collect();
    let acme = "acme".to_owned();
    assert_eq!(
        about,
        [(acme.clone(), Some("acme/a".to_owned())), (acme, None)]
    );
}

#[test]
fn a_validity_outlasts_its_own_periods() {
    insta::assert_snapshot!(shown(&[&acme("      - name: a
        validity_period_days: 14
      - name: b
        validity_period_days: 15
      - name: c
        validity_period_days: 1
        rotation: { renew_before: 90d }
      - name: d
        rotation: { trust_period: 10000d, retire_after: 1000d }
")]), @r#"
    warning[validity_short]: `validity_period_days` of 14 is not longer than `trust_period` of 7d (the default) and `retire_after` of 7d (the default) together
     --> a.yaml:7:31
      |
    7 |         validity_period_days: 14
      |                               ^^
      |
      = help: raise `validity_period_days` to 15 or more, or lower `rotation.trust_period` or `rotation.retire_after`

    error[rotation_periods]: `renew_before` of 90d is not shorter than `validity_period_days` of 1
      --> a.yaml:12:35
       |
    11 |         validity_period_days: 1
       |                               - valid this long
    12 |         rotation: { renew_before: 90d }
       |                                   ^^^
       |
       = help: lower `renew_before` below 1d, or raise `validity_period_days` to 91 or more

    warning[validity_short]: `validity_period_days` of 1825 (the default) is not longer than `trust_period` of 10000d and `retire_after` of 1000d together
      --> a.yaml:14:35
       |
    14 |         rotation: { trust_period: 10000d, retire_after: 1000d }
       |                                   ^^^^^^
       |
       = help: lower `rotation.trust_period` or `rotation.retire_after`
    "#);
}
