//! Proof: the executor's loop, the planner and the model of Cloudflare, explored exhaustively.
//!
//! The world is small: two declared certificates, one that is not ours, time in steps of two days, a
//! rotation whose periods are a few of them. From an empty account everything happens that can: runs
//! are made, or skipped for any time, or killed after any request; and a number of faults, in any
//! order at any moment: a request that is lost before or after it took effect, a certificate deleted
//! or deactivated by hand, in-use moved by hand, to anything or to nothing.
//!
//! *Always* is checked on each state that can be reached; what a step may do, when it is done, by
//! [`Run`]. *Eventually* is checked from each state as well: with no more faults, and a person who
//! answers what is asked, runs lead to what is declared.
//!
//! `CERTCTL_PROOF=all` explores a second fault.

use std::hash::{Hash, Hasher};
use std::io::Write;
use std::sync::Arc;

use certctl_account::AccountModel;
use certctl_model::{
    BindingStatus, CertificateId, CertificateType, Guard, Mutation, Period, RemoteCertificate, Role,
};
use certctl_plan::{Allow, Options};
use certctl_spec::{Account, Adopt, Rotation};
use stateright::{Checker, Model, Property};

use crate::make::{account, address, certificate, days, start};
use crate::run::{Fault, Run, Turn};

const STEP_DAYS: u32 = 2;
/// Renewed after six days; expired after twelve, when no run is made.
const VALIDITY_DAYS: u32 = 12;
const RENEW_BEFORE_DAYS: u32 = 6;

/// Everything, at one moment.
#[derive(Clone)]
struct Moment {
    run: Run,
    passed: u32,
    faults: u32,
    /// Whether a step of ours broke interception.
    broken: bool,
    /// All of that as text: what makes two moments the same.
    key: Arc<str>,
}

/// No run of this world is longer.
const STEPS_OF_A_RUN: usize = 14;

/// What can happen next.
#[derive(Debug, Clone, PartialEq)]
enum Happens {
    /// A whole run.
    Run,
    /// A run that ends after so many steps, the last of them with this fault.
    Killed(usize, Fault),
    Time,
    HandDelete(CertificateId),
    HandDeactivate(CertificateId),
    HandUse(CertificateId),
    HandUnset,
}

/// How far the exploration goes.
struct Exploration {
    faults: u32,
    /// Steps of time: enough for a rotation, and to let everything expire.
    steps: u32,
}

impl Moment {
    fn new(run: Run, (passed, faults): (u32, u32), broken: bool) -> Self {
        let seen = (
            &run.world,
            &run.state,
            &run.used_until,
            &run.ours,
            &run.forgotten,
        );
        let key = format!("{passed} {faults} {broken} {} {seen:?}", run.now);
        Self {
            run,
            passed,
            faults,
            broken,
            key: key.into(),
        }
    }
}

impl PartialEq for Moment {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Moment {}

impl Hash for Moment {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.key.hash(hasher);
    }
}

impl std::fmt::Debug for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "after {} steps, {} faults left: {:#?}",
            self.passed, self.faults, self.run.log
        )
    }
}

/// One that Gateway uses and that is renewed, and one beside it.
fn declared() -> Account {
    let rotation = Rotation {
        renew_before: Some(Period::days(RENEW_BEFORE_DAYS)),
        trust_period: Period::days(2),
        retire_after: Period::days(2),
        ..Rotation::default()
    };
    let mut used = certificate("a");
    used.in_use = Some(true);
    used.activate = Some(true);
    used.validity_period_days = Some(days(VALIDITY_DAYS));
    used.rotation = rotation;
    let mut beside = certificate("b");
    beside.validity_period_days = Some(days(900));
    account(Adopt::Never, vec![used, beside])
}

impl Model for Exploration {
    type State = Moment;
    type Action = Happens;

    fn init_states(&self) -> Vec<Moment> {
        let account = declared();
        let mut world = AccountModel::empty(account.account_id.clone(), Period::ZERO);
        let custom = world.add(CertificateType::Custom, days(3000), start());
        world.activate(&custom, start()).expect("a free slot");
        world.catch_up(start());
        let mut run = Run::new(account, world, start());
        run.lints = false;
        vec![Moment::new(run, (0, self.faults), false)]
    }

    fn actions(&self, moment: &Moment, actions: &mut Vec<Happens>) {
        actions.push(Happens::Run);
        if moment.passed < self.steps {
            actions.push(Happens::Time);
        }
        if moment.faults == 0 {
            return;
        }
        for fault in [Fault::None, Fault::NotSent, Fault::Lost] {
            actions.extend((1..STEPS_OF_A_RUN).map(|steps| Happens::Killed(steps, fault)));
        }
        for remote in moment.run.world.certificates() {
            let id = || remote.id.clone();
            let available = remote.binding_status == BindingStatus::Available;
            let ours = remote.kind == CertificateType::GatewayManaged;
            match (remote.in_use, available) {
                (true, _) => actions.push(Happens::HandUnset),
                (false, true) => actions.push(Happens::HandUse(id())),
                (false, false) => {}
            }
            match remote.binding_status {
                BindingStatus::Available if ours && !remote.in_use => {
                    actions.push(Happens::HandDeactivate(id()));
                }
                BindingStatus::Inactive if ours => actions.push(Happens::HandDelete(id())),
                _ => {}
            }
        }
    }

    fn next_state(&self, last: &Moment, happens: Happens) -> Option<Moment> {
        let mut run = last.run.clone();
        run.world.catch_up(run.now);
        let (mut passed, mut faults) = (last.passed, last.faults);
        let before = (run.used(), usable(&run, run.world.in_use()));
        let mut broken = false;
        match &happens {
            Happens::Run => {
                while let Turn::Did(_) = run.turn(Fault::None) {
                    run.world.catch_up(run.now);
                    broken |= is_broken(&run, &before);
                }
            }
            Happens::Killed(steps, fault) => {
                for step in 1..=*steps {
                    let last = step == *steps;
                    let turn = run.turn(if last { *fault } else { Fault::None });
                    broken |= is_broken(&run, &before);
                    match turn {
                        // Of a state write nothing is lost: it is there or it is not.
                        Turn::Did(action)
                            if last && *fault != Fault::None && action.is_state_only() =>
                        {
                            return None;
                        }
                        Turn::Did(_) if last => {}
                        Turn::Did(_) => drop(run.world.catch_up(run.now)),
                        _ => return None,
                    }
                }
                faults -= 1;
            }
            Happens::Time => {
                run.pass(Period::days(STEP_DAYS));
                passed += 1;
            }
            hand => {
                by_hand(&mut run, hand);
                faults -= 1;
            }
        }
        Some(Moment::new(run, (passed, faults), broken))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(
                "no step of ours breaks interception",
                |_, moment: &Moment| !moment.broken,
            ),
            Property::always("one create for each intent", |_, moment: &Moment| {
                one_create_for_each_intent(&moment.run)
            }),
            Property::always("what is not ours is not touched", |_, moment: &Moment| {
                let mut certificates = moment.run.world.certificates().iter();
                certificates.any(|remote| {
                    remote.kind == CertificateType::Custom
                        && remote.binding_status == BindingStatus::Available
                })
            }),
            Property::always("eventually what is declared", |_, moment: &Moment| {
                converges(&moment.run)
            }),
            Property::sometimes("a rotation is done", |_, moment: &Moment| {
                moment.run.ours.len() > 2 && moment.passed > 5
            }),
        ]
    }
}

fn by_hand(run: &mut Run, happens: &Happens) {
    let now = run.now;
    let done = match happens {
        Happens::HandDelete(id) => run.world.delete(id),
        Happens::HandDeactivate(id) => {
            let done = run.world.deactivate(id, now);
            run.world.catch_up(now);
            done
        }
        Happens::HandUse(id) => run.switch(|world| world.set_in_use(id)),
        Happens::HandUnset => run.switch(|world| {
            world.unset_in_use();
            Ok(())
        }),
        Happens::Run | Happens::Killed(..) | Happens::Time => Ok(()),
    };
    done.expect("what the dashboard offers");
    run.log.push(format!("{now} {happens:?} by hand"));
}

/// Whether Gateway uses what nobody accepts, and did not before: another one, or one that was good.
fn is_broken(run: &Run, (used, usable_before): &(Option<CertificateId>, bool)) -> bool {
    run.used().is_some()
        && !usable(run, run.world.in_use())
        && (*usable_before || *used != run.used())
}

fn usable(run: &Run, remote: Option<&RemoteCertificate>) -> bool {
    remote.is_some_and(|remote| remote.is_usable(run.now))
}

/// Whatever a request of ours made is bound, or is what an open create is looked for, or was let go.
fn one_create_for_each_intent(run: &Run) -> bool {
    let Some(state) = &run.state else {
        return run.ours.is_empty();
    };
    let unknown = run.ours.iter().filter(|id| {
        run.world.certificate(id).is_some()
            && state.binding(id).is_none()
            && !run.forgotten.contains(*id)
    });
    let creates = |mutation: &Mutation| matches!(mutation, Mutation::Create { .. });
    let open = state
        .intents
        .iter()
        .filter(|intent| creates(&intent.mutation));
    unknown.count() <= open.count()
}

/// With no more faults, and with a person's answers, the declared certificate is in use in the end,
/// and nothing is left to do.
fn converges(run: &Run) -> bool {
    let mut run = run.clone();
    let everywhere = |guard| Allow::everywhere(guard);
    run.options = Options {
        allow: [Guard::InUseMoved, Guard::FromUnmanaged]
            .map(everywhere)
            .into(),
        resume: [address("a")].into(),
        ..Options::default()
    };
    for _ in 0..120 {
        run.world.catch_up(run.now);
        match run.turn(Fault::None) {
            Turn::Did(_) => {}
            Turn::Until(at) => run.now = at,
            Turn::Converged => return is_as_declared(&run),
            Turn::Stuck | Turn::Blocked => return false,
        }
    }
    false
}

fn is_as_declared(run: &Run) -> bool {
    let Some(entry) = run
        .state
        .as_ref()
        .and_then(|s| s.certificates.get(&address("a").certificate))
    else {
        return false;
    };
    let current = entry.with_role(Role::Current);
    let used = run.world.in_use();
    usable(run, used)
        && entry.bindings.len() == 1
        && current.map(|binding| &binding.id) == used.map(|remote| &remote.id)
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "how far to explore is said by whoever runs it"
)]
fn every_history_of_a_small_world_keeps_the_laws() {
    let (faults, steps) = match std::env::var("CERTCTL_PROOF").as_deref() {
        Ok("all") => (2, 7),
        Ok("none") => (0, 8),
        _ => (1, 8),
    };
    let exploration = Exploration { faults, steps };
    let checker = exploration.checker().threads(2).spawn_bfs().join();
    // Past the capture of tests: the figure belongs into every log.
    let _ = writeln!(
        std::io::stdout(),
        "proof: {} states, {} of them different, with up to {faults} faults",
        checker.state_count(),
        checker.unique_state_count()
    );
    checker.assert_properties();
    assert!(checker.unique_state_count() > 1_000);
}
