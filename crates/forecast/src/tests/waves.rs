//! Waves over simulated years: no renewal ahead of its wave, and none that expires because of one.

use certctl_model::{Period, Timestamp, Wave};
use certctl_spec::{Certificate, Policy, Spec};

use super::declared::{account, certificate, spec, years};
use crate::{EventKind, Forecast, forecast};

fn wave(tier: &str, bake: u32) -> Wave {
    Wave {
        labels: [("tier".to_owned(), tier.to_owned())].into(),
        bake: Some(Period::days(bake)),
    }
}

/// One account in each of three waves, all renewed on the same day.
fn three(bakes: [u32; 2]) -> Spec {
    let inspection = || Certificate {
        in_use: Some(true),
        ..certificate("inspection")
    };
    let accounts = ["canary", "early", "rest"].map(|tier| {
        let mut account = account(tier, vec![inspection()]);
        account.labels = [("tier".to_owned(), tier.to_owned())].into();
        account
    });
    Spec {
        policy: Policy {
            waves: vec![
                wave("canary", bakes[0]),
                wave("early", bakes[1]),
                Wave::default(),
            ],
            ..Policy::default()
        },
        ..spec(accounts.into())
    }
}

/// When the account switches to each of its successors.
fn renewals(forecast: &Forecast, name: &str) -> Vec<Timestamp> {
    let events = forecast.events.iter();
    let switches = events.filter(|event| event.kind == EventKind::SetInUse);
    let here = switches.filter(|event| event.account.as_str() == name);
    here.skip(1).map(|event| event.at).collect()
}

#[test]
fn each_wave_switches_once_the_earlier_ones_have_baked() {
    let forecast = forecast(&three([3, 7]), Vec::new(), years(4, Period::DAY));
    let [canary, early, rest] = ["canary", "early", "rest"].map(|name| renewals(&forecast, name));
    assert!(canary.len() >= 3, "{canary:?}");
    for ((canary, early), rest) in canary.iter().zip(&early).zip(&rest) {
        assert!(*early >= Period::days(3).after(*canary), "{canary} {early}");
        assert!(*rest >= Period::days(7).after(*early), "{early} {rest}");
    }
    assert_eq!((early.len(), rest.len()), (canary.len(), canary.len()));
    assert!(forecast.findings.is_empty(), "{:?}", forecast.findings);
}

#[test]
fn nothing_expires_because_of_a_wave() {
    let forecast = forecast(&three([60, 60]), Vec::new(), years(4, Period::DAY));
    let rest = renewals(&forecast, "rest");
    assert_eq!(rest.len(), renewals(&forecast, "canary").len());
    let codes = forecast.findings.iter().map(|found| found.diagnostic.code);
    assert!(
        codes
            .clone()
            .all(|code| code != certctl_model::Code::InUseExpires),
        "{:?}",
        codes.collect::<Vec<_>>()
    );
}
