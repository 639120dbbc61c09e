//! The handle: what a sandbox is opened with, and what can be asked of it in process.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::account::Account;
use crate::accounts::{Accounts, Heading};
use crate::admission::Admission;
use crate::conditions::Conditions;
use crate::error::SandboxError;
use crate::fault::{Fault, FaultKind};
use crate::faults::Queue;
use crate::journal::{Entry, Summary, summarise};
use crate::link::ConnectionId;
use crate::listeners::Listeners;
use crate::operation::{Operation, Rules};
use crate::wire::{Outcome, Refusal};

/// How a sandbox behaves.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Where accounts and the journal are kept; in memory if nowhere.
    pub data: Option<PathBuf>,
    /// How long an activation or deactivation stays pending, by the sandbox's clock.
    pub deploy_delay: Duration,
    /// How long every answer takes.
    pub latency: Duration,
    /// What the clock says at the start; otherwise the real time, or where a kept clock would be.
    pub clock: Option<Timestamp>,
    /// How many requests a credential has in five minutes; not limited if none. Cloudflare's
    /// number is 1200.
    pub rate_limit: Option<u32>,
    /// Whether deleting what is not inactive answers 500, as was once seen, rather than 2118.
    pub delete_answers_500: bool,
    /// What the ids of certificates are drawn from; without it, by chance. Keys and fingerprints are
    /// always by chance.
    pub seed: Option<u64>,
    /// Whether somebody switches TLS decryption on as soon as Gateway has a certificate for it. Without,
    /// it stays off until it is asked for, as at Cloudflare.
    pub inspects: bool,
}

/// A sandbox. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Sandbox {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    accounts: Mutex<Accounts>,
    faults: Mutex<Queue>,
    gate: Admission,
    doors: Listeners,
    latency: Duration,
}

impl Sandbox {
    /// Opens a sandbox, with what the data directory holds.
    ///
    /// # Errors
    /// When the directory cannot be used, or another sandbox uses it.
    pub fn open(options: Options) -> Result<Self, SandboxError> {
        let rules = Rules {
            deploy_delay: options.deploy_delay,
            delete_answers_500: options.delete_answers_500,
            deployments_fail: false,
            seed: options.seed,
            inspects: options.inspects,
        };
        let inner = Inner {
            accounts: Mutex::new(Accounts::open(
                options.data.as_deref(),
                options.clock,
                rules,
            )?),
            faults: Mutex::default(),
            gate: Admission::new(options.rate_limit),
            doors: Listeners::default(),
            latency: options.latency,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// The time by the sandbox's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.accounts().now()
    }

    /// Moves the clock ahead.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub fn advance(&self, by: Duration) -> Result<(), SandboxError> {
        self.accounts().move_clock(|clock| clock.advance(by))
    }

    /// Sets the clock, ahead or back.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub fn set_clock(&self, to: Timestamp) -> Result<(), SandboxError> {
        self.accounts().move_clock(|clock| clock.set(to))
    }

    /// What holds until it is set again.
    #[must_use]
    pub fn conditions(&self) -> Conditions {
        self.accounts().conditions()
    }

    /// Sets what holds from now on.
    ///
    /// # Errors
    /// When what time has done until now cannot be written down.
    pub fn set_conditions(&self, conditions: Conditions) -> Result<(), SandboxError> {
        self.accounts().set_conditions(conditions)
    }

    /// Queues a fault. A refusal of the very next connection holds from the moment this returns.
    pub async fn inject(&self, fault: Fault) {
        self.inject_from(fault, None).await;
    }

    /// The same, sparing the connection that asked for it.
    pub(crate) async fn inject_from(&self, fault: Fault, connection: Option<ConnectionId>) {
        let at_once = fault.kind == FaultKind::RefuseConnection && fault.nth <= 1;
        if at_once && self.inner.doors.any() {
            self.inner.doors.close(fault.duration(), connection).await;
        } else {
            self.faults().push(fault);
        }
    }

    /// Forgets all faults that have not struck yet.
    pub fn clear_faults(&self) {
        self.faults().clear();
    }

    /// Everything that happened, oldest first, up to now.
    ///
    /// # Errors
    /// When what time has done meanwhile cannot be written down.
    pub fn journal(&self) -> Result<Vec<Entry>, SandboxError> {
        self.accounts().journal()
    }

    /// What the journal says about each account.
    ///
    /// # Errors
    /// As [`Sandbox::journal`].
    pub fn summary(&self) -> Result<BTreeMap<String, Summary>, SandboxError> {
        Ok(summarise(&self.journal()?))
    }

    pub(crate) fn latency(&self) -> Duration {
        self.inner.latency
    }

    pub(crate) fn gate(&self) -> &Admission {
        &self.inner.gate
    }

    pub(crate) fn doors(&self) -> &Listeners {
        &self.inner.doors
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Queue> {
        self.inner
            .faults
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the data directory free. Whatever would change anything later is an error.
    pub(crate) fn close(&self) {
        self.accounts().close();
    }

    /// Carries one operation through: see [`Accounts::attend`].
    pub(crate) fn attend(
        &self,
        heading: Heading,
        account: &Result<String, Refusal>,
        lag: Duration,
        work: Option<impl FnOnce(&mut Operation<'_>) -> Outcome>,
    ) -> Result<Option<Outcome>, SandboxError> {
        self.accounts().attend(heading, account, lag, work)
    }

    /// Carries an operation through that belongs to no account.
    pub(crate) fn attend_globally(
        &self,
        heading: Heading,
        work: Option<impl FnOnce(&BTreeMap<String, Account>) -> Outcome>,
    ) -> Result<Option<Outcome>, SandboxError> {
        self.accounts().attend_globally(heading, work)
    }

    /// A copy of an account as it is now.
    pub(crate) fn account(&self, id: &str) -> Account {
        self.accounts().account(id)
    }

    fn accounts(&self) -> MutexGuard<'_, Accounts> {
        self.inner
            .accounts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
