//! What bad policies come to, and which field to change.

use certctl_model::Period;
use certctl_spec::Certificate;

use super::declared::{account, certificate, daily, days, spec, years};
use crate::{EventKind, Forecast, forecast};

fn in_use(name: &str) -> Certificate {
    let mut made = certificate(name);
    made.in_use = Some(true);
    made.activate = Some(true);
    made
}

fn told(forecast: &Forecast) -> String {
    let lines = forecast.findings.iter().map(|found| {
        let diagnostic = &found.diagnostic;
        let whom = match &diagnostic.address {
            Some(address) => address.to_string(),
            None => diagnostic.account.as_ref().unwrap().to_string(),
        };
        format!(
            "{} {} {whom}: {}\n  hint: {}\n",
            found.at,
            diagnostic.code,
            diagnostic.message,
            diagnostic.hint.as_deref().unwrap_or_default()
        )
    });
    lines.collect()
}

#[test]
fn a_good_policy_has_no_findings() {
    let forecast = daily(vec![in_use("inspection"), certificate("standby")], 10);
    assert_eq!(told(&forecast), "");
    let count = |kind| forecast.events.iter().filter(|e| e.kind == kind).count();
    assert_eq!(count(EventKind::Create), 22);
    assert_eq!(count(EventKind::SetInUse), 11);
    assert_eq!(count(EventKind::Expire), 0);
}

#[test]
fn what_nobody_renews_expires() {
    let (mut used, mut idle) = (in_use("inspection"), certificate("standby"));
    used.rotation.renew_before = None;
    idle.rotation.renew_before = None;
    insta::assert_snapshot!(told(&daily(vec![used, idle], 2)), @r#"
    2026-12-31T23:55:00Z in_use_expires acme/inspection: it expires while Gateway uses it, and nothing has taken over
      hint: declare `rotation.renew_before`, longer than 9d
    2026-12-31T23:55:00Z expires_unrenewed acme/standby: it expires, and nothing has renewed it
      hint: declare `rotation.renew_before`, longer than 9d
    "#);
}

#[test]
fn a_renewal_that_begins_too_late_ends_too_late() {
    let mut used = in_use("inspection");
    used.rotation.renew_before = Some(Period::days(8));
    let spec = spec(vec![account("acme", vec![used])]);
    let sparse = forecast(&spec, Vec::new(), years(2, Period::days(6)));
    insta::assert_snapshot!(told(&sparse), @r#"
    2026-12-31T23:55:00Z in_use_expires acme/inspection: it expires while Gateway uses it, and nothing has taken over
      hint: `rotation.renew_before` is 8d, and `trust_period` is 7d with a run every 6d: raise `rotation.renew_before` above 19d
    2027-01-02T00:00:00Z switch_too_early acme/inspection: Gateway switches to it at once, for what was in use has expired; its trust period lasts until 2027-01-03T00:00:00Z
      hint: raise `rotation.renew_before` above 19d, so that devices trust it before the old one expires
    "#);
    // A run a day comes before the expiry, and not before the last resort.
    let daily_runs = forecast(&spec, Vec::new(), years(2, Period::DAY));
    let codes: Vec<&str> = daily_runs
        .findings
        .iter()
        .map(|f| f.diagnostic.code.as_str())
        .collect();
    assert_eq!(codes, ["last_resort", "switch_too_early"]);
    let mut used = in_use("inspection");
    used.rotation.renew_before = Some(Period::days(9));
    assert_eq!(told(&daily(vec![used], 2)), "");
}

#[test]
fn twelve_certificates_are_two_too_many() {
    let mut all: Vec<Certificate> = (0..12).map(|n| certificate(&format!("c{n:02}"))).collect();
    all[0] = in_use("c00");
    insta::assert_snapshot!(told(&daily(all, 1)), @"
    2026-01-01T00:00:00Z creation_quota acme: 9 creations wait for the limit of three in 24 hours, until 2026-01-04T00:00:00Z: acme/c03, acme/c04, acme/c05, acme/c06, acme/c07, acme/c08, acme/c09, acme/c10, acme/c11
      hint: add at most three to `certificates` a day; those that wait are created by later runs
    2026-01-01T00:00:00Z available_cap acme: 12 certificates are declared active, and 10 of an account can be available at once
      hint: declare `activate: false` for some, or fewer certificates: a rotation needs a free slot beside at most nine
    ");
}

#[test]
fn ten_leave_no_room_for_a_rotation() {
    let mut all: Vec<Certificate> = (0..10).map(|n| certificate(&format!("c{n}"))).collect();
    all[0] = in_use("c0");
    for (n, certificate) in all.iter_mut().enumerate() {
        certificate.validity_period_days = Some(days(365 + u32::try_from(n).unwrap()));
    }
    insta::assert_snapshot!(told(&daily(all, 2)), @"
    2026-01-01T00:00:00Z creation_quota acme: 7 creations wait for the limit of three in 24 hours, until 2026-01-04T00:00:00Z: acme/c3, acme/c4, acme/c5, acme/c6, acme/c7, acme/c8, acme/c9
      hint: add at most three to `certificates` a day; those that wait are created by later runs
    2026-12-02T00:00:00Z available_cap acme/c0: create waits: 10 certificates of the account are available
      hint: declare `activate: false` for some, or fewer certificates: a rotation needs a free slot beside at most nine
    2026-12-03T00:00:00Z available_cap acme/c1: create waits: 10 certificates of the account are available
      hint: declare `activate: false` for some, or fewer certificates: a rotation needs a free slot beside at most nine
    2026-12-04T00:00:00Z available_cap acme/c2: create waits: 10 certificates of the account are available
      hint: declare `activate: false` for some, or fewer certificates: a rotation needs a free slot beside at most nine
    2026-12-06T00:00:00Z available_cap acme/c3: create waits: 10 certificates of the account are available
      hint: declare `activate: false` for some, or fewer certificates: a rotation needs a free slot beside at most nine
    2026-12-07T00:00:00Z available_cap acme/c4: create waits: 10 certificates of the account are available
      hint: declare `activate: false` for some, or fewer certificates: a rotation needs a free slot beside at most nine
    2026-12-08T00:00:00Z available_cap acme/c5: create waits: 10 certificates of the account are available
      hint: declare `activate: false` for some, or fewer certificates: a rotation needs a free slot beside at most nine
    2026-12-10T00:00:00Z available_cap acme/c6: create waits: 10 certificates of the account are available
      hint: declare `activate: false` for some, or fewer certificates: a rotation needs a free slot beside at most nine
    2026-12-11T00:00:00Z available_cap acme/c7: create waits: 10 certificates of the account are available
      hint: declare `activate: false` for some, or fewer certificates: a rotation needs a free slot beside at most nine
    2026-12-12T00:00:00Z available_cap acme/c8: create waits: 10 certificates of the account are available
      hint: declare `activate: false` for some, or fewer certificates: a rotation needs a free slot beside at most nine
    2026-12-14T00:00:00Z available_cap acme/c9: create waits: 10 certificates of the account are available
      hint: declare `activate: false` for some, or fewer certificates: a rotation needs a free slot beside at most nine
    2026-12-31T23:55:00Z in_use_expires acme/c0: it expires while Gateway uses it, and nothing has taken over
      hint: declare `activate: false` for some, or fewer certificates: a rotation needs a free slot beside at most nine
    2027-01-01T23:55:00Z expires_unrenewed acme/c1: it expires, and nothing has renewed it
      hint: declare `activate: false` for some, or fewer certificates: a rotation needs a free slot beside at most nine
    2027-01-02T23:55:00Z expires_unrenewed acme/c2: it expires, and nothing has renewed it
      hint: declare `activate: false` for some, or fewer certificates: a rotation needs a free slot beside at most nine
    2027-01-04T23:55:00Z expires_unrenewed acme/c3: it expires, and nothing has renewed it
      hint: declare `activate: false` for some, or fewer certificates: a rotation needs a free slot beside at most nine
    2027-01-05T23:55:00Z expires_unrenewed acme/c4: it expires, and nothing has renewed it
      hint: declare `activate: false` for some, or fewer certificates: a rotation needs a free slot beside at most nine
    2027-01-06T23:55:00Z expires_unrenewed acme/c5: it expires, and nothing has renewed it
      hint: declare `activate: false` for some, or fewer certificates: a rotation needs a free slot beside at most nine
    2027-01-08T23:55:00Z expires_unrenewed acme/c6: it expires, and nothing has renewed it
      hint: declare `activate: false` for some, or fewer certificates: a rotation needs a free slot beside at most nine
    2027-01-09T23:55:00Z expires_unrenewed acme/c7: it expires, and nothing has renewed it
      hint: declare `activate: false` for some, or fewer certificates: a rotation needs a free slot beside at most nine
    2027-01-10T23:55:00Z expires_unrenewed acme/c8: it expires, and nothing has renewed it
      hint: declare `activate: false` for some, or fewer certificates: a rotation needs a free slot beside at most nine
    2027-01-12T23:55:00Z expires_unrenewed acme/c9: it expires, and nothing has renewed it
      hint: declare `activate: false` for some, or fewer certificates: a rotation needs a free slot beside at most nine
    ");
}

#[test]
fn four_that_renew_on_one_day_are_one_too_many() {
    let all = ["a", "b", "c", "d"].map(certificate);
    insta::assert_snapshot!(told(&daily(all.into(), 1)), @"
    2026-01-01T00:00:00Z creation_quota acme: 1 creation waits for the limit of three in 24 hours, until 2026-01-02T00:00:00Z: acme/d
      hint: add at most three to `certificates` a day; those that wait are created by later runs
    ");
}

#[test]
fn renewals_of_one_day_wait_for_each_other() {
    // Created on two days, but renewed on one: validity and `renew_before` differ by as much.
    let mut all: Vec<Certificate> = ["a", "b", "c", "d"].map(certificate).into();
    all[3].validity_period_days = Some(days(364));
    insta::assert_snapshot!(told(&daily(all, 1)), @"
    2026-01-01T00:00:00Z creation_quota acme: 1 creation waits for the limit of three in 24 hours, until 2026-01-02T00:00:00Z: acme/d
      hint: add at most three to `certificates` a day; those that wait are created by later runs
    2026-12-02T00:00:00Z creation_quota acme: 1 creation waits for the limit of three in 24 hours, until 2026-12-03T00:00:00Z: acme/d
      hint: give them different `rotation.renew_before`, days apart, so that at most three are created in 24 hours
    ");
}
