//! What is true of every plan, whatever it was made from.
//!
//! The planner's own word is taken for nothing: each due step is held against what was observed and
//! against the state as it is saved, which is also what the executor and the API will do.

use certctl_model::{
    AccountState, Binding, BindingStatus, CertificateId, CertificateType, Guard, InUse, Intent,
    Note, Observed, Origin, Period, RemoteCertificate, Role, Timestamp,
};
use certctl_plan::{
    AccountInput, AccountOutcome, Action, Allow, Change, Options, Plan, Scope, Step,
};
use certctl_planner::plan_account;

/// Holds a plan against the laws.
pub(crate) fn check(
    input: &AccountInput<'_>,
    options: &Options,
    now: Timestamp,
    outcome: &AccountOutcome,
) {
    let Ok(observed) = input.observed else { return };
    let lint = Lint {
        input,
        observed,
        now,
        outcome,
        unattended: options.is_unattended(),
    };
    for change in &outcome.changes {
        lint.has_one_successor(change);
        lint.leads_with_what_is_due(change);
    }
    for (change, step) in outcome.due() {
        lint.can_be_noted(change, step);
        lint.touches_only_its_own(step);
        lint.keeps_interception(change, step, options);
    }
    lint.order_does_not_matter(options);
    lint.reads_back(options);
}

struct Lint<'a> {
    input: &'a AccountInput<'a>,
    observed: &'a Observed,
    now: Timestamp,
    outcome: &'a AccountOutcome,
    /// Whether what was accepted counts, and not what is declared.
    unattended: bool,
}

impl Lint<'_> {
    fn has_one_successor(&self, change: &Change) {
        // Two can only be had by having been two: a state that somebody made up.
        let made_up = self.input.state.is_some_and(|state| {
            let mut entries = state.certificates.values();
            entries.any(|e| count(e.bindings.iter().map(|b| b.role)) > 1)
        });
        let held = count(change.certificates.iter().map(|held| held.role));
        assert!(held <= 1 || made_up, "{change:#?}");
    }

    /// A step on a certificate is due only if those before it on the same one are.
    fn leads_with_what_is_due(&self, change: &Change) {
        for pair in change.steps.windows(2) {
            let [first, second] = pair else { continue };
            let same = first.certificate_id() == second.certificate_id();
            let call = !first.action().is_state_only();
            assert!(!(same && call && second.due), "{change:#?}");
        }
        for step in &change.steps {
            assert!(!step.due || step.not_before.is_none(), "{change:#?}");
        }
    }

    /// The state accepts every due step, each on its own: an executor plans after each.
    fn can_be_noted(&self, change: &Change, step: &Step) {
        let facts = matches!(step.action(), Action::Record | Action::Adopt);
        let mut state = if facts {
            self.input.state.cloned().unwrap_or_default()
        } else {
            self.remembered()
        };
        for note in step.notes.iter().chain(self.begin(change, step).as_ref()) {
            let noted = state.note(note, self.now);
            assert!(noted.is_ok(), "{noted:?}: {note:#?} on {state:#?}");
        }
    }

    fn begin(&self, change: &Change, step: &Step) -> Option<Note> {
        let mutation = step.mutation(&change.address.certificate, [])?;
        let sent = self.observed.moment();
        Some(Note::Intent(Intent::new(mutation, self.now, sent)))
    }

    /// The state once every fact that is due is saved, as it is before the first request.
    fn remembered(&self) -> AccountState {
        let mut state = self.input.state.cloned().unwrap_or_default();
        for (_, step) in self.outcome.due() {
            if matches!(step.action(), Action::Record | Action::Adopt) {
                for note in &step.notes {
                    state.note(note, self.now).expect("a legal note");
                }
            }
        }
        state
    }

    /// Law 3: only what the state binds, and never what is not ours to make.
    fn touches_only_its_own(&self, step: &Step) {
        let Some(id) = step.certificate_id() else {
            return;
        };
        let remembered = self.remembered();
        let bound = remembered.binding(id);
        let uploaded = bound.is_some_and(|(_, binding)| binding.origin == Origin::Uploaded);
        assert!(bound.is_some(), "{step:?} touches what is not bound");
        let unmanaged = self.outcome.unmanaged.iter();
        assert!(unmanaged.clone().all(|u| u.certificate_id != *id));
        if let (false, Some(remote)) =
            (step.action().is_state_only(), self.observed.certificate(id))
        {
            let takes_away = matches!(step.action(), Action::Deactivate | Action::Delete);
            let ours = match remote.kind {
                CertificateType::GatewayManaged => true,
                CertificateType::Custom => uploaded || !takes_away,
                CertificateType::Unknown(_) => false,
            };
            assert!(ours, "{step:?} on {remote:?}");
            let known = !matches!(remote.binding_status, BindingStatus::Unknown(_));
            assert!(known, "{step:?} on {remote:?}");
        }
    }

    /// Law 2.
    fn keeps_interception(&self, change: &Change, step: &Step, options: &Options) {
        let Some(id) = step.certificate_id() else {
            return;
        };
        let remote = self.observed.certificate(id);
        match step.action() {
            Action::SetInUse => {
                let remote = remote.expect("seen");
                assert_eq!(remote.binding_status, BindingStatus::Available);
                assert!(!remote.is_expired(self.now), "{step:?}: expired");
                let facts = remote.facts().expect("verified");
                let state = self.remembered();
                let asked = state.binding(id).and_then(|(_, b)| b.days);
                let off = asked.map_or(0, |asked| (i64::from(asked.days()) - facts.days()).abs());
                assert!(off <= 1, "{step:?}: {off} days off");
                assert!(self.is_valid(remote), "{step:?}: not valid yet");
                if !self.was_let_switch(change, options) {
                    self.witnesses_agree(step);
                }
            }
            Action::Deactivate | Action::Delete => {
                assert!(!self.observed.may_be_in_use(id), "{step:?}: in use");
                self.witnesses_agree(step);
                self.outlives_its_retire_period(change, id);
                self.leaves_something_sound(change, id, options);
            }
            _ => {}
        }
    }

    /// Whether its validity has begun, by both clocks.
    fn is_valid(&self, remote: &RemoteCertificate) -> bool {
        let now = self.observed.date.map_or(self.now, |d| d.min(self.now));
        remote.facts().is_some_and(|facts| facts.not_before <= now)
    }

    fn is_sound(&self, remote: &RemoteCertificate) -> bool {
        let now = self.observed.date.map_or(self.now, |d| d.max(self.now));
        remote.binding_status == BindingStatus::Available
            && self.is_valid(remote)
            && !remote.is_expired(now)
    }

    /// Whether a person let certctl switch to this address although the witnesses disagree.
    fn was_let_switch(&self, change: &Change, options: &Options) -> bool {
        let state = self.remembered();
        let mut known = state.allowed_disputes.iter();
        options.allows(Guard::InUseDisputed, &change.address)
            || known.any(|dispute| dispute.certificate == change.address.certificate)
    }

    /// While what is in use is not sound, nothing that could serve in its place goes.
    fn leaves_something_sound(&self, change: &Change, id: &CertificateId, options: &Options) {
        let InUse::Certificate(used) = self.observed.in_use() else {
            return;
        };
        let sound = |id| {
            self.observed
                .certificate(id)
                .is_some_and(|r| self.is_sound(r))
        };
        let named = Allow {
            guard: Guard::LastAvailable,
            scope: Scope::Certificate(id.clone()),
        };
        let leave =
            options.allows(Guard::LastAvailable, &change.address) || options.allow.contains(&named);
        assert!(
            sound(&used) || !sound(id) || leave,
            "{id} goes: {change:#?}"
        );
    }

    fn witnesses_agree(&self, step: &Step) {
        let disputed = matches!(self.observed.in_use(), InUse::Disputed { .. });
        assert!(!disputed, "{step:?} while the witnesses disagree");
    }

    fn outlives_its_retire_period(&self, change: &Change, id: &CertificateId) {
        let state = self.remembered();
        let (name, binding) = state.binding(id).expect("bound");
        // Nobody goes back to what is compromised.
        let kept = kept_from(binding).filter(|_| !binding.compromised);
        let Some(until) = kept else {
            return;
        };
        let declared = self.input.account.certificate(name);
        // What was accepted last is kept in the state.
        let kept = match declared.filter(|_| !self.unattended) {
            Some(declared) => Some(declared.rotation.retire_after),
            None => state.certificates[name].retire_after,
        };
        // Two clocks that disagree end no period.
        let now = self.observed.date.map_or(self.now, |d| d.min(self.now));
        let slack = Period::seconds(300);
        let over = kept.is_none_or(|kept| kept.after(until) <= slack.after(now));
        assert!(over, "{id} goes before its time: {change:#?}");
    }

    /// Law 7, and what the digest leaves out.
    fn order_does_not_matter(&self, options: &Options) {
        let mut shuffled = self.observed.clone();
        shuffled.certificates.reverse();
        let input = AccountInput {
            observed: Ok(&shuffled),
            ..self.input.clone()
        };
        let again = plan_account(&input, options, self.now);
        assert_eq!(&again, self.outcome);
    }

    /// What is written is what is read, but for what is decided afresh.
    fn reads_back(&self, options: &Options) {
        let plan = Plan::assemble(vec![self.outcome.clone()], Vec::new(), options, self.now);
        let written = serde_json::to_value(&plan).expect("JSON");
        let read: Plan = serde_json::from_value(written.clone()).expect("a plan");
        assert_eq!(serde_json::to_value(&read).expect("JSON"), written);
        assert_eq!(read.digest, plan.digest);
    }
}

fn count(roles: impl Iterator<Item = Role>) -> usize {
    roles.filter(|role| *role == Role::Successor).count()
}

fn kept_from(binding: &Binding) -> Option<Timestamp> {
    binding.in_use_until.max(binding.retiring_since)
}
