//! The loop of the executor, in memory, against the model of an account: observe, plan, do the first
//! step that is due, remember. Every step is held against the laws before it is done.

use std::collections::{BTreeMap, BTreeSet};

use certctl_account::{AccountModel, Refusal};
use certctl_model::{
    AccountState, BindingStatus, CertificateId, CertificateType, Intent, Moment, Mutation, Name,
    Note, Observed, Period, RemoteCertificate, Role, Timestamp,
};
use certctl_plan::{
    AccountInput, AccountOutcome, Action, Change, Operation, Options, StateVersion, Step, WaitFor,
};
use certctl_planner::plan_account;
use certctl_spec::{Account, Certificate, Policy};
use jiff::SignedDuration;

use crate::accepted::Accepted;
use crate::lint;

/// What goes wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// Killed after the intent was saved, before the request left.
    NotSent,
    /// Killed after the request took effect, before that was saved.
    Lost,
}

/// What a turn of the loop came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Turn {
    Did(Action),
    /// Nothing is due; something is at this instant.
    Until(Timestamp),
    /// Nothing is due, and nothing will be by itself.
    Stuck,
    /// Nothing is due, and nothing waits.
    Converged,
    Blocked,
}

/// One account, over time.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) world: AccountModel,
    pub(crate) account: Account,
    pub(crate) policy: Policy,
    pub(crate) state: Option<AccountState>,
    pub(crate) options: Options,
    pub(crate) now: Timestamp,
    /// Until when Gateway used what somebody knew that it used.
    pub(crate) used_until: BTreeMap<CertificateId, Timestamp>,
    /// What a request of ours made.
    pub(crate) ours: BTreeSet<CertificateId>,
    /// What was let go without being deleted.
    pub(crate) forgotten: BTreeSet<CertificateId>,
    /// What approved runs took up, by their notes.
    pub(crate) accepted: Accepted,
    pub(crate) log: Vec<String>,
    /// Whether each plan is held against the laws besides.
    pub(crate) lints: bool,
}

impl Run {
    pub(crate) fn new(account: Account, world: AccountModel, now: Timestamp) -> Self {
        Self {
            world,
            account,
            policy: Policy::default(),
            state: None,
            options: Options::default(),
            now,
            used_until: BTreeMap::new(),
            ours: BTreeSet::new(),
            forgotten: BTreeSet::new(),
            accepted: Accepted::default(),
            log: Vec::new(),
            lints: true,
        }
    }

    pub(crate) fn pass(&mut self, period: Period) {
        self.now = period.after(self.now);
        self.world.catch_up(self.now);
    }

    /// Moves in-use, by whomever. What was in use without anybody having looked is not known to have
    /// been, and keeps nothing.
    pub(crate) fn switch(
        &mut self,
        to: impl FnOnce(&mut AccountModel) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let before = self.used();
        let moved = to(&mut self.world);
        let known = |id: &CertificateId| {
            let state = self.state.as_ref();
            state.is_some_and(|s| s.binding(id).is_some_and(|(_, binding)| binding.in_use))
        };
        if let Some(id) = before.filter(|id| self.used().as_ref() != Some(id) && known(id)) {
            self.used_until.insert(id, self.now);
        }
        moved
    }

    /// What Gateway uses.
    pub(crate) fn used(&self) -> Option<CertificateId> {
        self.world.in_use().map(|remote| remote.id.clone())
    }

    pub(crate) fn observe(&self, configuration: bool) -> Observed {
        let mut observed = self.world.clone().look(self.now, configuration).clone();
        let bound = self.state.iter().flat_map(AccountState::bindings);
        observed.gone = bound
            .map(|(_, binding)| binding.id.clone())
            .filter(|id| self.world.certificate(id).is_none())
            .collect();
        observed
    }

    /// Plans, and holds the plan against the laws.
    pub(crate) fn plan(&self, configuration: bool) -> AccountOutcome {
        let observed = self.observe(configuration);
        let input = AccountInput {
            account: &self.account,
            policy: &self.policy,
            spec_name: None,
            observed: Ok(&observed),
            state: self.state.as_ref(),
            version: StateVersion::default(),
        };
        let outcome = plan_account(&input, &self.options, self.now);
        if self.lints {
            lint::check(&input, &self.options, self.now, &outcome);
        }
        outcome
    }

    /// One turn of the loop.
    pub(crate) fn turn(&mut self, fault: Fault) -> Turn {
        let mut outcome = self.plan(false);
        let first = |outcome: &AccountOutcome| {
            outcome
                .due()
                .first()
                .map(|(c, s)| ((*c).clone(), (*s).clone()))
        };
        let mut next = first(&outcome);
        let needs_witness = |step: &Step| {
            matches!(
                step.action(),
                Action::SetInUse | Action::Deactivate | Action::Delete
            )
        };
        if next.as_ref().is_some_and(|(_, step)| needs_witness(step)) {
            outcome = self.plan(true);
            next = first(&outcome);
        }
        match next {
            Some((change, step)) => {
                self.carry_out(&change, &step, fault);
                Turn::Did(step.action())
            }
            None => self.rest(&outcome),
        }
    }

    fn rest(&self, outcome: &AccountOutcome) -> Turn {
        if !outcome.account.applyable {
            return Turn::Blocked;
        }
        let waits = outcome.changes.iter().flat_map(|change| {
            let of_steps = change
                .steps
                .iter()
                .filter_map(|step| Some((step.waits_for?, step.not_before)));
            of_steps.chain(change.waiting.as_ref().map(|w| (w.why, w.until)))
        });
        let mut any = false;
        let next = waits
            .filter_map(|(why, until)| {
                any = true;
                match why {
                    WaitFor::Deploying | WaitFor::Settling => {
                        Some(Period::seconds(30).after(self.now))
                    }
                    _ => until,
                }
            })
            .min();
        match next {
            Some(at) => {
                assert!(at > self.now, "waits for the past: {outcome:#?}");
                Turn::Until(at)
            }
            None if any => Turn::Stuck,
            None => Turn::Converged,
        }
    }

    fn note(&mut self, notes: &[Note]) {
        let unattended = self.options.is_unattended();
        self.accepted.take_up(&self.account, unattended, notes);
        let state = self.state.get_or_insert_default();
        for note in notes {
            let noted = state.note(note, self.now);
            assert!(noted.is_ok(), "{note:?} on {state:#?}: {noted:?}");
            if let Note::Forget { .. } | Note::Unbind { .. } = note {
                self.log.push(format!("{note:?}"));
            }
        }
    }

    fn carry_out(&mut self, change: &Change, step: &Step, fault: Fault) {
        self.log.push(format!(
            "{} {} {} {:?} {fault:?}",
            self.now,
            change.address,
            step.action().as_str(),
            step.certificate_id().map(CertificateId::as_str)
        ));
        if step.action() == Action::Forget {
            let held = change.certificates.iter().map(|held| &held.id);
            let one = step.certificate_id();
            let let_go = held.filter(|id| one.is_none_or(|one| one == *id));
            self.forgotten.extend(let_go.cloned());
        }
        if self.options.is_unattended() {
            let state = self.state.as_ref().expect("a state");
            let used = self.used();
            self.accepted.allows(state, used.as_ref(), change, step);
        }
        if step.action().is_state_only() {
            self.note(&step.notes);
            return;
        }
        let mutation = self.mutation(change, step);
        if let Some(id) = step.certificate_id() {
            self.obeys_the_laws(change, step.action(), id);
        }
        let mut notes = step.notes.clone();
        notes.push(Note::Intent(Intent::new(
            mutation.clone(),
            self.now,
            Moment::by_one_clock(self.now),
        )));
        self.note(&notes);
        if fault == Fault::NotSent {
            return;
        }
        let answer = self.send(change, step, &mutation);
        if fault == Fault::Lost {
            return;
        }
        self.options.replace.remove(&change.address);
        self.note(&[answer]);
    }

    fn mutation(&self, change: &Change, step: &Step) -> Mutation {
        let known = self.world.certificates().iter().map(|c| c.id.clone());
        let mutation = step.mutation(&change.address.certificate, known);
        mutation.expect("a request on a certificate that exists")
    }

    fn send(&mut self, change: &Change, step: &Step, mutation: &Mutation) -> Note {
        let now = self.now;
        let sent = match mutation {
            Mutation::Create { days, .. } => match self.world.create(*days, now) {
                Ok(id) => {
                    self.ours.insert(id.clone());
                    let certificate = change.address.certificate.clone();
                    return Note::Created { certificate, id };
                }
                // What was made and deleted unseen counts for the server alone: later, then.
                Err(Refusal::QuotaReached) => {
                    self.pass(Period::HOUR);
                    return Note::End(mutation.clone());
                }
                Err(refusal) => Err(refusal),
            },
            Mutation::Upload { .. } => {
                let Operation::Upload { ca, .. } = &step.operation else {
                    panic!("{step:?}");
                };
                match self.world.upload(ca, now) {
                    Ok(id) => {
                        self.ours.insert(id.clone());
                        let certificate = change.address.certificate.clone();
                        return Note::Created { certificate, id };
                    }
                    Err(refusal) => Err(refusal),
                }
            }
            Mutation::Activate { id } => self.world.activate(id, now),
            Mutation::SetInUse { id } => self.switch(|world| world.set_in_use(id)),
            Mutation::Deactivate { id } => self.world.deactivate(id, now),
            Mutation::Delete { id } => self.world.delete(id),
        };
        assert_eq!(sent, Ok(()), "{mutation:?} was refused: {:#?}", self.log);
        Note::Done(mutation.clone())
    }

    /// Whether what is in use is so near to its expiry that a successor is not trusted first: two days, or a
    /// tenth of its validity.
    fn is_last_resort(&self, used: &RemoteCertificate) -> bool {
        let facts = used.facts().expect("made here");
        let validity = facts.not_after.duration_since(facts.not_before);
        let left = facts.not_after.duration_since(self.now);
        left <= SignedDuration::from_hours(48).min(validity / 10)
    }

    /// Laws 2 and 3, by what is true and not by what is known.
    fn obeys_the_laws(&self, change: &Change, action: Action, id: &CertificateId) {
        let state = self.state.as_ref().expect("a state");
        let (name, binding) = state.binding(id).expect("only what is bound is touched");
        let held = self.world.certificate(id).expect("it exists");
        let takes_away = matches!(action, Action::Deactivate | Action::Delete);
        let ours = held.kind == CertificateType::GatewayManaged || self.ours.contains(id);
        assert!(ours || !takes_away, "not ours: {:#?}", self.log);
        if action == Action::SetInUse {
            assert_eq!(held.binding_status, BindingStatus::Available);
            assert!(!held.is_expired(self.now), "expired: {:#?}", self.log);
            let used = self.world.in_use();
            let usable = used.is_some_and(|used| !used.is_expired(self.now));
            let declared = self.terms(name).expect("only what is declared");
            let since = self.world.since(id).expect("made here");
            let trusted = declared.rotation.trust_period.after(since);
            let excused = !usable || used.is_some_and(|used| self.is_last_resort(used));
            assert!(excused || trusted <= self.now, "untrusted: {:#?}", self.log);
        }
        if !matches!(action, Action::Deactivate | Action::Delete) {
            return;
        }
        assert_ne!(self.used().as_ref(), Some(id));
        let declared = self.terms(name);
        let kept = match (declared, &state.certificates[name].retire_after) {
            (Some(declared), _) => declared.rotation.retire_after,
            (None, kept) => kept.expect("a retire period"),
        };
        if let Some(until) = self.used_until.get(id) {
            assert!(kept.after(*until) <= self.now, "too early: {:#?}", self.log);
        }
        if action == Action::Delete && declared.is_some() {
            assert_eq!(binding.role, Role::Retiring, "{}", change.address);
        }
    }

    /// What counts for an address: what is declared, or what was accepted.
    fn terms(&self, name: &Name) -> Option<&Certificate> {
        match self.options.is_unattended() {
            true => self.accepted.terms(name),
            false => self.account.certificate(name),
        }
    }

    /// Runs until nothing is left to do, letting time pass where something waits.
    pub(crate) fn converge(&mut self) {
        for _ in 0..600 {
            match self.turn(Fault::None) {
                Turn::Did(_) => {}
                Turn::Until(at) => {
                    self.now = at;
                    self.world.catch_up(at);
                }
                Turn::Converged => return,
                end @ (Turn::Stuck | Turn::Blocked) => {
                    panic!("{end:?}: {:#?}\n{:#?}", self.plan(true), self.log)
                }
            }
        }
        panic!("no end: {:#?}\n{:#?}", self.plan(true), self.log);
    }
}
