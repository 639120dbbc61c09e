//! The handle: what it is opened with, and how one operation is carried through.
//!
//! Operations come one after the other. Each works on a draft of its account; the draft, and its
//! entries in the journal, count only once they are on disk.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::account::{Account, catch_up};
use crate::clock::Clock;
use crate::error::SandboxError;
use crate::faults::{Fault, FaultKind, Queue};
use crate::gate::Gate;
use crate::journal::{Cause, Effect, Entry, Summary, summarise};
use crate::server::{ConnectionId, Doors};
use crate::store::Store;
use crate::turn::{Rules, Turn};
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
}

/// A sandbox. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Sandbox {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    world: Mutex<World>,
    faults: Mutex<Queue>,
    gate: Gate,
    doors: Doors,
    rules: Rules,
    latency: Duration,
}

#[derive(Debug)]
struct World {
    accounts: BTreeMap<String, Account>,
    entries: Vec<Entry>,
    clock: Clock,
    store: Option<Store>,
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

impl Sandbox {
    /// Opens a sandbox, with what the data directory holds.
    ///
    /// # Errors
    /// When the directory cannot be used, or another sandbox uses it.
    pub fn open(options: Options) -> Result<Self, SandboxError> {
        let (store, document, entries) = match &options.data {
            Some(dir) => {
                let (store, document, entries) = Store::open(dir)?;
                (Some(store), document, entries)
            }
            None => Default::default(),
        };
        let clock = match options.clock {
            Some(start) => Clock::starting_at(start),
            None => Clock::with_offset(SignedDuration::from_millis(document.clock_offset_ms)),
        };
        let inner = Inner {
            world: Mutex::new(World {
                accounts: document.accounts,
                entries,
                clock,
                store,
                closed: false,
            }),
            faults: Mutex::default(),
            gate: Gate::new(options.rate_limit),
            doors: Doors::default(),
            rules: Rules {
                deploy_delay: options.deploy_delay,
                delete_answers_500: options.delete_answers_500,
            },
            latency: options.latency,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// The time by the sandbox's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.world().clock.now()
    }

    /// Moves the clock ahead.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub fn advance(&self, by: Duration) -> Result<(), SandboxError> {
        self.move_clock(|clock| clock.advance(by))
    }

    /// Sets the clock, ahead or back.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub fn set_clock(&self, to: Timestamp) -> Result<(), SandboxError> {
        self.move_clock(|clock| clock.set(to))
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
        let mut world = self.world();
        let now = world.clock.now();
        let ids: Vec<String> = world.accounts.keys().cloned().collect();
        for id in ids {
            let mut draft = world.accounts.get(&id).cloned().unwrap_or_default();
            let effects = catch_up(&id, &mut draft, now, &self.inner.rules);
            let entries = time_entry(&id, &draft, effects).into_iter().collect();
            world.commit(&id, draft, entries)?;
        }
        Ok(world.entries.clone())
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

    pub(crate) fn gate(&self) -> &Gate {
        &self.inner.gate
    }

    pub(crate) fn doors(&self) -> &Doors {
        &self.inner.doors
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Queue> {
        self.inner
            .faults
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the data directory free. Whatever comes later is an error.
    pub(crate) fn close(&self) {
        let mut world = self.world();
        world.store = None;
        world.closed = true;
    }

    /// Carries one operation through: lets the account catch up with time, lets `work` change a
    /// draft of it, writes both down. No `work`, no effect: then only the attempt is written down.
    ///
    /// # Errors
    /// When it cannot be written down; nothing has changed then.
    pub(crate) fn attend(
        &self,
        heading: Heading,
        account: &Result<String, Refusal>,
        work: Option<impl FnOnce(&mut Turn<'_>) -> Outcome>,
    ) -> Result<Option<Outcome>, SandboxError> {
        let mut world = self.world();
        let now = world.clock.now();
        let id = match account {
            Ok(id) => id,
            Err(refusal) => {
                let outcome = work.map(|_| Err(refusal.clone()));
                let entry = entry(heading, now, None, outcome.as_ref(), Vec::new());
                world.write(vec![entry])?;
                return Ok(outcome);
            }
        };
        let mut draft = world.accounts.get(id).cloned().unwrap_or_default();
        let elapsed = catch_up(id, &mut draft, now, &self.inner.rules);
        let mut entries: Vec<Entry> = time_entry(id, &draft, elapsed).into_iter().collect();
        let mut turn = Turn::new(id, &mut draft, now, &self.inner.rules);
        let outcome = work.map(|work| work(&mut turn));
        turn.observe_interception();
        let effects = std::mem::take(&mut turn.effects);
        let mut entry = entry(heading, now, Some(id), outcome.as_ref(), effects);
        entry.interception = Some(draft.interception);
        entries.push(entry);
        world.commit(id, draft, entries)?;
        Ok(outcome)
    }

    /// A copy of an account as it is now.
    pub(crate) fn account(&self, id: &str) -> Account {
        let world = self.world();
        let mut account = world.accounts.get(id).cloned().unwrap_or_default();
        catch_up(id, &mut account, world.clock.now(), &self.inner.rules);
        account
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.inner
            .world
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn move_clock(&self, change: impl FnOnce(&mut Clock)) -> Result<(), SandboxError> {
        let mut world = self.world();
        let before = world.clock.clone();
        change(&mut world.clock);
        let saved = world.save(&[]);
        if saved.is_err() {
            world.clock = before;
        }
        saved
    }
}

impl World {
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
        self.append(entries)
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
