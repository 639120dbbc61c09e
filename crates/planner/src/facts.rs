//! The facts of one account: its inputs, and the state as it is once all that was seen is noted.
//!
//! [`crate::gather`] makes them, and nothing else changes them: rules, holds and checks get them
//! read-only.

use std::borrow::Cow;
use std::collections::BTreeSet;

use certctl_model::{
    AccountState, Address, Binding, CertificateId, Code, Diagnostic, Guard, InUse, Moment,
    Mutation, Name, Note, Observed, RemoteCertificate, Role, TOLERATED_SKEW, Timestamp,
};
use certctl_plan::{AccountInput, Options};
use certctl_spec::{Account, Certificate, Policy};

use crate::noted::Noted;
use crate::open_create::OpenCreate;

/// What every rule, hold and check looks at.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) account: &'a Account,
    pub(crate) policy: &'a Policy,
    pub(crate) observed: &'a Observed,
    pub(crate) options: &'a Options,
    /// The name of the spec.
    pub(crate) spec_name: Option<&'a Name>,
    pub(crate) now: Timestamp,
    /// Whether there was no state document at all.
    pub(crate) fresh: bool,
    /// When the account was read last before that was written.
    pub(crate) seen_at: Option<Timestamp>,
    /// The state, with every fact noted; a copy only where there is one to note.
    pub(crate) state: Cow<'a, AccountState>,
    /// The create of unknown outcome, where there is one that could not be settled.
    pub(crate) open: Option<OpenCreate>,
    /// What is wrong with the facts themselves.
    pub(crate) says: Vec<Diagnostic>,
    in_use: InUse,
    shows_what_is_new: bool,
}

impl<'a> Facts<'a> {
    pub(crate) fn new(
        input: &AccountInput<'a>,
        observed: &'a Observed,
        options: &'a Options,
        now: Timestamp,
    ) -> Self {
        let state = input.state.map(Cow::Borrowed).unwrap_or_default();
        let in_use = witnesses(observed, &state);
        Self {
            account: input.account,
            policy: input.policy,
            observed,
            options,
            spec_name: input.spec_name,
            now,
            fresh: input.state.is_none(),
            seen_at: input.version.seen_at,
            shows_what_is_new: shows_what_is_new(&in_use, &state),
            in_use,
            state,
            open: None,
            says: Vec::new(),
        }
    }

    pub(crate) fn address(&self, name: &Name) -> Address {
        self.account.address(name)
    }

    pub(crate) fn remote(&self, id: &CertificateId) -> Option<&'a RemoteCertificate> {
        self.observed.certificate(id)
    }

    /// What this name holds in this role.
    pub(crate) fn bound(&self, name: &Name, role: Role) -> Option<&Binding> {
        self.state.certificates.get(name)?.with_role(role)
    }

    /// What Gateway uses, by both witnesses.
    pub(crate) fn in_use(&self) -> &InUse {
        &self.in_use
    }

    /// Whether both witnesses agree that Gateway uses this one.
    pub(crate) fn is_in_use(&self, id: &CertificateId) -> bool {
        matches!(&self.in_use, InUse::Certificate(used) if used == id)
    }

    /// Whether either witness says so. What may be in use is never taken away.
    pub(crate) fn may_be_in_use(&self, id: &CertificateId) -> bool {
        self.in_use.may_be(id)
    }

    /// Whether nobody can say what Gateway uses: the witnesses disagree, they may not show our last
    /// switch yet, or what was in use is missing from a list that may lag behind. Whatever depends on
    /// the answer waits.
    pub(crate) fn in_use_is_uncertain(&self) -> bool {
        if self.a_switch_may_show() {
            return true;
        }
        match self.in_use {
            InUse::Disputed { .. } => true,
            InUse::Certificate(_) => self.switch_shows_at().is_some(),
            InUse::Nothing => {
                let mut bound = self.state.bindings();
                let unseen = bound.any(|(_, b)| b.in_use && self.remote(&b.id).is_none());
                self.switch_shows_at().is_some() || (!self.is_denied() && unseen)
            }
        }
    }

    /// Whether a switch of ours was sent whose effect is not seen yet and may still show.
    fn a_switch_may_show(&self) -> bool {
        self.state.intents.iter().any(|intent| {
            matches!(intent.mutation, Mutation::SetInUse { .. })
                && !self.observed.shows(&intent.mutation)
                && self.may_show_until(&intent.sent()).is_some()
        })
    }

    /// Until when the witnesses may still show what was in use before certctl's last switch; none
    /// once that time is over, and where they show it.
    pub(crate) fn switch_shows_at(&self) -> Option<Timestamp> {
        let record = self.state.in_use.as_ref()?;
        if self.is_in_use(&record.id) || self.shows_what_is_new {
            return None;
        }
        // A time that lies ahead counts as just now.
        let until = self
            .options
            .settle_timeout
            .after(record.at.min(self.anchor()));
        (self.earlier() < until).then_some(until)
    }

    /// Whether the configuration says in so many words that Gateway uses none of the account's own.
    fn is_denied(&self) -> bool {
        let configured = self.observed.configuration.as_ref();
        configured
            .and_then(|c| c.certificate_id.as_ref())
            .is_some_and(CertificateId::is_nil)
    }

    /// Whether a person has said that this address may be switched to although the witnesses
    /// disagree: now, or before for this very pair of answers.
    pub(crate) fn dispute_is_allowed(&self, address: &Address) -> bool {
        let InUse::Disputed { listed, configured } = &self.in_use else {
            return false;
        };
        let known = self.state.allowed_disputes.iter().any(|dispute| {
            dispute.certificate == address.certificate
                && dispute.listed == *listed
                && dispute.configured == *configured
        });
        known || self.options.allows(Guard::InUseDisputed, address)
    }

    /// Which guard stands before a switch away from what Gateway uses, where somebody else chose that:
    /// after certctl set another, or before it set any.
    pub(crate) fn somebody_elses_choice(&self) -> Option<Guard> {
        let InUse::Certificate(used) = &self.in_use else {
            return None;
        };
        match &self.state.in_use {
            Some(record) => (record.id != *used).then_some(Guard::InUseMoved),
            None => {
                let ours = self.state.binding(used).is_some();
                (!ours).then_some(Guard::FromUnmanaged)
            }
        }
    }

    /// Whether a person has said that this address may take over from what somebody else chose: now, or
    /// before of what Gateway uses still.
    pub(crate) fn switch_is_allowed(&self, guard: Guard, address: &Address) -> bool {
        let InUse::Certificate(used) = &self.in_use else {
            return false;
        };
        let known = self.state.allowed_switches.iter().any(|allowed| {
            allowed.certificate == address.certificate
                && allowed.guard == guard
                && allowed.from == *used
        });
        known || self.options.allows(guard, address)
    }

    /// Whether Gateway inspects with something that browsers accept, as far as was seen.
    pub(crate) fn something_usable_is_in_use(&self) -> bool {
        match &self.in_use {
            InUse::Nothing => self.in_use_is_uncertain(),
            // What is not listed cannot be ruled out.
            InUse::Certificate(id) => self.remote(id).is_none_or(|remote| self.is_usable(remote)),
            InUse::Disputed { .. } => true,
        }
    }

    /// Whether browsers may accept what it signs. An instant is judged by the clock that keeps more:
    /// one that runs ahead must not make an expiry of what is still good.
    pub(crate) fn is_usable(&self, remote: &RemoteCertificate) -> bool {
        let begun = remote
            .facts()
            .is_none_or(|facts| facts.not_before <= self.anchor());
        begun && remote.is_usable(self.earlier())
    }

    /// Whether it has expired by either clock.
    pub(crate) fn may_have_expired(&self, remote: &RemoteCertificate) -> bool {
        remote.is_expired(self.anchor())
    }

    /// From when it is valid, where that is still ahead by either clock.
    pub(crate) fn valid_from(&self, remote: &RemoteCertificate) -> Option<Timestamp> {
        let from = remote.facts()?.not_before;
        (from > self.earlier()).then_some(from)
    }

    /// The certificate declared in use, of the whole account.
    pub(crate) fn declared_in_use(&self) -> Option<&'a Certificate> {
        self.account
            .certificates
            .iter()
            .find(|certificate| certificate.in_use == Some(true))
    }

    /// Whether an address other than this one is declared in use.
    pub(crate) fn another_is_declared_in_use(&self, name: &Name) -> bool {
        self.declared_in_use()
            .is_some_and(|certificate| certificate.name != *name)
    }

    /// Until when, by this machine's clock, the effect of what left then may still show; none once
    /// every clock at hand says that this is over. The planner's clock is none of them.
    pub(crate) fn may_show_until(&self, sent: &Moment) -> Option<Timestamp> {
        sent.may_show_until(self.options.settle_timeout, &self.observed.moment())
    }

    /// The instant from which a period is counted that starts now: the later of both clocks, so that
    /// a clock that is wrong never shortens a period.
    pub(crate) fn anchor(&self) -> Timestamp {
        self.observed
            .date
            .map_or(self.now, |date| date.max(self.now))
    }

    /// The earlier of both clocks: by it nothing is over that may still go on.
    fn earlier(&self) -> Timestamp {
        self.observed
            .date
            .map_or(self.now, |date| date.min(self.now))
    }

    /// Whether the two clocks differ too much to end a period by.
    pub(crate) fn is_skewed(&self) -> bool {
        self.observed.date.is_some_and(|date| {
            date.duration_since(self.now).as_secs().abs() > TOLERATED_SKEW.as_seconds()
        })
    }

    /// That a step which ends a period is refused, while two clocks contradict each other.
    pub(crate) fn clock_skew(&self) -> Diagnostic {
        let api = self.observed.date.unwrap_or(self.now);
        let message = format!(
            "this machine says {}, the API says {api}: no period is ended by such a clock",
            self.now
        );
        Diagnostic::error(Code::ClockSkew, message).hint("set this machine's clock")
    }

    /// Remembers a fact: in the caught-up state, and for the address, whose first step carries it.
    /// A note that the state refuses is dropped; it cannot have been true.
    pub(crate) fn note(&mut self, noted: &mut Noted, note: Note) -> bool {
        let is_true = self.state.to_mut().note(&note, self.now).is_ok();
        if is_true {
            noted.notes.push(note);
        }
        is_true
    }

    /// Says what is wrong with the facts of an address.
    pub(crate) fn report(&mut self, noted: &Noted, diagnostic: Diagnostic) {
        self.says.push(diagnostic.address(&noted.address));
    }
}

/// What both witnesses say. A configuration that says nothing, after certctl has set it, contradicts a
/// list that names something.
fn witnesses(observed: &Observed, state: &AccountState) -> InUse {
    let silent = observed
        .configuration
        .as_ref()
        .is_some_and(|configuration| configuration.certificate_id.is_none());
    let set_by_us = state.in_use.as_ref().is_some_and(|record| record.set);
    match observed.in_use() {
        InUse::Certificate(id) if silent && set_by_us => InUse::Disputed {
            listed: BTreeSet::from([id]),
            configured: None,
        },
        in_use => in_use,
    }
}

/// Whether the witnesses show a switch that certctl asked for, to what was never in use before. However
/// late they are, they cannot show that of a time before the switch.
fn shows_what_is_new(in_use: &InUse, state: &AccountState) -> bool {
    let InUse::Certificate(id) = in_use else {
        return false;
    };
    let asked = Mutation::SetInUse { id: id.clone() };
    let mut intents = state.intents.iter();
    let binding = state.binding(id).map(|(_, binding)| binding);
    intents.any(|intent| intent.mutation == asked)
        && binding.is_some_and(|binding| !binding.in_use && binding.in_use_until.is_none())
}
