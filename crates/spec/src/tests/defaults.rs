//! What a certificate inherits, and how it stops.

use certctl_model::{DeletionPolicy, Period};

use super::{acme, read};
use crate::{Adopt, Certificate, Import};

/// The certificates of a spec with these defaults.
fn with(defaults: &str, certificates: &str) -> Vec<Certificate> {
    let text = format!("{}defaults: {defaults}\n", acme(certificates));
    let parsed = read(&[&text]);
    assert_eq!(parsed.diagnostics, [], "{text}");
    parsed.spec.unwrap().accounts.remove(0).certificates
}

fn days(days: u32) -> Period {
    Period::days(days)
}

#[test]
fn what_is_left_out_has_the_built_in_value() {
    let [c] = &with("{}", "      - name: a\n")[..] else {
        panic!("one")
    };
    assert_eq!(
        (c.validity_period_days, c.activate, c.in_use),
        (None, None, None)
    );
    assert_eq!(c.rotation.renew_before, None);
    assert_eq!(
        (c.rotation.trust_period, c.rotation.retire_after),
        (days(7), days(7))
    );
    assert!(!c.lifecycle.prevent_destroy);
    assert_eq!(c.lifecycle.deletion_policy, DeletionPolicy::Delete);
    assert_eq!((&c.import, &c.moved_from), (&None, &None));
    assert_eq!((&c.import_place, &c.moved_from_place), (&c.place, &c.place));
}

#[test]
fn blocks_merge_key_by_key_and_null_stops() {
    let defaults = "{ validity_period_days: 365, in_use: false, activate: false, \
        rotation: { renew_before: 90d, retire_after: 1d }, \
        lifecycle: { prevent_destroy: true, deletion_policy: retain } }";
    let all = with(
        defaults,
        "
      - name: a
      - name: b
        rotation: { trust_period: 3d, retire_after: null }
        lifecycle: { deletion_policy: deactivate }
      - name: c
        validity_period_days: null
        in_use: ~
        activate:
        rotation: null
        lifecycle: null
      - name: d
        in_use: true
        activate: null
",
    );
    let [a, b, c, d] = &all[..] else {
        panic!("four")
    };
    assert_eq!(a.validity_period_days.unwrap().days(), 365);
    assert_eq!((a.activate, a.in_use), (Some(false), Some(false)));
    assert_eq!(a.rotation.renew_before, Some(days(90)));
    assert_eq!(a.rotation.retire_after, days(1));
    assert_eq!(
        b.rotation.renew_before,
        Some(days(90)),
        "inherited beside own keys"
    );
    assert_eq!(
        (b.rotation.trust_period, b.rotation.retire_after),
        (days(3), days(7))
    );
    assert!(b.lifecycle.prevent_destroy);
    assert_eq!(b.lifecycle.deletion_policy, DeletionPolicy::Deactivate);
    assert_eq!(
        (c.validity_period_days, c.activate, c.in_use),
        (None, None, None)
    );
    assert_eq!(c.rotation, crate::Rotation::default());
    assert_eq!(c.lifecycle, certctl_model::Lifecycle::default());
    assert_eq!(
        (d.activate, d.in_use),
        (Some(true), Some(true)),
        "in use implies active"
    );
}

#[test]
fn defaults_hold_for_their_own_file() {
    let first = format!(
        "{}defaults: {{ validity_period_days: 30 }}\n",
        acme("      []\n")
    );
    let second = "version: 1
accounts:
  - { name: other, account_id: 023e105f4ecef8ad9ca31a8372d0c353, certificates: [{ name: a }] }
";
    let spec = read(&[&first, second]).spec.unwrap();
    assert_eq!(spec.accounts[1].certificates[0].validity_period_days, None);
}

#[test]
fn anchors_and_aliases_share_blocks() {
    let all = with(
        "{}",
        "
      - { name: a, rotation: &shared { renew_before: 60d } }
      - { name: b, rotation: *shared }
",
    );
    assert_eq!(all[1].rotation.renew_before, Some(days(60)));
}

#[test]
fn everything_that_can_be_said() {
    let text = "version: 1
name: fleet
state: s3://bucket/state
accounts:
  - name: zeta
    account_id: 023E105F4ECEF8AD9CA31A8372D0C353
    adopt: matching
    certificates:
      - { name: z, import: none }
      - { name: a, import: f174e90a-fafe-4643-bbbc-4a0ed4fc8415, moved_from: old }
  - name: acme
    account_id: 699d98642c564d2e855e9661899b7252
    adopt: never
    certificates: []
";
    let parsed = read(&[text]);
    assert_eq!(parsed.diagnostics, []);
    let state = parsed.state_place.unwrap();
    assert_eq!(
        (state.file.as_str(), state.line, state.column),
        ("a.yaml", 3, 8)
    );
    let spec = parsed.spec.unwrap();
    assert_eq!(spec.name.unwrap().as_str(), "fleet");
    assert_eq!(spec.state.unwrap().url, "s3://bucket/state");
    let [acme, zeta] = &spec.accounts[..] else {
        panic!("ordered by name")
    };
    assert_eq!((acme.adopt, zeta.adopt), (Adopt::Never, Adopt::Matching));
    assert_eq!(zeta.account_id.as_str(), "023e105f4ecef8ad9ca31a8372d0c353");
    let [a, z] = &zeta.certificates[..] else {
        panic!("ordered by name")
    };
    assert_eq!(z.import, Some(Import::None));
    assert!(matches!(&a.import, Some(Import::Id(id)) if id.as_str().starts_with("f174")));
    assert_eq!(a.moved_from.as_ref().unwrap().as_str(), "old");
    assert_eq!(
        (
            a.import_place.line,
            a.import_place.column,
            a.import_place.length
        ),
        (10, 28, 36)
    );
    assert_eq!((a.moved_from_place.column, a.place.column), (78, 17));
}
