//! `rotation.trust_evidence`: what it is where something is left out, how it is inherited, and what is
//! wrong with it.

use super::{acme, read, shown};

fn with(evidence: &str) -> String {
    acme(&format!(
        "      - name: a\n        rotation: {{ trust_evidence: {evidence} }}\n"
    ))
}

fn declared(text: &str) -> Option<String> {
    let spec = read(&[text]).spec.unwrap();
    let rotation = &spec.accounts[0].certificates[0].rotation;
    rotation.trust_evidence.map(|evidence| evidence.to_string())
}

#[test]
fn what_is_left_out_has_a_default() {
    for (text, expected) in [
        (
            "{ seen: 98% }",
            "{ seen: 98%, active_within: 30d, sync_margin: 1d }",
        ),
        (
            "{ seen: 99.5%, active_within: 7d, sync_margin: 2h }",
            "{ seen: 99.5%, active_within: 7d, sync_margin: 2h }",
        ),
        (
            "{ seen: 100%, sync_margin: 0s }",
            "{ seen: 100%, active_within: 30d, sync_margin: 0s }",
        ),
    ] {
        assert_eq!(declared(&with(text)).as_deref(), Some(expected), "{text}");
    }
    assert_eq!(declared(&acme("      - name: a\n")), None);
}

#[test]
fn it_is_inherited_as_a_whole_and_null_stops_it() {
    let defaults =
        "defaults: { rotation: { trust_evidence: { seen: 95%, active_within: 9d } } }\naccounts:";
    let inherits = |text: &str| declared(&text.replace("accounts:", defaults));
    assert_eq!(
        inherits(&acme(
            "      - name: a\n        rotation: { trust_period: 9d }\n"
        ))
        .as_deref(),
        Some("{ seen: 95%, active_within: 9d, sync_margin: 1d }")
    );
    assert_eq!(
        inherits(&with("{ seen: 90% }")).as_deref(),
        Some("{ seen: 90%, active_within: 30d, sync_margin: 1d }")
    );
    assert_eq!(inherits(&with("null")), None);
}

#[test]
fn a_margin_as_long_as_there_is_until_the_expiry_is_refused() {
    let with = |before: &str| {
        acme(&format!(
            "      - name: a\n        rotation: {{ renew_before: {before}, trust_period: 1h, \
             trust_evidence: {{ seen: 98% }} }}\n"
        ))
    };
    assert!(read(&[&with("25h")]).spec.is_some());
    insta::assert_snapshot!(shown(&[&with("24h")]), @r"
    error[rotation_periods]: `trust_evidence.sync_margin` of 1d is not shorter than `renew_before` of 1d
     --> a.yaml:7:76
      |
    7 |         rotation: { renew_before: 24h, trust_period: 1h, trust_evidence: { seen: 98% } }
      |                                   --- renewed this long before expiry      ^^^^
      |
      = help: raise `renew_before` above 1d, or lower `sync_margin`
    ");
}

#[test]
fn what_is_wrong_is_said_where_it_stands() {
    insta::assert_snapshot!(shown(&[&acme(
        "
      - { name: a, rotation: { trust_evidence: { active_within: 0s } } }
      - { name: b, rotation: { trust_evidence: { seen: 98 } } }
      - { name: c, rotation: { trust_evidence: { seen: 0.98 } } }
      - { name: d, rotation: { trust_evidence: { seen: 101% } } }
      - { name: e, rotation: { trust_evidence: 98% } }
      - { name: f, rotation: { seen: 98% } }
      - { name: g, rotation: { trust_evidence: { seen: 98%, active_within: 30 } } }
"
    )]), @r#"
    error[missing_key]: the trust_evidence needs the key `seen`
     --> a.yaml:7:50
      |
    7 |       - { name: a, rotation: { trust_evidence: { active_within: 0s } } }
      |                                                  ^^^^^^^^^^^^^
      |
      = help: say which share of the devices has to be seen: `seen: 98%`

    error[invalid_value]: `active_within` cannot be used: within 0s no device is active
     --> a.yaml:7:65
      |
    7 |       - { name: a, rotation: { trust_evidence: { active_within: 0s } } }
      |                                                                 ^^
      |
      = help: such as `30d`

    error[wrong_type]: `seen` must be a share such as 98%, found a number
     --> a.yaml:8:56
      |
    8 |       - { name: b, rotation: { trust_evidence: { seen: 98 } } }
      |                                                        ^^
      |
      = help: write 98%

    error[wrong_type]: `seen` must be a share such as 98%, found a number with a fraction
     --> a.yaml:9:56
      |
    9 |       - { name: c, rotation: { trust_evidence: { seen: 0.98 } } }
      |                                                        ^^^^

    error[invalid_value]: share "101%" is not valid: it is a percentage above 0% and of at most 100%, such as 98% or 99.5%
      --> a.yaml:10:56
       |
    10 |       - { name: d, rotation: { trust_evidence: { seen: 101% } } }
       |                                                        ^^^^

    error[wrong_type]: `trust_evidence` must be a mapping, found a string
      --> a.yaml:11:48
       |
    11 |       - { name: e, rotation: { trust_evidence: 98% } }
       |                                                ^^^
       |
       = help: its keys are `seen`, `active_within`, `sync_margin`

    error[unknown_key]: unknown key `seen` in a rotation
      --> a.yaml:12:32
       |
    12 |       - { name: f, rotation: { seen: 98% } }
       |                                ^^^^
       |
       = help: `seen` belongs in `rotation.trust_evidence`

    error[wrong_type]: `active_within` must be a duration, found a number
      --> a.yaml:13:76
       |
    13 |       - { name: g, rotation: { trust_evidence: { seen: 98%, active_within: 30 } } }
       |                                                                            ^^
       |
       = help: add a unit: 30d
    "#);
}
