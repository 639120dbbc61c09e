//! How a state changes: a fold over notes that refuses what cannot be.
//!
//! The planner says which notes are to be made, the executor which came true. Both, and every model
//! of a run in tests, change a state through [`AccountState::note`] and in no other way.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    AccountState, Binding, Cause, CertificateId, Creation, Entry, InUseRecord, Intent, Lifecycle,
    Mutation, Name, Origin, Period, Role, ValidityDays,
};

/// Creations older than this no longer count.
const CREATION_WINDOW: Period = Period::DAY;

/// One fact to remember.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// A request is about to leave.
    Begin(Intent),
    /// Its outcome is known: it was refused, had no effect, or its effect stands elsewhere.
    End(Mutation),
    /// It was carried out (any but a create); what follows from that is remembered with it.
    Done(Mutation),
    /// A create made this certificate; ends the open create.
    Created {
        /// For which name.
        certificate: Name,
        /// What was made.
        id: CertificateId,
    },
    /// This certificate is taken over.
    Adopted {
        /// For which name.
        certificate: Name,
        /// Which.
        id: CertificateId,
    },
    /// Seen available, since when; `inferred` when that is only when it was first looked at.
    Available {
        /// Which.
        id: CertificateId,
        /// Since when.
        since: Timestamp,
        /// Whether that is a guess on the late side.
        inferred: bool,
    },
    /// Seen not available.
    Unavailable {
        /// Which.
        id: CertificateId,
    },
    /// Set in use by certctl, or found in use at adoption.
    SetInUse {
        /// Which.
        id: CertificateId,
        /// When that was confirmed.
        at: Timestamp,
    },
    /// Seen in use.
    Used {
        /// Which.
        id: CertificateId,
    },
    /// Seen no longer in use.
    Unused {
        /// Which.
        id: CertificateId,
        /// When.
        at: Timestamp,
    },
    /// The successor becomes current, and what was current retires.
    Promote {
        /// For which name.
        certificate: Name,
        /// From when the retire period counts.
        since: Timestamp,
    },
    /// A current or a successor is given up.
    Retire {
        /// Which.
        id: CertificateId,
        /// From when the retire period counts.
        since: Timestamp,
    },
    /// No longer there, or no longer ours.
    Unbind {
        /// Which.
        id: CertificateId,
    },
    /// The name and all that it holds are dropped.
    Forget {
        /// Which name.
        certificate: Name,
    },
    /// Renamed.
    Move {
        /// The old name.
        from: Name,
        /// The new name.
        to: Name,
    },
    /// What the spec says of removal.
    Policy {
        /// Which name.
        certificate: Name,
        /// Removal.
        lifecycle: Lifecycle,
        /// The retire period.
        retire_after: Period,
    },
    /// Why a rotation is started.
    Rotate {
        /// Which name.
        certificate: Name,
        /// Why.
        cause: Cause,
    },
    /// Whose state this is.
    Named {
        /// The account's name.
        account: Name,
        /// The spec's name.
        spec: Option<Name>,
    },
}

/// A note that cannot be true of this state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the state does not allow this: {0}")]
pub struct Illegal(pub String);

impl AccountState {
    /// Makes a note.
    ///
    /// # Errors
    /// When the note contradicts the state, such as a second open create; the state is unchanged.
    pub fn note(&mut self, note: &Note, now: Timestamp) -> Result<(), Illegal> {
        match note {
            Note::Begin(intent) => self.begin(intent)?,
            Note::End(mutation) => self.intents.retain(|intent| intent.mutation != *mutation),
            Note::Done(mutation) => self.done(mutation, now)?,
            Note::Created { certificate, id } => self.created(certificate, id, now)?,
            Note::Adopted { certificate, id } => {
                self.bind(
                    certificate,
                    new_binding(id, Role::Current, Origin::Adopted, None, now),
                )?;
            }
            Note::Available {
                id,
                since,
                inferred,
            } => {
                let binding = self.held(id)?;
                binding.available_since = Some(*since);
                binding.inferred = *inferred;
                binding.pending_since = None;
            }
            Note::Unavailable { id } => {
                let binding = self.held(id)?;
                binding.available_since = None;
                binding.inferred = false;
            }
            Note::SetInUse { id, at } => self.set_in_use(id, *at),
            Note::Used { id } => self.held(id)?.in_use = true,
            Note::Unused { id, at } => {
                let binding = self.held(id)?;
                binding.in_use = false;
                binding.in_use_until = Some(*at);
            }
            Note::Promote { certificate, since } => self.promote(certificate, *since)?,
            Note::Retire { id, since } => {
                let binding = self.held(id)?;
                binding.role = Role::Retiring;
                binding.retiring_since = Some(*since);
            }
            Note::Unbind { id } => self.unbind(id),
            Note::Forget { certificate } => {
                self.certificates.remove(certificate);
            }
            Note::Move { from, to } => self.rename(from, to)?,
            Note::Policy {
                certificate,
                lifecycle,
                retire_after,
            } => {
                let entry = self.certificates.entry(certificate.clone()).or_default();
                entry.lifecycle = *lifecycle;
                entry.retire_after = Some(*retire_after);
            }
            Note::Rotate { certificate, cause } => {
                self.certificates
                    .entry(certificate.clone())
                    .or_default()
                    .cause = Some(*cause);
            }
            Note::Named { account, spec } => {
                self.account_name = Some(account.clone());
                self.spec_name.clone_from(spec);
            }
        }
        self.creations
            .retain(|creation| creation.at > CREATION_WINDOW.before(now));
        Ok(())
    }

    fn begin(&mut self, intent: &Intent) -> Result<(), Illegal> {
        let create = matches!(intent.mutation, Mutation::Create { .. });
        if create && self.open_create().is_some() {
            return Err(Illegal("a create is open already".to_owned()));
        }
        let id = intent.mutation.certificate_id();
        if let Some(id) = id {
            self.held(id)?;
        }
        // What was begun on the same certificate before has an outcome by now: it was looked at.
        self.intents
            .retain(|open| id.is_none() || open.mutation.certificate_id() != id);
        self.intents.push(intent.clone());
        Ok(())
    }

    fn created(
        &mut self,
        certificate: &Name,
        id: &CertificateId,
        now: Timestamp,
    ) -> Result<(), Illegal> {
        let open = self.intents.iter().position(
            |intent| matches!(&intent.mutation, Mutation::Create { certificate: name, .. } if name == certificate),
        );
        let Some(open) = open else {
            return Err(Illegal(format!("no create is open for {certificate}")));
        };
        let Some(Intent {
            mutation: Mutation::Create { role, days, .. },
            at,
            ..
        }) = self.intents.get(open).cloned()
        else {
            return Err(Illegal(format!("no create is open for {certificate}")));
        };
        self.bind(
            certificate,
            new_binding(id, role, Origin::Created, Some(days), now),
        )?;
        self.intents.remove(open);
        self.creations.push(Creation { at, id: id.clone() });
        Ok(())
    }

    fn done(&mut self, mutation: &Mutation, now: Timestamp) -> Result<(), Illegal> {
        match mutation {
            Mutation::Create { .. } => {
                return Err(Illegal("a create ends with what it made".to_owned()));
            }
            Mutation::Activate { id } => self.held(id)?.pending_since = Some(now),
            Mutation::Deactivate { id } => {
                let binding = self.held(id)?;
                binding.pending_since = Some(now);
                binding.available_since = None;
                binding.inferred = false;
            }
            Mutation::SetInUse { id } => self.set_in_use(id, now),
            Mutation::Delete { id } => self.unbind(id),
        }
        self.intents.retain(|intent| intent.mutation != *mutation);
        Ok(())
    }

    fn bind(&mut self, certificate: &Name, binding: Binding) -> Result<(), Illegal> {
        if let Some((holder, _)) = self.binding(&binding.id) {
            return Err(Illegal(format!(
                "{} is bound to {holder} already",
                binding.id
            )));
        }
        let entry = self.certificates.entry(certificate.clone()).or_default();
        if binding.role != Role::Retiring && entry.with_role(binding.role).is_some() {
            return Err(Illegal(format!(
                "{certificate} has a {} already",
                binding.role.as_str()
            )));
        }
        entry.bindings.push(binding);
        Ok(())
    }

    fn set_in_use(&mut self, id: &CertificateId, at: Timestamp) {
        for entry in self.certificates.values_mut() {
            for binding in &mut entry.bindings {
                if binding.id == *id {
                    binding.in_use = true;
                } else if binding.in_use {
                    binding.in_use = false;
                    binding.in_use_until = Some(at);
                }
            }
        }
        self.in_use = Some(InUseRecord { id: id.clone(), at });
        self.intents
            .retain(|intent| !matches!(intent.mutation, Mutation::SetInUse { .. }));
    }

    fn promote(&mut self, certificate: &Name, since: Timestamp) -> Result<(), Illegal> {
        let entry = self
            .certificates
            .get_mut(certificate)
            .filter(|entry| entry.with_role(Role::Successor).is_some())
            .ok_or_else(|| Illegal(format!("{certificate} has no successor")))?;
        for binding in &mut entry.bindings {
            match binding.role {
                Role::Current => {
                    binding.role = Role::Retiring;
                    binding.retiring_since = Some(since);
                }
                Role::Successor => binding.role = Role::Current,
                Role::Retiring => {}
            }
        }
        if entry.cause == Some(Cause::Requested) {
            entry.cause = Some(Cause::Replace);
        }
        Ok(())
    }

    fn unbind(&mut self, id: &CertificateId) {
        for entry in self.certificates.values_mut() {
            let before = entry.bindings.len();
            entry.bindings.retain(|binding| binding.id != *id);
            if entry.bindings.len() < before {
                entry.had.push(id.clone());
            }
        }
        self.certificates
            .retain(|_, entry| !entry.bindings.is_empty() || !entry.had.contains(id));
        self.intents
            .retain(|intent| intent.mutation.certificate_id() != Some(id));
    }

    fn rename(&mut self, from: &Name, to: &Name) -> Result<(), Illegal> {
        if self
            .certificates
            .get(to)
            .is_some_and(|entry| !entry.bindings.is_empty())
        {
            return Err(Illegal(format!("{to} is bound already")));
        }
        let entry: Entry = self
            .certificates
            .remove(from)
            .ok_or_else(|| Illegal(format!("{from} is not in the state")))?;
        self.certificates.insert(to.clone(), entry);
        for intent in &mut self.intents {
            if let Mutation::Create { certificate, .. } = &mut intent.mutation
                && certificate == from
            {
                certificate.clone_from(to);
            }
        }
        Ok(())
    }

    fn held(&mut self, id: &CertificateId) -> Result<&mut Binding, Illegal> {
        self.certificates
            .values_mut()
            .flat_map(|entry| entry.bindings.iter_mut())
            .find(|binding| binding.id == *id)
            .ok_or_else(|| Illegal(format!("{id} is not bound")))
    }
}

fn new_binding(
    id: &CertificateId,
    role: Role,
    origin: Origin,
    days: Option<ValidityDays>,
    now: Timestamp,
) -> Binding {
    Binding {
        id: id.clone(),
        role,
        origin,
        days,
        bound_at: now,
        available_since: None,
        inferred: false,
        in_use: false,
        in_use_until: None,
        retiring_since: None,
        pending_since: None,
    }
}
