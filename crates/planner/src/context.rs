//! What every decision of one account looks at, and what all of them together find wrong.

use certctl_model::{
    AccountState, Address, Binding, CertificateId, Code, Diagnostic, InUse, Name, Note, Observed,
    RemoteCertificate, Role, Timestamp,
};
use certctl_plan::{AccountInput, Options};
use certctl_spec::{Account, Certificate, Policy};

use crate::draft::Draft;

/// How far this machine's clock may be from the API's before steps in time are refused.
const TOLERATED_SKEW_SECONDS: i64 = 300;

/// The inputs of one account, and the state as it is once everything seen was noted.
pub(crate) struct Context<'a> {
    pub(crate) account: &'a Account,
    pub(crate) policy: &'a Policy,
    pub(crate) observed: &'a Observed,
    pub(crate) options: &'a Options,
    pub(crate) now: Timestamp,
    /// Whether there was no state document at all.
    pub(crate) fresh: bool,
    /// The state, caught up. Decisions read this; what they change in it they note in a draft.
    pub(crate) state: AccountState,
    pub(crate) diagnostics: Vec<Diagnostic>,
    in_use: InUse,
}

impl<'a> Context<'a> {
    pub(crate) fn new(
        input: &AccountInput<'a>,
        observed: &'a Observed,
        options: &'a Options,
        now: Timestamp,
    ) -> Self {
        let (account, state) = (input.account, input.state);
        let mut context = Self {
            account,
            policy: input.policy,
            observed,
            options,
            now,
            fresh: state.is_none(),
            state: state.cloned().unwrap_or_default(),
            diagnostics: Vec::new(),
            in_use: observed.in_use(),
        };
        if let InUse::Disputed { .. } = context.in_use {
            let diagnostic = Diagnostic::warning(
                Code::InUseDisputed,
                "the list of certificates and the Gateway configuration disagree about what is in use",
            )
            .hint("wait: one of them lags behind; look at the dashboard when this does not end");
            context.diagnostics.push(diagnostic.account(&account.name));
        }
        context
    }

    pub(crate) fn address(&self, name: &Name) -> Address {
        self.account.address(name)
    }

    pub(crate) fn remote(&self, id: &CertificateId) -> Option<&'a RemoteCertificate> {
        self.observed.certificate(id)
    }

    /// What this name holds in this role.
    pub(crate) fn bound(&self, name: &Name, role: Role) -> Option<Binding> {
        self.state.certificates.get(name)?.with_role(role).cloned()
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
        match &self.in_use {
            InUse::Nothing => false,
            InUse::Certificate(used) => used == id,
            InUse::Disputed { listed, configured } => {
                listed.contains(id) || configured.as_ref() == Some(id)
            }
        }
    }

    /// Whether nobody can say what Gateway uses: the witnesses disagree, or what was in use is
    /// missing from a list that may lag behind. Whatever depends on the answer waits.
    pub(crate) fn in_use_is_uncertain(&self) -> bool {
        match self.in_use {
            InUse::Certificate(_) => false,
            InUse::Disputed { .. } => true,
            InUse::Nothing => {
                let configured = self.observed.configuration.as_ref();
                let denied = configured
                    .and_then(|c| c.certificate_id.as_ref())
                    .is_some_and(CertificateId::is_nil);
                let mut bound = self.state.bindings();
                !denied && bound.any(|(_, b)| b.in_use && self.remote(&b.id).is_none())
            }
        }
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

    /// Whether browsers may accept what it signs. By the earlier clock: one that runs ahead must
    /// not make an expiry of what is still good.
    pub(crate) fn is_usable(&self, remote: &RemoteCertificate) -> bool {
        let earlier = self.observed.date.map_or(self.now, |d| d.min(self.now));
        remote.is_usable(earlier)
    }

    /// Whether it has expired by either clock.
    pub(crate) fn may_have_expired(&self, remote: &RemoteCertificate) -> bool {
        remote.is_expired(self.anchor())
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

    /// Until when, by the real clock, the effect of a request may still show; none once that is over.
    /// By either clock: a planner's clock that was moved on has let the time pass, too.
    pub(crate) fn may_show_until(&self, sent_at: Timestamp, at: Timestamp) -> Option<Timestamp> {
        let window = self.options.settle_timeout;
        let until = window.after(sent_at);
        (self.observed.at < until && self.now < window.after(at)).then_some(until)
    }

    /// The instant from which a period is counted that starts now: the later of both clocks, so that
    /// a clock that is wrong never shortens a period.
    pub(crate) fn anchor(&self) -> Timestamp {
        self.observed
            .date
            .map_or(self.now, |date| date.max(self.now))
    }

    /// Whether the two clocks differ too much to end a period by.
    pub(crate) fn is_skewed(&self) -> bool {
        self.observed.date.is_some_and(|date| {
            date.duration_since(self.now).as_secs().abs() > TOLERATED_SKEW_SECONDS
        })
    }

    /// Remembers a fact: in the caught-up state, and in the draft, whose first step carries it.
    /// A note that the state refuses is dropped; it cannot have been true.
    pub(crate) fn note(&mut self, draft: &mut Draft, note: Note) -> bool {
        let noted = self.state.note(&note, self.now).is_ok();
        if noted {
            draft.notes.push(note);
        }
        noted
    }

    /// Says what is wrong with an address.
    pub(crate) fn report(&mut self, draft: &Draft, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic.address(&draft.address));
    }

    /// Refuses steps that end a period while two clocks contradict each other.
    pub(crate) fn refuse_by_clock(&mut self, draft: &Draft) {
        let api = self.observed.date.unwrap_or(self.now);
        let message = format!(
            "this machine says {}, the API says {api}: no period is ended by such a clock",
            self.now
        );
        let diagnostic =
            Diagnostic::error(Code::ClockSkew, message).hint("set this machine's clock");
        self.report(draft, diagnostic);
    }
}
