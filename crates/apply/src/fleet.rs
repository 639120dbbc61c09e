//! All accounts of a spec: surveyed, planned and applied side by side.

use std::time::Duration;

use certctl_cloudflare::Client;
use certctl_model::{AccountId, AccountState, Code, Diagnostic, Observed};
use certctl_plan::{AccountInput, AccountOutcome, Options, Plan, Planner, StateVersion};
use certctl_spec::{Account, Spec};
use certctl_state::{Document, Holder, Key, StateError, Store};
use futures::StreamExt;
use tokio::sync::watch;

use crate::account::{AccountRun, Ended};
use crate::observe::observe;
use crate::{Approval, Auditing, Clock, Report, Sink};

/// How a run goes about it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How many accounts are worked on at once, at least 1.
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
    /// The time.
    pub clock: Clock,
    /// How to go about it.
    pub settings: &'a Settings,
}

/// What was read of one account.
#[derive(Debug, Clone)]
pub struct Survey {
    /// What the API says, or why it could not be read.
    pub observed: Result<Observed, Diagnostic>,
    /// What is remembered.
    pub state: Option<AccountState>,
    /// The document that it comes from.
    pub version: StateVersion,
}

impl Fleet<'_> {
    /// Reads state and API of every account: no lock, no write. In the order of the spec.
    pub async fn survey(&self) -> Vec<Survey> {
        futures::stream::iter(&self.spec.accounts)
            .map(|account| self.survey_one(account))
            .buffered(self.settings.parallelism.max(1))
            .collect()
            .await
    }

    async fn survey_one(&self, account: &Account) -> Survey {
        let document = match self.store.load(&self.key(&account.account_id)).await {
            Ok(document) => document,
            Err(error) => return Survey::failed(state_failed(&error)),
        };
        let version = version_of(document.as_ref());
        let state = document.map(|document| document.state);
        let observed = observe(
            self.client,
            &account.account_id,
            state.as_ref(),
            &self.clock,
        )
        .await;
        Survey {
            observed,
            state,
            version,
        }
    }

    /// Plans what was surveyed.
    #[must_use]
    pub fn plan(&self, surveys: &[Survey], general: Vec<Diagnostic>) -> Plan {
        let inputs: Vec<AccountInput<'_>> = self
            .spec
            .accounts
            .iter()
            .zip(surveys)
            .map(|(account, survey)| survey.input(self.spec, account))
            .collect();
        self.planner
            .fleet(&inputs, general, self.options, self.clock.now())
    }

    /// Does what was approved: each account under its lock, one account's failure not stopping
    /// another. Once `stop` says so, no further request is begun.
    pub async fn apply(
        &self,
        plan: &Plan,
        approval: &Approval,
        sink: &Sink,
        stop: &watch::Receiver<bool>,
    ) -> Report {
        let ended: Vec<Ended> = futures::stream::iter(&self.spec.accounts)
            .map(|account| {
                let run = AccountRun {
                    fleet: self,
                    account,
                    approval,
                    sink,
                    stop: stop.clone(),
                    shown: plan,
                };
                run.run()
            })
            .buffered(self.settings.parallelism.max(1))
            .collect()
            .await;
        let (mut results, mut diagnostics) = (Vec::new(), Vec::new());
        for account in ended {
            results.extend(account.results);
            diagnostics.extend(account.diagnostics);
        }
        Report::new(results, diagnostics, self.client.requests())
    }

    pub(crate) fn key(&self, account: &AccountId) -> Key {
        Key {
            origin: self.origin.to_owned(),
            account_id: account.clone(),
        }
    }
}

impl Survey {
    pub(crate) fn failed(diagnostic: Diagnostic) -> Self {
        Self {
            observed: Err(diagnostic),
            state: None,
            version: StateVersion::default(),
        }
    }

    /// What the planner gets of it.
    #[must_use]
    pub fn input<'a>(&'a self, spec: &'a Spec, account: &'a Account) -> AccountInput<'a> {
        AccountInput {
            account,
            policy: &spec.policy,
            spec_name: spec.name.as_ref(),
            observed: self.observed.as_ref(),
            state: self.state.as_ref(),
            version: self.version.clone(),
        }
    }

    pub(crate) fn outcome(
        &self,
        fleet: &Fleet<'_>,
        account: &Account,
        options: &Options,
    ) -> AccountOutcome {
        let input = self.input(fleet.spec, account);
        fleet.planner.account(&input, options, fleet.clock.now())
    }
}

pub(crate) fn version_of(document: Option<&Document>) -> StateVersion {
    document.map_or_else(StateVersion::default, |document| StateVersion {
        lineage: Some(document.lineage.clone()),
        serial: document.serial,
    })
}

pub(crate) fn state_failed(error: &StateError) -> Diagnostic {
    let diagnostic = Diagnostic::error(Code::StateFailed, error.to_string());
    match error.hint() {
        Some(hint) => diagnostic.hint(hint),
        None => diagnostic,
    }
}
