//! Where each setting stands, and who says it.

use std::collections::BTreeSet;

use super::{acme, sources};
use crate::{Mode, ParseOptions, Said, json_schema, origins};

const SPEC: &str = "\
version: 1
defaults:
  rotation: { renew_before: 30d }
templates:
  usual:
    certificates:
      - name: inspection
        in_use: true
accounts:
  - name: acme
    account_id: 699d98642c564d2e855e9661899b7252
    template: usual
    certificates:
      - name: inspection
        validity_period_days: 365
      - name: other
        activate: false
";

fn said(spec: &str, address: &str) -> Vec<Said> {
    let options = ParseOptions {
        env: &|_| None,
        mode: Mode::Use,
        accounts: &[],
    };
    origins(&sources(&[spec]), &options, &address.parse().unwrap())
}

fn shown(address: &str) -> Vec<String> {
    said(SPEC, address)
        .iter()
        .map(|said| {
            let place = &said.place;
            format!(
                "{}:{}:{} {} by {:?}",
                place.file, place.line, place.column, said.key, said.by
            )
        })
        .collect()
}

#[test]
fn each_setting_has_its_place() {
    assert_eq!(
        shown("acme/inspection"),
        [
            "a.yaml:15:31 validity_period_days by Certificate",
            "a.yaml:8:17 in_use by Template",
            "a.yaml:3:29 rotation.renew_before by Defaults",
        ]
    );
    assert_eq!(
        shown("acme/other"),
        [
            "a.yaml:17:19 activate by Certificate",
            "a.yaml:3:29 rotation.renew_before by Defaults",
        ]
    );
}

#[test]
fn what_is_not_declared_has_none() {
    assert!(shown("acme/else").is_empty());
    assert!(shown("beta/inspection").is_empty());
}

#[test]
fn every_key_of_a_certificate_is_among_them() {
    let spec = acme(
        "      - name: all
        validity_period_days: 365
        activate: true
        in_use: false
        rotation:
          renew_before: 90d
          trust_period: 1d
          trust_evidence: { seen: 98% }
          retire_after: 1d
          switch: hold
          windows: [ { cron: '0 2 * * *', timezone: UTC, window_duration: 2h } ]
        lifecycle: { prevent_destroy: true, deletion_policy: retain }
        import: none
        moved_from: before
      - name: own
        custom: { id: 0b5b7f06-4b6d-4b5c-9c39-6d54f5b6a0aa }
",
    );
    let mut found = said(&spec, "acme/all");
    found.extend(said(&spec, "acme/own"));
    let found: BTreeSet<String> = found.iter().map(|said| said.key.to_owned()).collect();
    let schema = json_schema();
    let keys = |shape: &str| {
        let keys = schema["$defs"][shape]["properties"].as_object().unwrap();
        keys.keys().cloned().collect::<Vec<String>>()
    };
    let mut known = BTreeSet::new();
    for key in keys("certificate") {
        match key.as_str() {
            "name" => {}
            "rotation" | "lifecycle" => {
                known.extend(keys(&key).iter().map(|below| format!("{key}.{below}")));
            }
            _ => {
                known.insert(key);
            }
        }
    }
    assert_eq!(found, known);
}
