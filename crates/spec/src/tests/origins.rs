//! Where each setting stands, and who says it.

use super::sources;
use crate::{Mode, ParseOptions, origins};

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

fn shown(address: &str) -> Vec<String> {
    let options = ParseOptions {
        env: &|_| None,
        mode: Mode::Use,
        accounts: &[],
    };
    let address = address.parse().unwrap();
    origins(&sources(&[SPEC]), &options, &address)
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
