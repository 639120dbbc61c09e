//! One account on its way through time: what it is, and what was written down of it.

use std::collections::BTreeMap;

use certctl_account::AccountModel;
use certctl_model::{AccountState, Address, CertificateId, Name, Period, Timestamp};
use certctl_plan::{
    AccountInput, AccountOutcome, AccountWave, Allowance, Options, StateVersion, Tally,
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
    /// What the next run would do if there were no other account.
    pub(crate) alone: Option<AccountOutcome>,
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
            alone: None,
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

    /// Plans the account as if there were no other.
    pub(crate) fn plan_alone(&mut self) {
        self.alone = Some(self.plan(self.now, &Options::default()));
    }

    /// What it takes of the limits that accounts share, where so much is left of them.
    pub(crate) fn takes(&mut self, allowance: Allowance) -> Tally {
        let alone = self.alone.as_ref().map(|outcome| outcome.account.tally);
        if let Some(nothing) = alone.filter(Tally::takes_nothing) {
            return nothing;
        }
        let options = Options {
            allowance,
            ..Options::default()
        };
        self.plan(self.now, &options).account.tally
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
