//! The resolved spec reads back as the same spec.

use std::path::PathBuf;

use certctl_model::Place;

use super::{examples, read, sources};
use crate::{Mode, ParseOptions, Source, Spec, expand, parse, read_sources};

/// The spec without the places, which are elsewhere in what was expanded.
fn without_places(mut spec: Spec) -> Spec {
    let nowhere = Place {
        file: "".into(),
        line: 0,
        column: 0,
        length: 0,
    };
    spec.policy.place = None;
    for account in spec.accounts.iter_mut().chain(&mut spec.suspended) {
        account.place = nowhere.clone();
        if let Some(token) = &mut account.token {
            token.place = nowhere.clone();
        }
        for certificate in &mut account.certificates {
            for place in [
                &mut certificate.place,
                &mut certificate.import_place,
                &mut certificate.custom_place,
                &mut certificate.moved_from_place,
            ] {
                *place = nowhere.clone();
            }
        }
    }
    spec
}

fn reads_back(spec: Spec) -> String {
    let text = expand(&spec);
    let again = read(&[&text]);
    assert_eq!(again.diagnostics, [], "{text}");
    assert_eq!(
        without_places(again.spec.unwrap()),
        without_places(spec),
        "{text}"
    );
    text
}

const EVERYTHING: &str = "version: 1
name: \"123\"
state: s3://bucket/$${WORD}/\"quoted\"
policy: { max_deletes: 3, max_validity_days: 1825, protected: [a/inspection] }
defaults: { rotation: { renew_before: 90d, windows: [ { cron: 0 2 * * 6, timezone: Europe/Berlin, window_duration: 4h 30m } ] } }
templates:
  standard:
    certificates:
      - { name: inspection, in_use: true, validity_period_days: 365, moved_from: \"null\" }
      - { name: \"true\", import: none, activate: false, lifecycle: { prevent_destroy: true, deletion_policy: retain } }
accounts:
  - { name: a, account_id: 699d98642c564d2e855e9661899b7252, template: standard, labels: { \"no\": \"yes: #1\", tier: canary } }
  - name: b
    account_id: \"11111111111111111111111111111111\"
    adopt: never
    template: standard
    certificates:
      - { name: inspection, rotation: { windows: null, switch: hold }, import: f174e90a-fafe-4643-bbbc-4a0ed4fc8415 }
      - { name: own, custom: { id: 5d083f37-f9f9-4e75-9459-2682a07ab79e } }
  - { name: c, account_id: 023e105f4ecef8ad9ca31a8372d0c353, certificates: [], suspended: true }
accounts_from: { csv: tenants.csv }
";

#[test]
fn everything_is_written_out() {
    let table = Source {
        name: "tenants.csv".to_owned(),
        text: "name,account_id,template,company\nd,22222222222222222222222222222222,standard,\"$100, ${X} \\ 'é'\"\n"
            .to_owned(),
    };
    let sources = sources(&[EVERYTHING]).with_named([table]);
    let options = ParseOptions {
        env: &|_| None,
        mode: Mode::Use,
        accounts: &[],
    };
    let parsed = parse(&sources, &options);
    assert_eq!(parsed.diagnostics, []);
    insta::assert_snapshot!(reads_back(parsed.spec.unwrap()));
}

#[test]
fn every_example_reads_back() {
    for (name, _) in examples::texts() {
        // From its file, for it may name a table.
        let (sources, unread) = read_sources(&[PathBuf::from(&name)]);
        assert_eq!(unread, [], "{name}");
        let options = ParseOptions {
            env: &|name| (name == "ACME_LAB_ACCOUNT_ID").then(|| "f".repeat(32)),
            mode: Mode::Use,
            accounts: &[],
        };
        let parsed = parse(&sources, &options);
        reads_back(
            parsed
                .spec
                .unwrap_or_else(|| panic!("{name}: {:?}", parsed.diagnostics)),
        );
    }
}
