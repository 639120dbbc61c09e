//! Small specs, built by hand, for the tests of the forecast and of its renderers.

use std::collections::BTreeMap;

use certctl_model::{Lifecycle, Name, Period, Place, Timestamp, ValidityDays};
use certctl_spec::{Account, Adopt, Certificate, Rotation, Spec};

use certctl_forecast::{Forecast, Span, forecast};

pub(crate) fn start() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

pub(crate) fn years(years: u32, every: Period) -> Span {
    Span {
        from: start(),
        until: Period::days(365 * years).after(start()),
        every,
    }
}

fn place() -> Place {
    Place {
        file: "certctl.yaml".into(),
        line: 1,
        column: 1,
        length: 1,
    }
}

/// A certificate that is valid for a year, renewed 30 days before, trusted and kept for a week.
pub(crate) fn certificate(name: &str) -> Certificate {
    Certificate {
        name: name.parse().unwrap(),
        validity_period_days: Some(days(365)),
        activate: None,
        in_use: None,
        rotation: Rotation {
            renew_before: Some(Period::days(30)),
            ..Rotation::default()
        },
        lifecycle: Lifecycle::default(),
        import: None,
        custom: None,
        own: None,
        moved_from: None,
        place: place(),
        import_place: place(),
        custom_place: place(),
        moved_from_place: place(),
    }
}

pub(crate) fn days(days: u32) -> ValidityDays {
    ValidityDays::try_from(days).unwrap()
}

pub(crate) fn account(name: &str, certificates: Vec<Certificate>) -> Account {
    let name: Name = name.parse().unwrap();
    let digits = name
        .as_str()
        .bytes()
        .fold(0_u128, |n, b| n * 256 + u128::from(b));
    Account {
        name,
        account_id: format!("{digits:032x}").parse().unwrap(),
        adopt: Adopt::Ask,
        labels: BTreeMap::new(),
        token: None,
        suspended: false,
        certificates,
        place: place(),
    }
}

pub(crate) fn spec(accounts: Vec<Account>) -> Spec {
    Spec {
        accounts,
        ..Spec::default()
    }
}

/// One account over some years of daily runs.
pub(crate) fn daily(certificates: Vec<Certificate>, n: u32) -> Forecast {
    let spec = spec(vec![account("acme", certificates)]);
    forecast(&spec, Vec::new(), years(n, Period::DAY))
}
