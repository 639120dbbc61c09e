//! A forecast plans only when something can be different, and does all that is due at once. Held
//! against one that makes every run and plans after each step, as the executor does.

use certctl_model::{Period, Wave};
use certctl_spec::{Certificate, Policy, Spec};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, Strategy, any, prop_assert_eq, proptest};
use proptest::sample::select;
use proptest::test_runner::FileFailurePersistence;

use super::declared::{account, certificate, days, spec, years};
use crate::timeline::live;
use crate::{Event, Finding, Forecast, Span, collect, courses};

fn with(spec: &Spec, span: Span, eager: bool) -> Forecast {
    let mut courses = courses(spec, Vec::new(), span);
    for course in &mut courses {
        course.eager = eager;
    }
    live(&mut courses, &spec.policy, span);
    collect(spec, courses, span)
}

/// Within an instant the order is not a promise.
fn events(forecast: &Forecast) -> Vec<Event> {
    let mut events = forecast.events.clone();
    let key = |event: &Event| {
        (
            event.at,
            event.account.clone(),
            event.address.clone(),
            event.kind,
        )
    };
    events.sort_by_key(key);
    events
}

/// Of two certificates that were made within an instant either may have the lower id.
fn findings(forecast: &Forecast) -> Vec<Finding> {
    let mut findings = forecast.findings.clone();
    for finding in &mut findings {
        let said = &mut finding.diagnostic.message;
        let words = said.split(' ').map(|word| match word.contains(MADE_UP) {
            true => "ID",
            false => word,
        });
        *said = words.collect::<Vec<_>>().join(" ");
    }
    findings
}

/// What every id that the model makes up ends with.
const MADE_UP: &str = "-0000-4000-8000-000000000000";

fn any_certificate() -> impl Strategy<Value = Certificate> {
    let validity = select(vec![30_u32, 45, 90]);
    let renew_before = select(vec![None, Some(3_u32), Some(10), Some(20), Some(20)]);
    let trust = select(vec![0_u32, 2, 7, 15]);
    let retire = select(vec![0_u32, 1, 7, 40]);
    let activate = select(vec![None, None, Some(true), Some(false)]);
    (validity, renew_before, trust, retire, activate).prop_map(
        |(validity, renew_before, trust, retire, activate)| {
            let mut made = certificate("x");
            made.validity_period_days = Some(days(validity));
            made.activate = activate;
            made.rotation.renew_before = renew_before.map(Period::days);
            made.rotation.trust_period = Period::days(trust);
            made.rotation.retire_after = Period::days(retire);
            made
        },
    )
}

fn any_spec() -> impl Strategy<Value = Spec> {
    let accounts = vec((vec(any_certificate(), 1..12), any::<usize>()), 1..4);
    let limit = || select(vec![None, None, Some(0_u32), Some(1)]);
    let bake = select(vec![None, Some(0_u32), Some(1), Some(3), Some(60)]);
    (accounts, limit(), limit(), any::<bool>(), bake).prop_map(
        |(accounts, max_replaces, max_in_use_switches, idle, bake)| {
            let accounts = accounts.into_iter().zip(["acme", "globex", "initech"]);
            let mut spec = spec(
                accounts
                    .map(|((mut certificates, used), name)| {
                        for (n, certificate) in certificates.iter_mut().enumerate() {
                            certificate.name = format!("c{n:02}").parse().unwrap();
                            certificate.activate =
                                certificate.activate.filter(|active| *active || idle);
                        }
                        if let Some(certificate) = certificates.get_mut(used % 12) {
                            certificate.in_use = Some(true);
                            certificate.activate = Some(true);
                        }
                        let mut account = account(name, certificates);
                        account.labels = [("name".to_owned(), name.to_owned())].into();
                        account
                    })
                    .collect(),
            );
            spec.policy = Policy {
                max_replaces,
                max_in_use_switches,
                waves: bake.map_or_else(Vec::new, waves),
                ..Policy::default()
            };
            spec
        },
    )
}

/// First globex, then initech, then acme.
fn waves(bake: u32) -> Vec<Wave> {
    let wave = |name: &str| Wave {
        labels: [("name".to_owned(), name.to_owned())].into(),
        bake: Some(Period::days(bake)),
    };
    vec![wave("globex"), wave("initech"), Wave::default()]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 40,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    })]

    #[test]
    fn skipping_changes_nothing(spec in any_spec(), hours in select(vec![6_u32, 24, 24, 31, 72])) {
        let span = Span {
            until: Period::days(200).after(super::declared::start()),
            ..years(1, Period::hours(hours))
        };
        let (skipping, eager) = (with(&spec, span, false), with(&spec, span, true));
        let (some, all) = (events(&skipping), events(&eager));
        let differ = some.iter().zip(&all).find(|(a, b)| a != b);
        prop_assert_eq!((differ, some.len()), (None, all.len()));
        prop_assert_eq!(findings(&skipping), findings(&eager));
    }
}
