//! All accounts of a spec: how they are reached, surveyed and planned.

use std::time::Duration;

use certctl_cloudflare::Client;
use certctl_model::{AccountId, Diagnostic};
use certctl_plan::{AccountInput, AccountOutcome, Bystander, Options, Plan, Planner};
use certctl_spec::{Account, Spec};
use certctl_state::{Document, Holder, Key, Store};
use tokio::sync::watch;

use crate::audit::Auditing;
use crate::choose::{switches, touches_the_account};
use crate::clock::Clock;
use crate::devices::Devices;
use crate::fault::state_failed;
use crate::keys::PrivateKeys;
use crate::observe::{add_configuration, add_installation, observe};
use crate::survey::{Survey, version_of};

/// How often an account is read at most, while its state moves from one reading to the next.
const SURVEYS: usize = 4;

/// How a run goes about it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How many accounts are worked on at once, at least 1; those that only wait do not count.
    pub parallelism: usize,
    /// How long Cloudflare's edge is waited for, over a whole account.
    pub wait_timeout: Duration,
    /// How long another run's lock is waited for.
    pub lock_timeout: Duration,
    /// The longest that one request can take.
    pub request_timeout: Duration,
    /// Who holds the locks.
    pub holder: Holder,
    /// What stands in the record of each request.
    pub audit: Auditing,
}

/// Everything that planning and applying a spec needs.
#[derive(Clone)]
pub struct Fleet<'a> {
    /// What is declared, selected accounts only.
    pub spec: &'a Spec,
    /// Who decides.
    pub planner: &'a dyn Planner,
    /// The API.
    pub client: &'a Client,
    /// Where the state documents are.
    pub store: &'a Store,
    /// The API origin that keys them.
    pub origin: &'a str,
    /// The planning options.
    pub options: &'a Options,
    /// Where the private keys of uploads come from.
    pub keys: &'a dyn PrivateKeys,
    /// What the devices show, and whether they are counted.
    pub devices: Devices,
    /// The time.
    pub clock: Clock,
    /// How to go about it.
    pub settings: &'a Settings,
}

impl Fleet<'_> {
    /// Reads state and API of every account: no lock, no write. In the order of the spec. Where nothing is
    /// to be done in an account, its PEMs are let go: a plan needs none, and a fleet has thousands.
    pub async fn survey(&self) -> Vec<Survey> {
        self.survey_all(false).await
    }

    /// The same, with all PEMs.
    pub async fn survey_with_pems(&self) -> Vec<Survey> {
        self.survey_all(true).await
    }

    async fn survey_all(&self, with_pems: bool) -> Vec<Survey> {
        let (_, never) = watch::channel(false);
        let survey = async |fleet: &Fleet<'_>, account| fleet.survey_one(account, with_pems).await;
        self.each(&self.spec.accounts, &never, survey).await
    }

    /// The state and the account as they were together: another run may work on the account meanwhile,
    /// so the state is read again after the list, and both are read anew if it moved.
    async fn survey_one(&self, account: &Account, with_pems: bool) -> Survey {
        let key = self.key(&account.account_id);
        let mut document = match self.store.load(&key).await {
            Ok(document) => document,
            Err(error) => return Survey::failed(state_failed(&error)),
        };
        for _ in 1..SURVEYS {
            let survey = self.look(account, document, with_pems).await;
            let again = match self.store.load(&key).await {
                Ok(again) => again,
                Err(error) => return Survey::failed(state_failed(&error)),
            };
            if survey.observed.is_err() || version_of(again.as_ref()) == survey.version {
                return survey;
            }
            document = again;
        }
        self.look(account, document, with_pems).await
    }

    /// The account as the list has it; with the configuration where anything is to be done there, and with
    /// whether devices install certificates, and how many had the time to, where a switch is to come.
    async fn look(&self, account: &Account, document: Option<Document>, with_pems: bool) -> Survey {
        let version = version_of(document.as_ref());
        let state = document.map(|document| document.state);
        let id = &account.account_id;
        let mut survey = Survey {
            observed: observe(self.client, id, state.as_ref(), &self.clock).await,
            state,
            version,
        };
        let outcome = self.plan_one(&survey, account, self.options, None);
        if !outcome.changes.iter().any(touches_the_account) {
            if !with_pems {
                survey.let_go_of_pems();
            }
            return survey;
        }
        if let Ok(observed) = &mut survey.observed {
            if outcome.changes.iter().any(switches) {
                add_installation(self.client, observed).await;
            }
            if let Err(diagnostic) = add_configuration(self.client, observed).await {
                survey.observed = Err(diagnostic);
            }
        }
        if outcome
            .changes
            .iter()
            .any(|change| self.devices.matter(change))
        {
            self.count_devices(account, &mut survey).await;
        }
        survey
    }

    /// Counts the devices where a switch waits for them. Whether it does depends on both witnesses of what
    /// is in use: by the list alone nothing may be, and then nothing would be waited for.
    async fn count_devices(&self, account: &Account, survey: &mut Survey) {
        let outcome = self.plan_one(survey, account, self.options, None);
        let question = self.devices.question(&outcome.changes);
        if let (Ok(observed), Some(question)) = (&mut survey.observed, question) {
            let (id, now) = (&account.account_id, self.clock.now());
            let counted = self.devices.count(self.client, id, question, now);
            observed.evidence = Some(Box::new(counted.await));
        }
    }

    /// Plans what was surveyed; those beside it are waited for.
    #[must_use]
    pub fn plan(
        &self,
        surveys: &[Survey],
        beside: &[Bystander<'_>],
        general: Vec<Diagnostic>,
    ) -> Plan {
        let inputs: Vec<AccountInput<'_>> = self
            .spec
            .accounts
            .iter()
            .zip(surveys)
            .map(|(account, survey)| survey.input(self.spec, account))
            .collect();
        let now = self.clock.now();
        let mut plan = self
            .planner
            .fleet(&inputs, beside, general, self.options, now);
        let place = self.store.location().to_string();
        plan.state = Some(place.trim_start_matches("./").to_owned());
        plan
    }

    /// The plan of one account alone, with what the plan of all accounts refused it.
    pub(crate) fn plan_one(
        &self,
        survey: &Survey,
        account: &Account,
        options: &Options,
        refused: Option<&Diagnostic>,
    ) -> AccountOutcome {
        let input = survey.input(self.spec, account);
        let mut outcome = self.planner.account(&input, options, self.clock.now());
        if let Some(refused) = refused {
            outcome.refuse(refused.clone(), options);
        }
        outcome
    }

    pub(crate) fn key(&self, account: &AccountId) -> Key {
        Key {
            origin: self.origin.to_owned(),
            account_id: account.clone(),
        }
    }
}
