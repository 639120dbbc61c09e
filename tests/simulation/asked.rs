//! What a run is asked for: for which accounts, by which spec, with which options.

use certctl_model::{AccountId, Address, Guard};
use certctl_plan::{Allow, Options};
use certctl_spec::{Mode, ParseOptions, Source, Sources, Spec};
use certctl_state::Key;

use crate::declared::ACCOUNTS;
use crate::history::{How, Only, Run};
use crate::runner::ORIGIN;
use crate::world::World;
use crate::yaml;

impl World {
    /// The accounts that a run is for.
    pub(crate) fn chosen(&self, run: &Run) -> Vec<usize> {
        let accounts = self.declared.len();
        let all = self.declared.iter().enumerate();
        let there = all.filter(|(_, one)| !one.suspended && !one.certificates.is_empty());
        let chosen = there.filter(|(account, one)| match run.only {
            None => true,
            Some(Only::Account(only)) => only % accounts == *account,
            Some(Only::Tier(tier)) => tier == one.tier,
        });
        chosen.map(|(account, _)| account).collect()
    }

    /// The addresses that a run is for, in order.
    pub(crate) fn addresses(&self, run: &Run) -> Vec<Address> {
        let chosen = self.chosen(run).into_iter();
        let addresses = chosen.flat_map(|account| {
            let names = self.declared[account].certificates.keys();
            names.map(move |name| format!("{}/{name}", ACCOUNTS[account].0))
        });
        addresses.map(|text| text.parse().unwrap()).collect()
    }

    fn address(&self, run: &Run, index: usize) -> Address {
        let mut addresses = self.addresses(run);
        let index = index % addresses.len();
        addresses.swap_remove(index)
    }

    /// What a run is asked for in one account: an order is given in one.
    pub(crate) fn how_in(&self, run: &Run, account: usize) -> How {
        match run.how {
            How::Replace(index)
            | How::Compromised(index)
            | How::Rollback(index)
            | How::Resume(index)
                if self.address(run, index).account.as_str() != ACCOUNTS[account].0 =>
            {
                How::Approved
            }
            how => how,
        }
    }

    pub(crate) async fn options(&self, run: &Run) -> Options {
        let mut options = Options::default();
        let address = |index| self.address(run, index);
        match run.how {
            How::Plan | How::Approved | How::Saved(_) | How::Unapproved => {}
            How::Unattended => options.only_rotation = true,
            How::Answered => {
                // Nobody says of a certificate of certctl's own that it is a stranger's, nor that a wave does
                // not matter.
                let never = [Guard::StaleState, Guard::Wave];
                let guards = Guard::ALL.iter().filter(|guard| !never.contains(guard));
                options.allow = guards.map(|guard| Allow::everywhere(*guard)).collect();
            }
            How::Replace(index) => drop(options.replace.insert(address(index))),
            How::Compromised(index) => drop(options.compromised.insert(address(index))),
            How::Rollback(index) => drop(options.rollback.insert(address(index))),
            How::Resume(index) => drop(options.resume.insert(address(index))),
            How::AllowWave(one) => {
                let name = ACCOUNTS[one % self.declared.len()].0;
                options
                    .allow
                    .insert(format!("wave:{name}").parse().unwrap());
            }
        }
        for account in self.chosen(run) {
            if !self.has_document(account).await {
                // Nothing was ever remembered, so whoever begins says that this is the beginning.
                options.allow.insert(Allow::everywhere(Guard::NewState));
            }
        }
        options
    }

    /// Whether anything is remembered of an account; of one whose state cannot be read nobody denies it.
    async fn has_document(&self, account: usize) -> bool {
        let account_id: AccountId = ACCOUNTS[account].1.parse().unwrap();
        let origin = ORIGIN.to_owned();
        let key = Key { origin, account_id };
        let document = self.store.load(&key).await;
        document.map_or(true, |document| document.is_some())
    }

    pub(crate) fn spec(&self, run: &Run) -> Spec {
        let source = Source {
            name: "certctl.yaml".to_owned(),
            text: yaml::spec(&self.declared, self.history.periods),
        };
        let options = ParseOptions {
            env: &|_| None,
            mode: Mode::Use,
            accounts: &[],
        };
        let parsed = certctl_spec::parse(&Sources::from_iter([source]), &options);
        let mut spec = parsed
            .spec
            .unwrap_or_else(|| panic!("{:?}", parsed.diagnostics));
        let chosen = self.chosen(run);
        let is_chosen = |name: &str| chosen.iter().any(|account| ACCOUNTS[*account].0 == name);
        let others = |account: &mut certctl_spec::Account| !is_chosen(account.name.as_str());
        let left_out: Vec<_> = spec.accounts.extract_if(.., others).collect();
        spec.left_out.extend(left_out);
        spec
    }
}
