//! One account's way through time: what one run of `apply` after another does to it.
//!
//! As the executor does it: plan, do what is due, note it, and plan again, until nothing is due; only
//! what the planner says is ever done. Unlike the executor, steps of one kind are done together
//! where none of them makes another one possible, or takes its place. A test holds the two against
//! each other.

use certctl_account::Refusal;
use certctl_model::{
    Address, CertificateId, Diagnostic, Intent, Moment, Mutation, Note, Period, RemoteCertificate,
    Timestamp,
};
use certctl_plan::{
    AccountOutcome, AccountWave, Action, Allowance, Change, Operation, Options, Step, WaitFor,
};

use crate::event::{Event, EventKind};
use crate::simulated::{SimulatedAccount, Wake};

/// How long a run waits for what settles by itself.
const PATIENCE_SECONDS: u32 = 600;
/// More plans than any run needs; a planner that wants the same for ever is left alone.
const PLANS: usize = 200;

/// What came of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Did {
    Nothing,
    /// Facts were remembered; what else it says stands.
    Notes,
    Steps,
}

impl SimulatedAccount<'_> {
    /// What is known before the first run.
    pub(crate) fn begin(&mut self) {
        self.remember_lives();
        self.judge_what_is_declared();
    }

    /// Lets time pass up to `at`: what expires on the way, expires.
    pub(crate) fn pass(&mut self, at: Timestamp) {
        let certificates = self.world.certificates().iter();
        let mut expiring: Vec<(Timestamp, CertificateId)> = certificates
            .filter_map(|remote| Some((remote.expires()?, remote)))
            .filter(|(expires, _)| self.now < *expires && *expires <= at)
            .filter(|(_, remote)| remote.in_use || self.holder(&remote.id).is_some())
            .map(|(expires, remote)| (expires, remote.id.clone()))
            .collect();
        expiring.sort();
        for (expires, id) in expiring {
            self.judge_expiry(&id, expires);
            self.happens(expires, EventKind::Expire, &id);
        }
        self.now = self.now.max(at);
    }

    /// One run of `apply`, now.
    pub(crate) fn run(&mut self, allowance: Allowance, wave: Option<AccountWave>) {
        let foreseen = self.foreseen.take();
        if self.blocked {
            self.wake = Wake::Never;
            return;
        }
        // What is at the edge by now, the plan ahead did not know.
        let pending = |remote: &RemoteCertificate| remote.binding_status.is_pending();
        let stands = !self.is_eager() && !self.world.certificates().iter().any(pending);
        let mut foreseen = foreseen.filter(|_| stands);
        let mut did_nothing = true;
        let mut options = Options {
            allowance,
            wave,
            ..Options::default()
        };
        let mut now = self.now;
        let end = Period::seconds(PATIENCE_SECONDS).after(now);
        for _ in 0..PLANS {
            self.catch_up(now);
            let outcome = foreseen.take().unwrap_or_else(|| self.plan(now, &options));
            self.findings.last_resorts(&outcome.diagnostics, now);
            if self.carry_out(&outcome, now, &mut options) == Did::Steps {
                did_nothing = false;
                continue;
            }
            let waits = self.deploys_at(&outcome, now).filter(|at| *at <= end);
            if let Some(at) = waits {
                now = at;
                continue;
            }
            self.judge_what_waits(&outcome);
            self.last = Some(outcome);
            break;
        }
        self.now = self.now.max(now);
        self.wake = self.wakes(did_nothing);
    }

    /// The account is not to be touched at all.
    pub(crate) fn block(&mut self, diagnostics: &[Diagnostic]) {
        self.blocked = true;
        self.findings.errors(diagnostics, self.now);
    }

    /// Does what comes first of what is due.
    fn carry_out(
        &mut self,
        outcome: &AccountOutcome,
        now: Timestamp,
        options: &mut Options,
    ) -> Did {
        let mut last = None;
        let mut did = Did::Nothing;
        for (change, step) in outcome.due() {
            if last.is_some_and(|last| !self.goes_with(last, step.action())) {
                break;
            }
            let done = if step.action().is_state_only() {
                let noted = self.note(&step.notes, now);
                if step.action() == Action::Adopt {
                    self.remember_lives();
                }
                noted
            } else {
                options.allowance.count(change, step);
                self.request(change, step, now)
            };
            // Whatever the plan did not foresee: the next one does.
            if !done {
                break;
            }
            did = match step.action() {
                Action::Record if did != Did::Steps && !self.is_eager() => Did::Notes,
                _ => Did::Steps,
            };
            last = Some(step.action());
        }
        did
    }

    /// Whether a step can follow on another without a new plan. What is recorded the plan knows
    /// already. Of other steps only those of one kind leave each other as they are; and what makes
    /// room at the edge only where whoever is created next wants it, the most urgent first.
    fn goes_with(&self, last: Action, next: Action) -> bool {
        if self.is_eager() {
            return false;
        }
        let mut declared = self.account.certificates.iter();
        match last {
            Action::Record => true,
            Action::Activate | Action::Create | Action::Delete => last == next,
            Action::Deactivate => {
                last == next && declared.all(|declared| declared.activate != Some(false))
            }
            Action::SetInUse | Action::Upload | Action::Adopt | Action::Forget => false,
        }
    }

    /// When what is waited for settles by itself, if a run waits for it.
    fn deploys_at(&self, outcome: &AccountOutcome, now: Timestamp) -> Option<Timestamp> {
        let waits = outcome.changes.iter().filter_map(|change| {
            let waiting = change.waiting.as_ref()?;
            match waiting.why {
                WaitFor::Settling => waiting.until,
                WaitFor::Deploying => self.world.deploys_at(),
                _ => None,
            }
        });
        waits.filter(|at| *at > now).min()
    }

    fn catch_up(&mut self, now: Timestamp) {
        for id in self.world.catch_up(now) {
            let at = self.world.since(&id).unwrap_or(now);
            if self.holder(&id).is_some() {
                self.happens(at, EventKind::Available, &id);
            }
            if let Some(life) = self.lives.get_mut(&id) {
                life.available = Some(at);
            }
        }
    }

    fn note(&mut self, notes: &[Note], now: Timestamp) -> bool {
        let state = self.state.get_or_insert_default();
        notes.iter().all(|note| state.note(note, now).is_ok())
    }

    /// The intent, the request, and what came of it.
    fn request(&mut self, change: &Change, step: &Step, now: Timestamp) -> bool {
        let known = self.world.certificates().iter();
        let known = known.map(|remote| remote.id.clone());
        let Some(mutation) = step.mutation(&change.address.certificate, known) else {
            return false;
        };
        let intent = Intent::new(mutation.clone(), now, Moment::by_one_clock(now));
        if !self.note(&step.notes, now) || !self.note(&[Note::Intent(intent)], now) {
            return false;
        }
        let answer = match self.send(change, step, &mutation, now) {
            Ok(note) => note,
            Err(_) => {
                self.note(&[Note::End(mutation)], now);
                return false;
            }
        };
        let noted = self.note(&[answer], now);
        if step.action() == Action::Delete {
            self.forget_what_nobody_imports();
        }
        noted
    }

    /// What an address had is remembered for an `import` that still names it. No spec names what is
    /// yet to be made, and decades of it would slow every plan down.
    fn forget_what_nobody_imports(&mut self) {
        let Some(state) = &mut self.state else { return };
        for entry in state.certificates.values_mut() {
            entry.had.retain(|id| self.existing.contains(id));
        }
    }

    /// Sends a request to the model; returns what is known after it.
    fn send(
        &mut self,
        change: &Change,
        step: &Step,
        mutation: &Mutation,
        now: Timestamp,
    ) -> Result<Note, Refusal> {
        let done = || Ok(Note::Done(mutation.clone()));
        match mutation {
            Mutation::Create { days, .. } => {
                let id = self.world.create(*days, now)?;
                self.begin_life(&change.address, &id, now);
                self.events.push(Event {
                    days: Some(*days),
                    ..self.event(now, EventKind::Create, &id, Some(change.address.clone()))
                });
                let certificate = change.address.certificate.clone();
                return Ok(Note::Created { certificate, id });
            }
            Mutation::Upload { .. } => {
                let Operation::Upload { ca, .. } = &step.operation else {
                    return Err(Refusal::Unfit);
                };
                let id = self.world.upload(ca, now)?;
                self.begin_life(&change.address, &id, now);
                let event = self.event(now, EventKind::Upload, &id, Some(change.address.clone()));
                self.events.push(event);
                let certificate = change.address.certificate.clone();
                return Ok(Note::Created { certificate, id });
            }
            Mutation::Activate { id } => {
                self.world.activate(id, now)?;
                self.happens(now, EventKind::Activate, id);
            }
            Mutation::SetInUse { id } => {
                self.judge_switch(&change.address, id, now);
                let before = self.world.in_use().map(|remote| remote.id.clone());
                self.world.set_in_use(id)?;
                self.happens(now, EventKind::SetInUse, id);
                self.use_begins(before.as_ref(), id, now);
            }
            Mutation::Deactivate { id } => {
                self.world.deactivate(id, now)?;
                self.happens(now, EventKind::Deactivate, id);
                self.life_ends(id, now);
            }
            Mutation::Delete { id } => {
                self.world.delete(id)?;
                self.happens(now, EventKind::Delete, id);
                self.life_ends(id, now);
            }
        }
        done()
    }

    fn happens(&mut self, at: Timestamp, kind: EventKind, id: &CertificateId) {
        let event = self.event(at, kind, id, self.holder(id));
        self.events.push(event);
    }

    fn event(
        &self,
        at: Timestamp,
        kind: EventKind,
        id: &CertificateId,
        address: Option<Address>,
    ) -> Event {
        Event {
            at,
            account: self.account.name.clone(),
            address,
            kind,
            certificate_id: self.existing.contains(id).then(|| id.clone()),
            days: None,
        }
    }
}
