//! One account on its way through time: what it is, and what was written down of it.

use std::collections::BTreeMap;

use certctl_account::AccountModel;
use certctl_model::{AccountState, Address, CertificateId, Name, Period, Timestamp};
use certctl_plan::{
    AccountInput, AccountOutcome, AccountWave, Action, Allowance, Limits, Options, StateVersion,
    Tally,
};
use certctl_planner::decide_account;
use certctl_spec::{Account, Policy};

use crate::event::{Event, Life};
use crate::finding::Findings;

/// One account, over time.
#[derive(Debug)]
pub(crate) struct SimulatedAccount<'a> {
    pub(crate) account: &'a Account,
    pub(crate) policy: &'a Policy,
    pub(crate) spec_name: Option<&'a Name>,
    pub(crate) world: AccountModel,
    pub(crate) state: Option<AccountState>,
    /// Up to when everything has happened.
    pub(crate) now: Timestamp,
    /// What the last run saw at its end.
    pub(crate) last: Option<AccountOutcome>,
    /// The first plan of the coming run, made ahead.
    pub(crate) foreseen: Option<AccountOutcome>,
    /// What was left to it of the limits that accounts share when it was planned last, where that mattered.
    pub(crate) left: Option<Limits>,
    /// When it has to be planned next.
    pub(crate) wake: Wake,
    pub(crate) events: Vec<Event>,
    pub(crate) findings: Findings,
    pub(crate) lives: BTreeMap<CertificateId, Life>,
    /// What is there from the beginning.
    pub(crate) existing: Vec<CertificateId>,
    /// Whether another account's removals make this one untouchable.
    pub(crate) blocked: bool,
    /// Whether every run is made and each step planned anew, as the executor does it.
    #[cfg(test)]
    pub(crate) eager: bool,
}

/// What the next run of an account waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wake {
    /// The very next run.
    NextRun,
    /// The run in which other accounts leave it more or less of a limit than now, or its wave opens; at the
    /// latest the first from this instant on.
    OnceOpen(Option<Timestamp>),
    /// Nothing before this instant.
    At(Timestamp),
    /// Nothing at all.
    Never,
}

impl<'a> SimulatedAccount<'a> {
    pub(crate) fn new(
        account: &'a Account,
        (policy, spec_name): (&'a Policy, Option<&'a Name>),
        world: AccountModel,
        state: Option<AccountState>,
        (from, every): (Timestamp, Period),
    ) -> Self {
        let existing = world.certificates().iter().map(|c| c.id.clone()).collect();
        Self {
            account,
            policy,
            spec_name,
            world,
            state,
            now: from,
            last: None,
            foreseen: None,
            left: None,
            wake: Wake::NextRun,
            events: Vec::new(),
            findings: Findings::new(every),
            lives: BTreeMap::new(),
            existing,
            blocked: false,
            #[cfg(test)]
            eager: false,
        }
    }

    /// Plans the account as it is now.
    pub(crate) fn plan(&mut self, now: Timestamp, options: &Options) -> AccountOutcome {
        let input = AccountInput {
            account: self.account,
            policy: self.policy,
            spec_name: self.spec_name,
            observed: Ok(self.world.look(now, true)),
            state: self.state.as_ref(),
            version: StateVersion::default(),
        };
        decide_account(&input, options, now)
    }

    /// Plans the coming run ahead, with this much of the limits that accounts share.
    fn foresee(&mut self, allowance: Allowance, wave: Option<&AccountWave>) {
        let options = Options {
            allowance,
            wave: wave.cloned(),
            ..Options::default()
        };
        self.foreseen = Some(self.plan(self.now, &options));
    }

    /// Plans the coming run ahead, as if there were no other account.
    pub(crate) fn foresee_alone(&mut self) {
        self.foresee(Allowance::default(), None);
    }

    /// Plans it ahead in the light of its wave. That changes a plan only where a switch is due.
    pub(crate) fn foresee_in(&mut self, wave: Option<&AccountWave>) {
        let waits = wave.is_some_and(AccountWave::waits);
        let foreseen = self.foreseen.as_mut();
        match foreseen.filter(|foreseen| !waits || !switches(foreseen)) {
            Some(foreseen) => foreseen.account.wave = wave.cloned(),
            None => self.foresee(Allowance::default(), wave),
        }
    }

    /// Plans it ahead with what the accounts before it leave of the limits; returns what it takes of that.
    /// Whoever takes nothing of all of it, takes nothing of less.
    pub(crate) fn foresee_after(&mut self, taken: &Tally, wave: Option<&AccountWave>) -> Tally {
        self.left = None;
        let mut tally = self.foreseen.as_ref().map(|outcome| outcome.account.tally);
        if tally.is_none_or(|tally| !tally.takes_nothing()) {
            let allowance = Allowance::after(taken);
            self.left = Some(allowance.limits(self.policy));
            self.foresee(allowance, wave);
            tally = self.foreseen.as_ref().map(|outcome| outcome.account.tally);
        }
        tally.unwrap_or_default()
    }

    /// Whether the accounts before it leave it something else of the limits than when it was planned last.
    pub(crate) fn is_left_something_else(&self, taken: &Tally) -> bool {
        let now = Allowance::after(taken).limits(self.policy);
        self.left.is_some_and(|left| left != now)
    }

    /// What it took of the limits that accounts share when it was planned last.
    pub(crate) fn takes(&self) -> Tally {
        let last = self.last.as_ref();
        last.map_or_else(Tally::default, |last| last.account.tally)
    }

    /// In which wave it was in the last run, and whom it waited for.
    pub(crate) fn wave(&self) -> Option<&AccountWave> {
        self.last.as_ref()?.account.wave.as_ref()
    }

    /// Whether nothing is to be saved, so that a test can tell that nothing is lost by it.
    pub(crate) fn is_eager(&self) -> bool {
        #[cfg(test)]
        return self.eager;
        #[cfg(not(test))]
        return false;
    }

    /// The address that holds a certificate.
    pub(crate) fn holder(&self, id: &CertificateId) -> Option<Address> {
        let (name, _) = self.state.as_ref()?.binding(id)?;
        Some(self.account.address(name))
    }
}

/// Whether a plan says that Gateway is to be switched now.
fn switches(outcome: &AccountOutcome) -> bool {
    let mut steps = outcome.changes.iter().flat_map(|change| &change.steps);
    steps.any(|step| step.due && step.action() == Action::SetInUse)
}
