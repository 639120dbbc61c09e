//! All accounts behind one lock, and how one operation is carried through.
//!
//! Operations come one after the other. Each works on a draft of its account; the draft, and its
//! entries in the journal, count only once they are on disk.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::account::Account;
use crate::clock::Clock;
use crate::conditions::{Conditions, seconds};
use crate::error::SandboxError;
use crate::journal::{Cause, Effect, Entry};
use crate::operation::{Operation, Rules};
use crate::past::Past;
use crate::store::Store;
use crate::time::catch_up;
use crate::wire::{Outcome, Refusal};

/// All accounts, with the clock they live by.
#[derive(Debug)]
pub(crate) struct Accounts {
    accounts: BTreeMap<String, Account>,
    entries: Vec<Entry>,
    clock: Clock,
    store: Option<Store>,
    rules: Rules,
    /// How long a deployment takes where no condition says otherwise.
    deploy_delay: Duration,
    conditions: Conditions,
    past: Past,
    closed: bool,
}

/// What an entry in the journal says before it is known what came of it.
#[derive(Debug, Clone)]
pub(crate) struct Heading {
    pub(crate) cause: Cause,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) certificate_id: Option<String>,
    pub(crate) fault: Option<String>,
    pub(crate) audit_log_id: Option<String>,
}

impl Accounts {
    /// What a directory holds, or nothing yet.
    pub(crate) fn open(
        data: Option<&Path>,
        start: Option<Timestamp>,
        rules: Rules,
    ) -> Result<Self, SandboxError> {
        let (store, document, entries) = match data {
            Some(dir) => {
                let (store, document, entries) = Store::open(dir)?;
                (Some(store), document, entries)
            }
            None => Default::default(),
        };
        let clock = match start {
            Some(start) => Clock::starting_at(start),
            None => Clock::with_offset(SignedDuration::from_millis(document.clock_offset_ms)),
        };
        Ok(Self {
            accounts: document.accounts,
            entries,
            clock,
            store,
            deploy_delay: rules.deploy_delay,
            rules,
            conditions: Conditions::default(),
            past: Past::default(),
            closed: false,
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn move_clock(
        &mut self,
        change: impl FnOnce(&mut Clock),
    ) -> Result<(), SandboxError> {
        let before = self.clock.clone();
        change(&mut self.clock);
        let saved = self.save(&[]);
        if saved.is_err() {
            self.clock = before;
        }
        saved
    }

    pub(crate) fn conditions(&self) -> Conditions {
        self.conditions
    }

    /// Sets what holds from now on; what time has done until now is done as it was.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub(crate) fn set_conditions(&mut self, conditions: Conditions) -> Result<(), SandboxError> {
        self.journal()?;
        self.rules.deploy_delay = conditions.deploy_seconds.map_or(self.deploy_delay, seconds);
        self.rules.deployments_fail = conditions.deployments_fail;
        self.conditions = conditions;
        Ok(())
    }

    /// Gives the data directory free.
    pub(crate) fn close(&mut self) {
        self.store = None;
        self.closed = true;
    }

    /// Everything that happened up to now; up to the end, once closed.
    pub(crate) fn journal(&mut self) -> Result<Vec<Entry>, SandboxError> {
        let now = self.now();
        if self.closed {
            return Ok(self.entries.clone());
        }
        let ids: Vec<String> = self.accounts.keys().cloned().collect();
        for id in ids {
            let mut draft = self.accounts.get(&id).cloned().unwrap_or_default();
            let effects = catch_up(&id, &mut draft, now, &self.rules);
            let entries = time_entry(&id, &draft, effects).into_iter().collect();
            self.commit(&id, draft, entries)?;
        }
        Ok(self.entries.clone())
    }

    /// A copy of an account as it is now.
    pub(crate) fn account(&self, id: &str) -> Account {
        let mut account = self.accounts.get(id).cloned().unwrap_or_default();
        catch_up(id, &mut account, self.now(), &self.rules);
        account
    }

    /// Carries one operation through: lets the account catch up with time, lets `work` change a
    /// draft of it, writes both down. No `work`, no effect: then only the attempt is written down.
    /// A read that lags is given the account as it was `lag` ago.
    ///
    /// # Errors
    /// When it cannot be written down; nothing has changed then.
    pub(crate) fn attend(
        &mut self,
        heading: Heading,
        account: &Result<String, Refusal>,
        lag: Duration,
        work: Option<impl FnOnce(&mut Operation<'_>) -> Outcome>,
    ) -> Result<Option<Outcome>, SandboxError> {
        let now = self.now();
        let id = match account {
            Ok(id) => id,
            Err(refusal) => {
                let outcome = work.map(|_| Err(refusal.clone()));
                let entry = entry(heading, now, None, outcome.as_ref(), Vec::new());
                self.write(vec![entry])?;
                return Ok(outcome);
            }
        };
        let mut draft = self.accounts.get(id).cloned().unwrap_or_default();
        let elapsed = catch_up(id, &mut draft, now, &self.rules);
        let mut entries: Vec<Entry> = time_entry(id, &draft, elapsed).into_iter().collect();
        let then = now.checked_sub(lag).unwrap_or(now);
        let seen = (!lag.is_zero()).then(|| self.past.view(id, then)).flatten();
        let mut operation = Operation::new(id, &mut draft, now, &self.rules);
        operation.journal = &self.entries;
        let outcome = match (work, seen) {
            (Some(work), Some(mut seen)) => {
                catch_up(id, &mut seen, then, &self.rules);
                Some(work(&mut Operation::new(id, &mut seen, then, &self.rules)))
            }
            (work, _) => work.map(|work| work(&mut operation)),
        };
        operation.observe_interception();
        let effects = std::mem::take(&mut operation.effects);
        let mut entry = entry(heading, now, Some(id), outcome.as_ref(), effects);
        entry.interception = Some(draft.interception);
        entries.push(entry);
        self.commit(id, draft, entries)?;
        Ok(outcome)
    }

    /// Carries an operation through that belongs to no account and changes none.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub(crate) fn attend_globally(
        &mut self,
        heading: Heading,
        work: Option<impl FnOnce(&BTreeMap<String, Account>) -> Outcome>,
    ) -> Result<Option<Outcome>, SandboxError> {
        let outcome = work.map(|work| work(&self.accounts));
        let entry = entry(heading, self.now(), None, outcome.as_ref(), Vec::new());
        self.write(vec![entry])?;
        Ok(outcome)
    }

    /// Makes a draft count, if it is another than before, together with its entries.
    fn commit(
        &mut self,
        id: &str,
        draft: Account,
        mut entries: Vec<Entry>,
    ) -> Result<(), SandboxError> {
        if self.accounts.get(id) == Some(&draft)
            || (draft == Account::default() && !self.accounts.contains_key(id))
        {
            return self.write(entries);
        }
        self.number(&mut entries);
        let before = self.accounts.insert(id.to_owned(), draft);
        if let Err(error) = self.save(&entries) {
            match before {
                Some(before) => self.accounts.insert(id.to_owned(), before),
                None => self.accounts.remove(id),
            };
            return Err(error);
        }
        self.remember(id, before.as_ref());
        self.append(entries)
    }

    /// Keeps what reads that lag are to see.
    fn remember(&mut self, id: &str, before: Option<&Account>) {
        let lag = self.conditions.longest_lag();
        let Some(after) = self.accounts.get(id).filter(|_| !lag.is_zero()) else {
            return self.past.forget(id);
        };
        let now = self.clock.now();
        let horizon = now.checked_sub(lag).unwrap_or(now);
        self.past.record(id, before, now, after, horizon);
    }

    /// Writes entries that change nothing.
    fn write(&mut self, mut entries: Vec<Entry>) -> Result<(), SandboxError> {
        if self.closed {
            return Err(SandboxError::Closed);
        }
        self.number(&mut entries);
        self.append(entries)
    }

    fn number(&self, entries: &mut [Entry]) {
        let mut seq = self.entries.last().map_or(0, |entry| entry.seq);
        for entry in entries {
            seq += 1;
            entry.seq = seq;
        }
    }

    fn save(&self, entries: &[Entry]) -> Result<(), SandboxError> {
        if self.closed {
            return Err(SandboxError::Closed);
        }
        match &self.store {
            Some(store) => store.save(self.clock.offset_millis(), &self.accounts, entries),
            None => Ok(()),
        }
    }

    fn append(&mut self, entries: Vec<Entry>) -> Result<(), SandboxError> {
        if let Some(store) = &mut self.store {
            store.append(&entries)?;
        }
        self.entries.extend(entries);
        Ok(())
    }
}

fn entry(
    heading: Heading,
    at: Timestamp,
    account: Option<&str>,
    outcome: Option<&Outcome>,
    effects: Vec<Effect>,
) -> Entry {
    let made = effects
        .iter()
        .find(|e| matches!(e.effect.as_str(), "created" | "uploaded" | "seeded"))
        .and_then(|e| e.certificate_id.clone());
    let refusal = outcome.and_then(|outcome| outcome.as_ref().err());
    let reply = outcome.and_then(|outcome| outcome.as_ref().ok());
    Entry {
        seq: 0,
        at,
        cause: heading.cause,
        method: heading.method,
        path: heading.path,
        account_id: account.map(str::to_owned),
        certificate_id: heading.certificate_id.or(made),
        status: reply.map(|r| r.status).or(refusal.map(|r| r.status)),
        code: refusal.map(|refusal| refusal.code),
        fault: heading.fault,
        audit_log_id: heading.audit_log_id,
        effects,
        interception: None,
    }
}

/// What time alone has done, if anything.
fn time_entry(account: &str, draft: &Account, effects: Vec<Effect>) -> Option<Entry> {
    let at = effects.first()?.at;
    let heading = Heading {
        cause: Cause::Time,
        method: String::new(),
        path: String::new(),
        certificate_id: None,
        fault: None,
        audit_log_id: None,
    };
    let mut entry = entry(heading, at, Some(account), None, effects);
    entry.interception = Some(draft.interception);
    Some(entry)
}
