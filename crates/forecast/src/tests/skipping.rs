//! A forecast plans only when something can be different, and does all that is due at once. Held
//! against one that makes every run and plans after each step, as the executor does.

use certctl_model::{Period, Wave};
use certctl_spec::{Certificate, Policy, Spec};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, Strategy, any, prop_assert_eq, proptest};
use proptest::sample::select;
use proptest::test_runner::FileFailurePersistence;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::declared::{account, certificate, days, spec, start, years};
use crate::timeline::live;
use crate::{Event, Finding, Forecast, Span, Start, collect, courses};

fn with(spec: &Spec, starts: &[Option<Start>], span: Span, eager: bool) -> Forecast {
    let mut courses = courses(spec, starts.to_vec(), span);
    for course in &mut courses {
        course.eager = eager;
    }
    live(&mut courses, &spec.policy, span);
    collect(spec, courses, span)
}

/// What the accounts of a spec have come to at the end of this time.
fn starts_after(spec: &Spec, span: Span) -> Vec<Option<Start>> {
    let mut courses = courses(spec, Vec::new(), span);
    live(&mut courses, &spec.policy, span);
    let starts = courses.into_iter().map(|mut course| {
        Some(Start {
            observed: with_ids_of_old(course.world.look(span.until, true)),
            state: course.state.as_ref().map(with_ids_of_old),
        })
    });
    starts.collect()
}

/// Under other ids than the model makes up: it would use them again.
fn with_ids_of_old<T: Serialize + DeserializeOwned>(value: &T) -> T {
    let text = serde_json::to_string(value).unwrap();
    serde_json::from_str(&text.replace(MADE_UP, "-0000-4000-9000-000000000000")).unwrap()
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

const NAMES: [&str; 5] = ["acme", "globex", "initech", "hooli", "umbrella"];

fn any_spec() -> impl Strategy<Value = Spec> {
    let accounts = vec((vec(any_certificate(), 1..12), any::<usize>()), 1..6);
    let limit = || select(vec![None, None, Some(0_u32), Some(1), Some(2)]);
    let limits = (limit(), limit(), limit());
    let bake = select(vec![None, Some(0_u32), Some(1), Some(3), Some(60)]);
    (accounts, limits, any::<bool>(), bake).prop_map(|(accounts, limits, idle, bake)| {
        let accounts = accounts.into_iter().zip(NAMES);
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
            max_deletes: limits.0,
            max_replaces: limits.1,
            max_in_use_switches: limits.2,
            waves: bake.map_or_else(Vec::new, waves),
            ..Policy::default()
        };
        spec
    })
}

/// First globex, then initech, then the others.
fn waves(bake: u32) -> Vec<Wave> {
    let wave = |name: &str| Wave {
        labels: [("name".to_owned(), name.to_owned())].into(),
        bake: Some(Period::days(bake)),
    };
    vec![wave("globex"), wave("initech"), Wave::default()]
}

/// What somebody changes in the accounts: some certificates go, some are replaced, and Gateway is to use others.
fn edited(spec: &Spec, edits: &[u8]) -> Spec {
    let mut spec = spec.clone();
    for (account, edit) in spec.accounts.iter_mut().zip(edits) {
        let certificates = &mut account.certificates;
        if edit & 1 != 0 {
            let kept = usize::from(edit >> 4) % (certificates.len() + 1);
            certificates.truncate(kept.max(certificates.len().saturating_sub(4)));
        }
        if edit & 2 != 0 {
            let each = certificates.iter_mut();
            each.for_each(|declared| declared.validity_period_days = Some(days(60)));
        }
        if edit & 4 != 0 {
            let last = certificates.len().saturating_sub(1);
            for (n, declared) in certificates.iter_mut().enumerate() {
                declared.in_use = (n == last).then_some(true);
                declared.activate = declared.in_use.or(declared.activate);
            }
        }
    }
    spec
}

fn skips_nothing(
    spec: &Spec,
    starts: &[Option<Start>],
    span: Span,
) -> Result<(), proptest::test_runner::TestCaseError> {
    let skipping = with(spec, starts, span, false);
    let eager = with(spec, starts, span, true);
    let (some, all) = (events(&skipping), events(&eager));
    let differ = some.iter().zip(&all).find(|(a, b)| a != b);
    prop_assert_eq!((differ, some.len()), (None, all.len()));
    prop_assert_eq!(findings(&skipping), findings(&eager));
    Ok(())
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
            until: Period::days(200).after(start()),
            ..years(1, Period::hours(hours))
        };
        skips_nothing(&spec, &[], span)?;
    }

    #[test]
    fn skipping_changes_nothing_after_an_edit(
        spec in any_spec(),
        edits in vec(any::<u8>(), 5),
        days in 1_u32..60,
        hours in select(vec![6_u32, 24, 24, 31]),
    ) {
        let before = Span {
            until: Period::days(days).after(start()),
            ..years(1, Period::DAY)
        };
        let after = Span {
            from: before.until,
            until: Period::days(90).after(before.until),
            every: Period::hours(hours),
        };
        skips_nothing(&edited(&spec, &edits), &starts_after(&spec, before), after)?;
    }
}
