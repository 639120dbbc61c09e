//! A fleet in waves over a year and more, in which somebody goes back, holds and goes on, and accounts cannot
//! be read: no switch is ahead of its wave, and nothing expires because of one.

use std::collections::BTreeSet;

use certctl_account::AccountModel;
use certctl_model::{Address, Code, Diagnostic, Hold, Observed, Period, Role, Timestamp};
use certctl_plan::{AccountInput, AccountWave, Action, Options, StateVersion};
use certctl_planner::plan_beside;
use certctl_spec::Policy;
use proptest::array::{uniform2, uniform4};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, Strategy, prop_oneof, proptest};
use proptest::test_runner::FileFailurePersistence;

use crate::make::start;
use crate::run::{Fault, Run, Turn};
use crate::waves::{member, policy};

/// Two accounts in the first wave, and one in each of the others.
const TIERS: [(&str, usize); 4] = [("canary", 0), ("canary", 0), ("early", 1), ("rest", 2)];
/// Seven renewals.
const DAYS: u32 = 420;

/// What happens in one account.
#[derive(Debug, Clone, Copy)]
enum Event {
    /// Somebody goes back, or holds what is to be switched to, and goes on after some days.
    Back { for_days: u32 },
    /// Nobody can read it for some days.
    Unreadable { for_days: u32 },
}

fn any_event() -> impl Strategy<Value = (u32, usize, Event)> {
    let event = prop_oneof![
        (1..9_u32).prop_map(|for_days| Event::Back { for_days }),
        (1..6_u32).prop_map(|for_days| Event::Unreadable { for_days }),
    ];
    (1..DAYS, 0..TIERS.len(), event)
}

/// One account, with what was done to it.
struct Member {
    run: Run,
    wave: usize,
    unreadable_until: Timestamp,
    goes_on: Option<Timestamp>,
    /// Until when it was held, or could not be read.
    disturbed_until: Timestamp,
    /// When it was switched to a renewal.
    renewed: Vec<Timestamp>,
}

impl Member {
    fn is_readable(&self, now: Timestamp) -> bool {
        self.unreadable_until <= now
    }

    /// Whether somebody went back in it, or holds it.
    fn is_held(&self) -> bool {
        let state = self.run.state.as_ref().expect("a state");
        let mut entries = state.certificates.values();
        entries.any(|entry| {
            let successor = entry.with_role(Role::Successor);
            successor.is_some_and(|successor| successor.hold == Some(Hold::Held))
        })
    }

    /// How long what Gateway uses is valid.
    fn expires(&self) -> Timestamp {
        let used = self.run.world.in_use().expect("in use");
        used.expires().expect("made here")
    }

    /// Whether its renewal has begun, and is not in use.
    fn is_due(&self, now: Timestamp) -> bool {
        let rotation = &self.run.account.certificates[0].rotation;
        let renew_before = rotation.renew_before.expect("it is renewed");
        renew_before.before(self.expires()) <= now
    }

    /// From when on no wave keeps it: the trust period before the last resort, two days before the expiry.
    fn waits_until(&self) -> Timestamp {
        let trust = self.run.account.certificates[0].rotation.trust_period;
        trust.before(Period::days(2).before(self.expires()))
    }
}

struct Fleet {
    members: Vec<Member>,
    policy: Policy,
    now: Timestamp,
}

impl Fleet {
    fn new(delays: [u32; 4], bakes: [u32; 2]) -> Self {
        let policy = policy(&[("canary", bakes[0]), ("early", bakes[1])]);
        let members = TIERS.iter().zip(delays).enumerate();
        let members = members.map(|(n, ((tier, wave), delay))| {
            let account = member(&format!("a{n}"), tier, n);
            let world = AccountModel::empty(account.account_id.clone(), Period::ZERO);
            let mut run = Run::new(account, world, Period::days(delay).after(start()));
            run.lints = false;
            run.policy.clone_from(&policy);
            run.converge();
            Member {
                run,
                wave: *wave,
                unreadable_until: start(),
                goes_on: None,
                disturbed_until: start(),
                renewed: Vec::new(),
            }
        });
        Self {
            members: members.collect(),
            policy: policy.clone(),
            now: start(),
        }
    }

    /// In which wave each account is, and whom it waits for.
    fn waves(&self) -> Vec<Option<AccountWave>> {
        let nobody = Diagnostic::error(Code::ObservationFailed, "nobody answers");
        let members = self.members.iter();
        let seen: Vec<Observed> = members.map(|one| one.run.observe(true)).collect();
        let members = self.members.iter().zip(&seen);
        let inputs = members.map(|(one, seen)| AccountInput {
            account: &one.run.account,
            policy: &self.policy,
            spec_name: None,
            observed: match one.is_readable(self.now) {
                true => Ok(seen),
                false => Err(&nobody),
            },
            state: one.run.state.as_ref(),
            version: StateVersion::default(),
        });
        let inputs: Vec<_> = inputs.collect();
        let plan = plan_beside(&inputs, &[], Vec::new(), &Options::default(), self.now);
        let accounts = plan.accounts.into_iter();
        accounts.map(|account| account.wave).collect()
    }

    /// What happens on a day, and then the daily run.
    fn day(&mut self, day: u32, events: &[(u32, usize, Event)]) {
        self.now = Period::days(day).after(start());
        for one in &mut self.members {
            one.run.now = self.now;
            one.run.world.catch_up(self.now);
        }
        for (_, n, event) in events.iter().filter(|(at, _, _)| *at == day) {
            match event {
                Event::Back { for_days } => self.goes_back(*n, *for_days),
                Event::Unreadable { for_days } => {
                    let until = Period::days(*for_days).after(self.now);
                    self.members[*n].unreadable_until = until;
                }
            }
        }
        for n in 0..self.members.len() {
            if self.members[n].goes_on.is_some_and(|at| at <= self.now) {
                self.members[n].goes_on = None;
                self.command(n, |options| &mut options.resume);
            }
        }
        for (n, wave) in self.waves().into_iter().enumerate() {
            self.run(
                n,
                Options {
                    wave,
                    ..Options::default()
                },
            );
        }
        for one in &mut self.members {
            if one.is_held() || !one.is_readable(self.now) {
                one.disturbed_until = self.now;
            }
            let recently = Period::days(7).after(one.disturbed_until) >= self.now;
            let expired = one.expires() <= self.now;
            assert!(recently || !expired, "expired: {:#?}", one.run.log);
        }
    }

    /// `apply --rollback`, where there is something to go back to, or to hold.
    fn goes_back(&mut self, n: usize, for_days: u32) {
        let one = &self.members[n];
        let has_another = one.run.state.as_ref().is_some_and(|state| {
            let mut bindings = state.bindings();
            bindings.any(|(_, binding)| binding.role != Role::Current)
        });
        if has_another && one.is_readable(self.now) && !one.is_held() {
            self.members[n].goes_on = Some(Period::days(for_days).after(self.now));
            self.command(n, |options| &mut options.rollback);
        }
    }

    /// A run that somebody gives an order.
    fn command(&mut self, n: usize, order: fn(&mut Options) -> &mut BTreeSet<Address>) {
        let wave = self.waves().swap_remove(n);
        let mut options = Options {
            wave,
            ..Options::default()
        };
        let account = &self.members[n].run.account;
        order(&mut options).insert(account.address(&account.certificates[0].name));
        self.run(n, options);
    }

    /// A run of `apply` in one account.
    fn run(&mut self, n: usize, options: Options) {
        self.members[n].run.options = options;
        while self.members[n].is_readable(self.now) {
            let waits_until = self.members[n].waits_until();
            match self.members[n].run.turn(Fault::None) {
                // The way back waits for nobody.
                Turn::Did(Action::SetInUse) if !self.members[n].is_held() => {
                    self.members[n].renewed.push(self.now);
                    if self.now < waits_until {
                        self.judge(n);
                    }
                }
                Turn::Did(_) => {}
                _ => break,
            }
        }
    }

    /// Whether a switch that was made now is not ahead of its wave, by what happened and not by any plan.
    fn judge(&self, n: usize) {
        let switched = &self.members[n];
        for earlier in self.members.iter().filter(|one| one.wave < switched.wave) {
            let bake = self.policy.waves[earlier.wave].bake.expect("not the last");
            let why = || format!("{:#?}\n{:#?}", switched.run.log, earlier.run.log);
            assert!(earlier.is_readable(self.now), "unreadable: {}", why());
            assert!(!earlier.is_held(), "held: {}", why());
            assert!(!earlier.is_due(self.now), "not switched: {}", why());
            let last = earlier.renewed.last();
            let baked = last.is_none_or(|at| bake.after(*at) <= self.now);
            assert!(baked, "not baked: {}", why());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 40,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_switch_is_ahead_of_its_wave_and_nothing_expires_for_one(
        delays in uniform4(0..12_u32),
        bakes in uniform2(1..14_u32),
        events in vec(any_event(), 0..20),
    ) {
        let mut fleet = Fleet::new(delays, bakes);
        for day in 12..DAYS {
            fleet.day(day, &events);
        }
        for one in &fleet.members {
            assert!(one.renewed.len() > 4, "{:#?}", one.run.log);
        }
    }
}
