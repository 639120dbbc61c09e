//! What every decision of one account looks at, and what all of them together have drafted.

use certctl_model::{
    AccountState, Address, CertificateId, Diagnostic, InUse, Name, Note, Observed,
    RemoteCertificate, Timestamp,
};
use certctl_spec::{Account, Certificate};

use crate::Options;
use crate::draft::Draft;

/// How far this machine's clock may be from the API's before steps in time are refused.
const TOLERATED_SKEW_SECONDS: i64 = 300;

/// The inputs of one account, and the state as it is once everything seen was noted.
pub(crate) struct Context<'a> {
    pub(crate) account: &'a Account,
    pub(crate) observed: &'a Observed,
    pub(crate) options: &'a Options,
    pub(crate) now: Timestamp,
    /// Whether there was no state document at all.
    pub(crate) fresh: bool,
    /// The state, caught up. Decisions read this; what they change in it they note in a draft.
    pub(crate) state: AccountState,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl<'a> Context<'a> {
    pub(crate) fn address(&self, name: &Name) -> Address {
        self.account.address(name)
    }

    pub(crate) fn remote(&self, id: &CertificateId) -> Option<&'a RemoteCertificate> {
        self.observed.certificate(id)
    }

    pub(crate) fn in_use(&self) -> InUse {
        self.observed.in_use()
    }

    /// Whether Gateway inspects with something that browsers accept, as far as was seen.
    pub(crate) fn something_usable_is_in_use(&self) -> bool {
        match self.in_use() {
            InUse::Nothing => false,
            InUse::Certificate(id) => self
                .remote(&id)
                .is_none_or(|remote| remote.is_usable(self.now)),
            InUse::Disputed { .. } => true,
        }
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

    /// Remembers a fact: in the caught-up state, and in the draft, whose `record` step carries it.
    /// A note that the state refuses is dropped; it cannot have been true.
    pub(crate) fn note(&mut self, draft: &mut Draft, note: Note) {
        if self.state.note(&note, self.now).is_ok() {
            draft.notes.push(note);
        }
    }
}
