//! Whatever has happened, once it stops happening the account becomes what is declared.

use std::collections::BTreeMap;

use certctl_account::AccountModel;
use certctl_model::{
    BindingStatus, CertificateId, CertificateType, Guard, Note, Origin, Period, Role,
};
use certctl_plan::{Action, Allow, ChangeKind};
use certctl_spec::{Account, Adopt};
use proptest::prelude::{ProptestConfig, Strategy, any, proptest};
use proptest::test_runner::FileFailurePersistence;

use crate::make::{
    self, Event, account, address, any_account, any_history, certificate, days, name,
};
use crate::run::{Fault, Run, Turn};

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    }
}

fn begin(account: Account) -> Run {
    let world = AccountModel::empty(account.account_id.clone(), Period::seconds(45));
    let mut run = Run::new(account, world, make::start());
    // No history is to end in a question.
    for guard in Guard::ALL.iter().copied() {
        run.options.allow.insert(Allow::everywhere(guard));
    }
    run
}

impl Event {
    fn happen(&self, run: &mut Run) {
        let now = run.now;
        match self {
            Self::Declare(account) => run.account = (**account).clone(),
            Self::Run(steps, fault) => {
                let mut left = *steps;
                while left > 0 {
                    left -= 1;
                    let fault = if left == 0 { *fault } else { Fault::None };
                    match run.turn(fault) {
                        Turn::Did(_) => {}
                        // Only the edge is waited for by a run; periods are for later ones.
                        Turn::Until(at) if at <= Period::HOUR.after(run.now) => {
                            run.now = at;
                            run.world.catch_up(at);
                        }
                        _ => break,
                    }
                }
            }
            Self::Unattended(steps, fault) => {
                run.options.only_rotation = true;
                Self::Run(*steps, *fault).happen(run);
                run.options.only_rotation = false;
            }
            Self::Target(steps, name) => {
                run.options.targets.insert(address(name));
                Self::Run(*steps, Fault::None).happen(run);
                run.options.targets.clear();
            }
            Self::Pass(hours) => run.pass(Period::hours(*hours)),
            Self::Replace(name) => {
                run.options.replace.insert(address(name));
            }
            Self::HandCreate => {
                let kind = CertificateType::GatewayManaged;
                let id = run.world.add(kind, days(77), now);
                let _ = run.world.activate(&id, now);
            }
            Self::HandUpload => {
                run.world.add(CertificateType::Custom, days(900), now);
            }
            Self::HandSwitch(n) => {
                if let Some(id) = pick(run, *n, |_, status| *status == BindingStatus::Available) {
                    let _ = run.switch(|world| world.set_in_use(&id));
                }
            }
            Self::HandUnset => {
                let _ = run.switch(|world| {
                    world.unset_in_use();
                    Ok(())
                });
            }
            Self::HandRemove(n) => {
                if let Some(id) = pick(run, *n, |_, _| true) {
                    let _ = run.world.deactivate(&id, now);
                    let _ = run.world.delete(&id);
                }
            }
            Self::HandActivate(n) => {
                if let Some(id) = pick(run, *n, |_, status| *status == BindingStatus::Inactive) {
                    let _ = run.world.activate(&id, now);
                }
            }
        }
    }
}

fn pick(
    run: &Run,
    n: usize,
    fits: impl Fn(&CertificateId, &BindingStatus) -> bool,
) -> Option<CertificateId> {
    let fitting: Vec<_> = run
        .world
        .certificates()
        .iter()
        .filter(|held| fits(&held.id, &held.binding_status))
        .map(|held| held.id.clone())
        .collect();
    fitting.get(n % fitting.len().max(1)).cloned()
}

/// The account is what is declared, the state says so, and nothing of ours was lost.
fn is_as_declared(run: &Run) {
    let outcome = run.plan(true);
    assert!(outcome.due().is_empty(), "{outcome:#?}");
    for change in &outcome.changes {
        assert_eq!(change.kind, ChangeKind::NoOp, "{change:#?}");
        assert_eq!(change.waiting, None);
    }
    let state = run.state.clone().unwrap_or_default();
    assert_eq!(state.intents, []);
    let declared: Vec<_> = run.account.certificates.iter().map(|c| &c.name).collect();
    let bound: Vec<_> = state.certificates.keys().collect();
    assert_eq!(bound, declared);
    for declared in &run.account.certificates {
        let bindings = &state.certificates[&declared.name].bindings;
        let [binding] = bindings.as_slice() else {
            panic!("{bindings:#?}");
        };
        assert_eq!(binding.role, Role::Current);
        let held = run.world.certificate(&binding.id).expect("it exists");
        if let (Some(wants), Some(has)) = (declared.validity_period_days, binding.days) {
            assert_eq!(wants, has);
        }
        let used = run.used().as_ref() == Some(&binding.id);
        if declared.in_use.is_some() {
            assert_eq!(declared.in_use, Some(used), "{declared:?} {:#?}", run.log);
        }
        let wanted = match (declared.activate, binding.origin) {
            (None, Origin::Adopted) => continue,
            (None, Origin::Created | Origin::Uploaded) => true,
            (Some(active), _) => active,
        };
        assert_eq!(held.binding_status == BindingStatus::Available, wanted);
    }
    let kept = |id: &&CertificateId| run.world.certificate(id).is_some();
    for id in run.ours.iter().filter(kept) {
        let known = state.binding(id).is_some() || run.forgotten.contains(id);
        assert!(known, "{id} leaked: {:#?}", run.log);
    }
}

proptest! {
    #![proptest_config(config(100))]

    /// Killed at any step, edited at any time, meddled with by hand: it converges.
    #[test]
    fn every_history_converges(history in any_history(), last in any_account(true)) {
        let mut run = begin(account(Adopt::Never, vec![certificate("a")]));
        for event in &history {
            event.happen(&mut run);
        }
        run.options.replace.clear();
        run.account = last;
        run.converge();
        is_as_declared(&run);
    }

    /// Without faults and edits, an account takes as many creations and uploads as it has addresses, and one
    /// more for each that is replaced.
    #[test]
    fn one_creation_for_each_need(first in any_account(true), replaced in any::<bool>()) {
        let mut run = begin(first);
        run.account.certificates.iter_mut().for_each(|c| c.rotation.renew_before = None);
        run.converge();
        is_as_declared(&run);
        let needed = run.account.certificates.len();
        proptest::prop_assert_eq!(run.ours.len(), needed);
        // The successor of a CA of one's own is its owner's to make.
        let first = run.account.certificates[0].clone();
        if replaced && first.custom.is_none() {
            let name = first.name;
            run.options.replace.insert(address(name.as_str()));
            run.converge();
            is_as_declared(&run);
            proptest::prop_assert_eq!(run.ours.len(), needed + 1);
        }
    }

    /// Interrupted after any prefix, with any kind of fault, the end is as if it never had been.
    #[test]
    fn any_prefix_ends_alike(
        first in any_account(true),
        second in any_account(true),
        cuts in proptest::collection::vec((0..14_usize, any_fault()), 0..6),
    ) {
        let end = |cuts: &[(usize, Fault)]| {
            let mut run = begin(first.clone());
            run.converge();
            run.account = second.clone();
            for (steps, fault) in cuts {
                Event::Run(*steps, *fault).happen(&mut run);
            }
            run.converge();
            is_as_declared(&run);
            let state = run.state.unwrap_or_default();
            let entries = state.certificates.iter();
            let shapes: BTreeMap<_, _> = entries
                .map(|(name, entry)| {
                    let days = entry.bindings.iter().map(|b| (b.role, b.days)).collect::<Vec<_>>();
                    (name.clone(), days)
                })
                .collect();
            (shapes, run.ours.len())
        };
        proptest::prop_assert_eq!(end(&cuts), end(&[]));
    }

}

proptest! {
    // Each of these is years long.
    #![proptest_config(config(6))]

    /// Daily runs over years, some of them lost: Gateway always uses what is available and
    /// unexpired, and each certificate is renewed once per period.
    #[test]
    fn renewal_goes_on_for_years(gaps in proptest::collection::vec(1..20_u32, 100..140)) {
        let mut one = certificate("a");
        one.in_use = Some(true);
        one.activate = Some(true);
        one.validity_period_days = Some(days(365));
        one.rotation.renew_before = Some(Period::days(90));
        let mut run = begin(account(Adopt::Never, vec![one]));
        let mut passed = 0;
        for gap in &gaps {
            Event::Run(40, Fault::None).happen(&mut run);
            let held = run.world.in_use().expect("in use");
            assert_eq!(held.binding_status, BindingStatus::Available);
            assert!(!held.is_expired(run.now), "an outage");
            run.pass(Period::days(*gap));
            passed += gap;
        }
        let renewals = run.ours.len() as u32 - 1;
        proptest::prop_assert!(renewals <= passed / 275 && passed / (275 + 20) <= renewals);
    }
}

fn any_fault() -> impl Strategy<Value = Fault> {
    any::<u8>().prop_map(|n| [Fault::None, Fault::NotSent, Fault::Lost][usize::from(n % 3)])
}

/// Custom and unmanaged certificates, whatever is done around them, stay as they were.
#[test]
fn what_is_not_ours_is_never_touched() {
    let mut one = certificate("a");
    one.in_use = Some(true);
    one.activate = Some(true);
    let mut run = begin(account(Adopt::Never, vec![one, certificate("b")]));
    let now = run.now;
    for kind in ["custom", "gateway_managed", "something_new"] {
        let id = run
            .world
            .add(kind.parse().expect("a type"), days(1825), now);
        run.world.activate(&id, now).expect("activated");
    }
    run.pass(Period::HOUR);
    let custom = run.world.certificates()[0].id.clone();
    run.world.set_in_use(&custom).expect("in use");
    let before: Vec<_> = run
        .world
        .certificates()
        .iter()
        .map(|c| c.id.clone())
        .collect();
    run.converge();
    run.account.certificates[1].validity_period_days = Some(days(100));
    run.converge();
    for id in before {
        let held = run.world.certificate(&id).expect("it exists");
        assert_eq!(held.binding_status, BindingStatus::Available, "{id}");
    }
}

/// A lost response to the first create: exactly one certificate exists after the next run.
#[test]
fn a_create_is_never_repeated_blindly() {
    for fault in [Fault::Lost, Fault::NotSent] {
        let mut run = begin(account(Adopt::Never, vec![certificate("a")]));
        assert_eq!(run.turn(fault), Turn::Did(Action::Create));
        run.converge();
        is_as_declared(&run);
        assert_eq!(run.world.certificates().len(), 1);
    }
}

/// What is not part of what was approved does not change the digest: neither the hour, nor how far
/// the edge is, nor what is only remembered.
#[test]
fn the_digest_holds_while_cloudflare_works() {
    let mut one = certificate("a");
    one.in_use = Some(true);
    one.activate = Some(true);
    let mut run = begin(account(Adopt::Never, vec![one]));
    run.converge();
    run.options.replace.insert(address("a"));
    while run.turn(Fault::None) != Turn::Did(Action::Activate) {}
    let digest = |run: &Run| run.plan(false).account.digest;
    let pending = digest(&run);
    run.pass(Period::HOUR);
    assert_eq!(digest(&run), pending, "available");
    assert_eq!(run.turn(Fault::None), Turn::Did(Action::Record));
    assert_eq!(digest(&run), pending, "remembered");
    run.pass(Period::days(3));
    assert_eq!(digest(&run), pending, "later");
    run.pass(Period::days(5));
    assert_eq!(digest(&run), pending, "due");
}

/// A certificate that is gone is made again, although its `import` still stands in the spec.
#[test]
fn a_spent_import_does_not_block() {
    let mut run = begin(account(Adopt::Never, vec![certificate("a")]));
    let now = run.now;
    let id = run
        .world
        .add(CertificateType::GatewayManaged, days(1825), now);
    run.account.certificates[0].import = Some(certctl_spec::Import::Id(id.clone()));
    run.converge();
    assert_eq!(run.ours.len(), 0);
    run.world.delete(&id).expect("deleted");
    run.converge();
    assert_eq!(run.ours.len(), 1);
    let had = &run.state.as_ref().expect("a state").certificates[&name("a")].had;
    assert_eq!(had, &[id]);
}

/// Forgotten with its name: the notes of an untargeted address are not made.
#[test]
fn targets_confine_a_run_and_still_settle_an_open_create() {
    let mut run = begin(account(
        Adopt::Never,
        vec![certificate("a"), certificate("b")],
    ));
    assert_eq!(run.turn(Fault::Lost), Turn::Did(Action::Create));
    Event::Target(20, "b").happen(&mut run);
    let state = run.state.clone().expect("a state");
    assert_eq!(state.open_create(), None);
    let statuses: Vec<_> = ["a", "b"]
        .map(|text| {
            let binding = &state.certificates[&name(text)].bindings[0];
            run.world
                .certificate(&binding.id)
                .expect("it exists")
                .binding_status
                .clone()
        })
        .into();
    assert_eq!(
        statuses,
        [BindingStatus::Inactive, BindingStatus::Available]
    );
    run.converge();
    is_as_declared(&run);
    let forget = Note::Forget {
        certificate: name("a"),
    };
    assert!(!run.log.contains(&format!("{forget:?}")));
}
