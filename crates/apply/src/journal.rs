//! What is remembered of one account while it is worked on: its state under its lock, what of the
//! approval is left, and the record of each request.
//!
//! *Guarantee*: what was noted is durable when [`Journal::note`] returns, and what is on record when
//! [`Journal::record`] does. A record that cannot be written loses nothing (the state holds the
//! outcome already), but it stops the account, for nothing is to be done that is not on record.

use std::time::Duration;

use certctl_model::{
    AccountState, Address, CertificateId, Code, Diagnostic, Note, Observed, Timestamp,
};
use certctl_plan::StateVersion;
use certctl_spec::Account;
use certctl_state::{AuditRecord, Key, Session};

use crate::approval::{Approved, Named};
use crate::fault::state_failed;
use crate::fleet::Fleet;
use crate::survey::version_of;

/// The journal of one account.
pub(crate) struct Journal<'a> {
    fleet: &'a Fleet<'a>,
    account: &'a Account,
    session: Session,
    state: AccountState,
    /// What was approved and is not done yet.
    pub(crate) approved: Approved,
    /// The digest under which the approval is kept in the state; none where nobody gave one.
    digest: Option<String>,
    /// The verified PEMs that were seen last.
    pems: Vec<(CertificateId, String)>,
    /// When the account was read last before this run: what the run notes itself makes nothing older.
    seen_at: Option<Timestamp>,
    /// When it was read last, by the API's clock.
    now_seen: Option<Timestamp>,
}

impl<'a> Journal<'a> {
    /// Goes on from the state that this session holds.
    pub(crate) fn new(
        fleet: &'a Fleet<'a>,
        account: &'a Account,
        session: Session,
        approved: Approved,
        digest: Option<String>,
    ) -> Self {
        Self {
            fleet,
            account,
            state: session.state().clone(),
            seen_at: version_of(session.document()).seen_at,
            now_seen: None,
            session,
            approved,
            digest,
            pems: Vec::new(),
        }
    }

    /// Keeps the PEMs of what was read, so that what is noted next carries those of bound
    /// certificates into the state: `certctl pem` needs them while the API cannot be reached.
    pub(crate) fn saw(&mut self, observed: &Observed) {
        self.now_seen = observed.date.or_else(|| Some(self.fleet.clock.now()));
        let sound = observed
            .certificates
            .iter()
            .filter(|remote| remote.facts().is_some());
        self.pems = sound
            .filter_map(|remote| Some((remote.id.clone(), remote.pem.clone()?)))
            .collect();
    }

    /// What was seen of bound certificates and is not in this state yet.
    fn unknown_pems(&self, state: &AccountState) -> Vec<Note> {
        let unknown = |id: &CertificateId| {
            let binding = state.binding(id);
            binding.is_some_and(|(_, binding)| binding.pem.is_none())
        };
        let seen = self.pems.iter().filter(|(id, _)| unknown(id));
        seen.map(|(id, pem)| Note::Pem {
            id: id.clone(),
            pem: pem.clone(),
        })
        .collect()
    }

    /// What is remembered now.
    pub(crate) fn state(&self) -> &AccountState {
        &self.state
    }

    /// The version of the document that holds it.
    pub(crate) fn version(&self) -> StateVersion {
        StateVersion {
            seen_at: self.seen_at,
            ..version_of(self.session.document())
        }
    }

    /// The digest that was approved.
    pub(crate) fn digest(&self) -> Option<&String> {
        self.digest.as_ref()
    }

    /// Where the account's document is.
    pub(crate) fn key(&self) -> Key {
        self.fleet.key(&self.account.account_id)
    }

    /// Whether the lock certainly outlives a request that takes as long as `longest`.
    pub(crate) fn may_send(&self, longest: Duration) -> bool {
        self.session.may_send(longest)
    }

    /// Makes notes and saves them.
    pub(crate) async fn note(&mut self, notes: &[Note]) -> Result<(), Diagnostic> {
        let now = self.fleet.clock.now();
        let mut state = self.state.clone();
        let spec = self.fleet.spec.name.clone();
        let named = Note::Named {
            account: self.account.name.clone(),
            spec: spec.or_else(|| state.spec_name.clone()),
        };
        let accepted = self
            .digest
            .as_deref()
            .map(|digest| self.approved.accepted(digest));
        let seen = self.now_seen.map(|at| Note::Seen { at });
        let notes = notes.iter().cloned().chain(seen);
        let notes = notes.chain([named, Note::Accept(accepted)]);
        for note in notes {
            state
                .note(&note, now)
                .map_err(|illegal| Diagnostic::error(Code::StateFailed, illegal.to_string()))?;
        }
        for note in self.unknown_pems(&state) {
            state
                .note(&note, now)
                .map_err(|illegal| Diagnostic::error(Code::StateFailed, illegal.to_string()))?;
        }
        let saved = self.session.save(&state).await;
        saved.map_err(|error| state_failed(&error))?;
        self.state = state;
        Ok(())
    }

    /// Strikes a step that was done from what was approved.
    pub(crate) fn strike(&mut self, address: &Address, step: Named<'_>) {
        self.approved.strike(&self.state, address, step);
    }

    /// Drops the approval from the state: all that was due of it is done.
    pub(crate) async fn finish(&mut self) -> Result<(), Diagnostic> {
        if self.state.accepted.is_none() {
            return Ok(());
        }
        self.digest = None;
        self.note(&[]).await
    }

    /// Puts a request on record.
    pub(crate) async fn record(&self, record: &AuditRecord) -> Result<(), Diagnostic> {
        let audit = &self.fleet.settings.audit;
        audit.keep(self.fleet.store, &self.key(), record).await
    }

    /// Lets others in.
    pub(crate) async fn close(self) -> Result<(), Diagnostic> {
        let released = self.session.release().await;
        released.map_err(|error| state_failed(&error))
    }
}
