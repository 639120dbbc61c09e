//! What people see.

#[path = "../../../forecast/tests/support/declared.rs"]
mod declared;

use crate::Style;
use certctl_model::Period;

use self::declared::{account, certificate, daily, spec, years};
use super::{human, markdown};
use certctl_forecast::{Forecast, forecast, json};

/// Two certificates, one of which nobody renews.
fn two() -> Forecast {
    let (mut used, mut idle) = (certificate("inspection"), certificate("standby"));
    used.in_use = Some(true);
    used.activate = Some(true);
    idle.rotation.renew_before = None;
    daily(vec![used, idle], 2)
}

#[test]
fn a_terminal_shows_findings_bars_and_events() {
    insta::assert_snapshot!(human(&two(), Style { color: false, width: Some(72) }), @r#"
    1 problem found.
    2 certificates in 1 account, from 2026-01-01T00:00:00Z to 2028-01-01T00:00:00Z, `apply` every 1d.

    error[expires_unrenewed]: 2026-12-31T23:55:00Z  acme/standby
        it expires, and nothing has renewed it
        hint: declare `rotation.renew_before`, longer than 9d

                     2026                       2027
    acme/inspection  █████████████████████████▒                        ░████
                                              ░█████████████████████████▒
    acme/standby     ───────────────────────────

    ░ trust period   █ in use   ▒ replaced, kept as the way back   ─ valid

    2026: 14 events
      2026-01-01  acme/inspection  create (365 days)
      2026-01-01  acme/standby     create (365 days)
      2026-01-01  acme/inspection  activate
      2026-01-01  acme/standby     activate
      2026-01-01  acme/inspection  available
      2026-01-01  acme/standby     available
      2026-01-01  acme/inspection  set_in_use
      2026-12-02  acme/inspection  create (365 days)
      2026-12-02  acme/inspection  activate
      2026-12-02  acme/inspection  available
      2026-12-09  acme/inspection  set_in_use
      2026-12-16  acme/inspection  deactivate
      2026-12-16  acme/inspection  delete
      2026-12-31  acme/standby     expire

    2027: 6 events
      2027-11-02  acme/inspection  create (365 days)
      2027-11-02  acme/inspection  activate
      2027-11-02  acme/inspection  available
      2027-11-09  acme/inspection  set_in_use
      2027-11-16  acme/inspection  deactivate
      2027-11-16  acme/inspection  delete
    "#);
}

#[test]
fn a_comment_has_a_chart() {
    insta::assert_snapshot!(markdown(&two()), @r#"
    ## 1 problem found.

    2 certificates in 1 account, from `2026-01-01T00:00:00Z` to `2028-01-01T00:00:00Z`, `apply` every `1d`.

    | when | what | where | why | what to change |
    |---|---|---|---|---|
    | 2026-12-31T23:55:00Z | error `expires_unrenewed` | `acme/standby` | it expires, and nothing has renewed it | declare `rotation.renew_before`, longer than `9d` |

    ```mermaid
    gantt
        title Validity, trust and use
        dateFormat YYYY-MM-DD
        axisFormat %Y-%m
        section acme/inspection
        1 valid :2026-01-01, 2026-12-16
        1 in use :active, 2026-01-01, 2026-12-09
        1 kept :done, 2026-12-09, 2026-12-16
        2 valid :2026-12-02, 2027-11-16
        2 in use :active, 2026-12-09, 2027-11-09
        2 kept :done, 2027-11-09, 2027-11-16
        2 trust :crit, 2026-12-02, 2026-12-09
        3 valid :2027-11-02, 2028-01-01
        3 in use :active, 2027-11-09, 2028-01-01
        3 trust :crit, 2027-11-02, 2027-11-09
        section acme/standby
        1 valid :2026-01-01, 2026-12-31
    ```

    <details><summary>20 events</summary>

    | when | where | what |
    |---|---|---|
    | 2026-01-01T00:00:00Z | `acme/inspection` | `create (365 days)` |
    | 2026-01-01T00:00:00Z | `acme/standby` | `create (365 days)` |
    | 2026-01-01T00:00:00Z | `acme/inspection` | `activate` |
    | 2026-01-01T00:00:00Z | `acme/standby` | `activate` |
    | 2026-01-01T00:00:00Z | `acme/inspection` | `available` |
    | 2026-01-01T00:00:00Z | `acme/standby` | `available` |
    | 2026-01-01T00:00:00Z | `acme/inspection` | `set_in_use` |
    | 2026-12-02T00:00:00Z | `acme/inspection` | `create (365 days)` |
    | 2026-12-02T00:00:00Z | `acme/inspection` | `activate` |
    | 2026-12-02T00:00:00Z | `acme/inspection` | `available` |
    | 2026-12-09T00:00:00Z | `acme/inspection` | `set_in_use` |
    | 2026-12-16T00:00:00Z | `acme/inspection` | `deactivate` |
    | 2026-12-16T00:00:00Z | `acme/inspection` | `delete` |
    | 2026-12-31T23:55:00Z | `acme/standby` | `expire` |
    | 2027-11-02T00:00:00Z | `acme/inspection` | `create (365 days)` |
    | 2027-11-02T00:00:00Z | `acme/inspection` | `activate` |
    | 2027-11-02T00:00:00Z | `acme/inspection` | `available` |
    | 2027-11-09T00:00:00Z | `acme/inspection` | `set_in_use` |
    | 2027-11-16T00:00:00Z | `acme/inspection` | `deactivate` |
    | 2027-11-16T00:00:00Z | `acme/inspection` | `delete` |

    </details>
    "#);
}

#[test]
fn the_document_is_what_programs_read() {
    let text = json(&two());
    let end = text.find("},").unwrap();
    insta::assert_snapshot!(text[..end], @r#"
    {
      "format_version": "1.0",
      "kind": "forecast",
      "from": "2026-01-01T00:00:00Z",
      "until": "2028-01-01T00:00:00Z",
      "every": "1d",
      "events": [
        {
          "at": "2026-01-01T00:00:00Z",
          "address": "acme/inspection",
          "event": "create",
          "account": "acme",
          "certificate_id": null
    "#);
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    let schema = jsonschema::validator_for(&certctl_forecast::json_schema()).unwrap();
    assert!(schema.is_valid(&document));
    insta::assert_snapshot!(format!("{:#}", document["findings"]), @r#"
    [
      {
        "account": "acme",
        "address": "acme/standby",
        "at": "2026-12-31T23:55:00Z",
        "code": "expires_unrenewed",
        "hint": "declare `rotation.renew_before`, longer than 9d",
        "message": "it expires, and nothing has renewed it",
        "severity": "error"
      }
    ]
    "#);
}

#[test]
fn any_width_will_do() {
    let forecast = two();
    for width in 0..130 {
        let text = human(
            &forecast,
            Style {
                color: false,
                width: Some(width),
            },
        );
        let bars = text
            .lines()
            .filter(|line| line.contains(['█', '─']) && !line.contains("valid"));
        let widest = bars.map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= width.max(37), "{width}: {widest}");
    }
}

#[test]
fn a_comment_keeps_within_its_limit() {
    let accounts = (0..60).map(|n| account(&format!("a{n}"), vec![certificate("one"); 1]));
    let spec = spec(accounts.collect());
    let text = markdown(&forecast(&spec, Vec::new(), years(10, Period::DAY)));
    assert!(text.len() <= 65_536, "{}", text.len());
    assert!(text.contains("Left out: "), "{}", &text[..300]);
    assert!(text.contains("40 more are not drawn."));
}
