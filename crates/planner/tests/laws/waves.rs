//! Waves, in a fleet of a few accounts: what one account waits for of the others.

use std::collections::BTreeMap;

use certctl_model::{AccountState, InUseRecord, Motive, Observed, Period, Timestamp, Wave};
use certctl_plan::{
    AccountInput, AccountWave, Action, Because, Bystander, Options, StateVersion, WaitFor,
};
use certctl_planner::plan_beside;
use certctl_spec::{Account, Adopt, Policy};

use crate::make::{account, certificate, days, name, start};
use crate::run::{Fault, Run, Turn};

fn labels(tier: &str) -> BTreeMap<String, String> {
    [("tier".to_owned(), tier.to_owned())].into()
}

/// An account whose certificate is renewed every two months.
pub(crate) fn member(text: &str, tier: &str, number: usize) -> Account {
    let mut inspection = certificate("inspection");
    inspection.in_use = Some(true);
    inspection.validity_period_days = Some(days(90));
    inspection.rotation.renew_before = Some(Period::days(30));
    inspection.rotation.trust_period = Period::days(4);
    Account {
        name: name(text),
        account_id: format!("{number:032x}").parse().expect("an id"),
        labels: labels(tier),
        ..account(Adopt::Never, vec![inspection])
    }
}

/// Waves of these tiers, each with its `bake` in days, and one of the rest.
pub(crate) fn policy(tiers: &[(&str, u32)]) -> Policy {
    let waves = tiers.iter().map(|(tier, bake)| Wave {
        labels: labels(tier),
        bake: Some(Period::days(*bake)),
    });
    Policy {
        waves: waves.chain([Wave::default()]).collect(),
        ..Policy::default()
    }
}

/// An account whose renewal is trusted and not yet switched to.
fn renewing() -> Run {
    let member = member("rest", "rest", 1);
    let world = certctl_account::AccountModel::empty(member.account_id.clone(), Period::ZERO);
    let mut run = Run::new(member, world, start());
    run.converge();
    run.pass(Period::days(61));
    while let Turn::Did(_) = run.turn(Fault::None) {}
    run.pass(Period::days(4));
    run
}

/// Whom it waits for, where a canary that is left out has this state.
fn waits_beside(run: &Run, canary: &AccountState) -> Option<AccountWave> {
    let policy = policy(&[("canary", 3)]);
    let observed: Observed = run.world.clone().look(run.now, true).clone();
    let input = AccountInput {
        account: &run.account,
        policy: &policy,
        spec_name: None,
        observed: Ok(&observed),
        state: run.state.as_ref(),
        version: StateVersion::default(),
    };
    let left_out = member("lab", "canary", 2);
    let beside = Bystander {
        account: &left_out,
        state: Ok(Some(canary)),
    };
    let plan = plan_beside(
        &[input],
        &[beside],
        Vec::new(),
        &Options::default(),
        run.now,
    );
    plan.accounts[0].wave.clone()
}

fn switched(at: Timestamp, motive: Option<Motive>) -> AccountState {
    AccountState {
        in_use: Some(InUseRecord {
            id: "a".parse().expect("an id"),
            at,
            set: true,
            motive,
        }),
        ..AccountState::default()
    }
}

#[test]
fn whoever_is_left_out_is_waited_for_while_what_it_wants_in_use_is_not() {
    let run = renewing();
    let mut canary = run.state.clone().expect("a state");
    for entry in canary.certificates.values_mut() {
        entry
            .bindings
            .iter_mut()
            .for_each(|held| held.in_use = false);
    }
    let gate = waits_beside(&run, &canary).expect("waves").waits_for;
    let because = gate.map(|gate| gate.because);
    assert_eq!(because, Some(Because::NotSwitched));

    // What nobody wants in use is renewed without a switch.
    for entry in canary.certificates.values_mut() {
        entry.settings.as_mut().expect("accepted").in_use = None;
    }
    canary.in_use = None;
    assert_eq!(waits_beside(&run, &canary).expect("waves").waits_for, None);
}

#[test]
fn only_a_switch_for_the_same_reason_is_baked() {
    let run = renewing();
    let yesterday = Period::DAY.before(run.now);
    for (motive, waits) in [
        (Some(Motive::Renewal), true),
        (Some(Motive::Replacement), false),
        (Some(Motive::Declared), false),
        // A state of an older version.
        (None, true),
    ] {
        let wave = waits_beside(&run, &switched(yesterday, motive)).expect("waves");
        assert_eq!((wave.number, wave.of), (2, 2));
        let gate = wave.waits_for;
        assert_eq!(gate.is_some(), waits, "{motive:?}");
        if let Some(gate) = gate {
            assert_eq!(
                (gate.because, gate.since),
                (Because::Baking, Some(yesterday))
            );
            assert_eq!(gate.until, Some(Period::days(3).after(yesterday)));
        }
    }
    let long_ago = Period::days(3).before(run.now);
    let wave = waits_beside(&run, &switched(long_ago, Some(Motive::Renewal)));
    assert_eq!(wave.expect("waves").waits_for, None);
}

/// An account that used one certificate for a month, and is to use another one now.
fn moving(name: &str, tier: &str, number: usize) -> Run {
    let mut member = member(name, tier, number);
    member.certificates.push(certificate("standby"));
    let world = certctl_account::AccountModel::empty(member.account_id.clone(), Period::ZERO);
    let mut run = Run::new(member, world, start());
    run.converge();
    run.pass(Period::days(30));
    let [inspection, standby] = &mut run.account.certificates[..] else {
        panic!("two certificates");
    };
    inspection.in_use = None;
    standby.in_use = Some(true);
    run
}

#[test]
fn what_waits_for_its_wave_takes_nothing_of_a_limit() {
    let policy = Policy {
        max_in_use_switches: Some(1),
        ..policy(&[("canary", 3)])
    };
    // By name, the one that waits comes first.
    let mut runs = [moving("acme", "rest", 1), moving("lab", "canary", 2)];
    let inputs = runs.each_mut().map(|run| AccountInput {
        account: &run.account,
        policy: &policy,
        spec_name: None,
        observed: Ok(run.world.look(run.now, true)),
        state: run.state.as_ref(),
        version: StateVersion::default(),
    });
    let now = Period::days(30).after(start());
    let plan = plan_beside(&inputs, &[], Vec::new(), &Options::default(), now);
    let steps = plan.changes.iter().flat_map(|change| {
        let account = change.address.account.as_str();
        change.steps.iter().map(move |step| (account, step))
    });
    let switches = steps.filter(|(_, step)| step.action() == Action::SetInUse);
    let waits: Vec<_> = switches.map(|(who, step)| (who, step.waits_for)).collect();
    assert_eq!(waits, [("acme", Some(WaitFor::Wave)), ("lab", None)]);
}
