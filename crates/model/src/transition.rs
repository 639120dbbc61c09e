//! How a state changes: a fold over notes that refuses what cannot be.
//!
//! The planner says which notes are to be made, the executor which came true. Both, and every model
//! of a run in tests, change a state through [`AccountState::note`] and in no other way.

mod bindings;

use jiff::Timestamp;

use crate::{
    AccountState, Aim, Binding, CertificateId, Creation, Hold, InUseRecord, Intent, Motive,
    Mutation, Name, Note, Origin, Period, Role, ValidityDays,
};

/// Creations older than this no longer count.
const CREATION_WINDOW: Period = Period::DAY;

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
            Note::Intent(intent) => self.begin(intent)?,
            Note::Answered { mutation, answer } => {
                for intent in self.intents.iter_mut().filter(|i| i.mutation == *mutation) {
                    intent.answer = Some(answer.clone());
                }
            }
            Note::JustNow { at, seen } => self.count_as_now(*at, seen),
            Note::End(mutation) => self.intents.retain(|intent| intent.mutation != *mutation),
            Note::Done(mutation) => self.done(mutation, now)?,
            Note::Created { certificate, id } => self.created(certificate, id, now)?,
            Note::Adopted { certificate, id } => {
                let entry = self.certificates.get(certificate);
                let role = match entry.and_then(|entry| entry.with_role(Role::Current)) {
                    Some(_) => Role::Successor,
                    None => Role::Current,
                };
                self.bind(
                    certificate,
                    new_binding(id, role, Origin::Adopted, None, now),
                )?;
                self.suspects.remove(id);
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
                self.reached(id, Aim::Activate);
            }
            Note::Unavailable { id } => {
                let binding = self.held(id)?;
                binding.available_since = None;
                binding.inferred = false;
                binding.pending_since = None;
                self.reached(id, Aim::Deactivate);
            }
            Note::Pending { id, since } => {
                let binding = self.held(id)?;
                binding.available_since = None;
                binding.inferred = false;
                binding.pending_since = Some(*since);
            }
            Note::SetInUse { id, at } => self.set_in_use(id, *at)?,
            Note::Used { id } => self.held(id)?.in_use = true,
            Note::Unused { id, at } => {
                let binding = self.held(id)?;
                binding.in_use = false;
                binding.in_use_until = Some(*at);
            }
            Note::Promote { certificate, since } => self.promote(certificate, *since)?,
            Note::Retire { id, since } => {
                let binding = self.held(id)?;
                if binding.role == Role::Retiring {
                    return Err(Illegal(format!("{id} retires already")));
                }
                binding.role = Role::Retiring;
                binding.hold = None;
                binding.retiring_since = Some(*since);
            }
            Note::Unbind { id } => self.unbind(id),
            Note::Forget { certificate } => {
                let entry = self.certificates.remove(certificate).unwrap_or_default();
                // What is let go is known, and given up knowingly.
                for binding in entry.bindings {
                    self.unbind(&binding.id);
                    self.strangers.insert(binding.id);
                }
            }
            Note::Move { from, to } => self.rename(from, to)?,
            Note::Settings {
                certificate,
                settings,
            } => {
                let entry = self.certificates.entry(certificate.clone()).or_default();
                entry.lifecycle = settings.lifecycle;
                entry.retire_after = Some(settings.rotation.retire_after);
                entry.settings = Some((**settings).clone());
                entry.removed = false;
            }
            Note::Removed { certificate } => {
                let entry = self.certificates.get_mut(certificate);
                let unknown = || Illegal(format!("{certificate} is not in the state"));
                entry.ok_or_else(unknown)?.removed = true;
            }
            Note::AccountSettings(settings) => self.settings = Some((**settings).clone()),
            Note::Rotate { certificate, cause } => {
                self.certificates
                    .entry(certificate.clone())
                    .or_default()
                    .cause = Some(*cause);
            }
            Note::Abandon(mutation) => {
                let over = |intent: &mut Intent| intent.mutation == *mutation;
                self.abandoned.extend(self.intents.extract_if(.., over));
            }
            Note::Compromised { id } => self.held(id)?.compromised = true,
            Note::Pem { id, pem } => self.held(id)?.pem = Some(pem.clone()),
            Note::Hold { id, hold } => {
                let binding = self.held(id)?;
                if binding.role != Role::Successor {
                    return Err(Illegal(format!("{id} is no successor")));
                }
                binding.hold = Some(*hold);
            }
            Note::Rollback {
                certificate,
                id,
                since,
            } => self.roll_back(certificate, id, *since)?,
            Note::Aim { certificate, aim } => {
                self.certificates
                    .entry(certificate.clone())
                    .or_default()
                    .aim = *aim;
            }
            Note::Seen { at } => self.seen_at = Some(*at),
            Note::Suspect { ids } => self.suspects.extend(ids.iter().cloned()),
            Note::Stranger { ids } => {
                self.suspects.retain(|id| !ids.contains(id));
                self.strangers.extend(ids.iter().cloned());
            }
            Note::AllowDispute(dispute) => self.allowed_disputes.push(dispute.clone()),
            Note::AllowSwitch(allowed) => self.allowed_switches.push(allowed.clone()),
            Note::Accept(accepted) => self.accepted = accepted.clone().map(Box::new),
            Note::Named { account, spec } => {
                self.account_name = Some(account.clone());
                self.spec_name.clone_from(spec);
            }
        }
        self.creations
            .retain(|creation| creation.at > CREATION_WINDOW.before(now));
        self.abandoned
            .retain(|intent| intent.at > CREATION_WINDOW.before(now));
        Ok(())
    }

    fn begin(&mut self, intent: &Intent) -> Result<(), Illegal> {
        if let Some((certificate, role)) = intent.mutation.makes() {
            if self.open_create().is_some() {
                return Err(Illegal("a create is open already".to_owned()));
            }
            self.free(certificate, role)?;
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
        let made = |intent: &&Intent| {
            intent
                .mutation
                .makes()
                .is_some_and(|(n, _)| n == certificate)
        };
        // An upload is known by its content, however late it shows.
        let late = |intent: &&Intent| matches!(intent.mutation, Mutation::Upload { .. });
        let late = self.abandoned.iter().filter(late);
        let mut intents = self.intents.iter().chain(late);
        let Some(intent) = intents.find(made).cloned() else {
            return Err(Illegal(format!("no create is open for {certificate}")));
        };
        let (role, origin, days) = match intent.mutation {
            Mutation::Create { role, days, .. } => (role, Origin::Created, Some(days)),
            Mutation::Upload { role, .. } => (role, Origin::Uploaded, None),
            _ => return Err(Illegal(format!("no create is open for {certificate}"))),
        };
        let binding = Binding {
            sent_at: Some(intent.sent_at),
            sent_on: intent.sent_on.clone(),
            sent_date: intent.sent_date,
            ..new_binding(id, role, origin, days, now)
        };
        self.bind(certificate, binding)?;
        for intents in [&mut self.intents, &mut self.abandoned] {
            intents.retain(|other| *other != intent);
        }
        if origin == Origin::Created {
            let at = intent.at;
            self.creations.push(Creation { at, id: id.clone() });
        }
        Ok(())
    }

    fn done(&mut self, mutation: &Mutation, now: Timestamp) -> Result<(), Illegal> {
        match mutation {
            Mutation::Create { .. } | Mutation::Upload { .. } => {
                return Err(Illegal("a create ends with what it made".to_owned()));
            }
            Mutation::Activate { id } => self.held(id)?.pending_since = Some(now),
            Mutation::Deactivate { id } => {
                let binding = self.held(id)?;
                binding.pending_since = Some(now);
                binding.available_since = None;
                binding.inferred = false;
            }
            Mutation::SetInUse { id } => self.set_in_use(id, now)?,
            Mutation::Delete { id } => {
                self.unbind(id);
                // With its last certificate deleted by us, a name has nothing left to remember.
                self.certificates
                    .retain(|_, entry| !entry.bindings.is_empty() || !entry.had.contains(id));
            }
        }
        self.intents.retain(|intent| intent.mutation != *mutation);
        Ok(())
    }

    fn set_in_use(&mut self, id: &CertificateId, at: Timestamp) -> Result<(), Illegal> {
        self.held(id)?;
        let asked = Mutation::SetInUse { id: id.clone() };
        let asked = self.intents.iter().any(|intent| intent.mutation == asked);
        let known = |record: &&InUseRecord| record.id == *id && record.set;
        let known = self.in_use.as_ref().filter(known);
        let set = asked || known.is_some();
        let motive = match asked {
            true => self.motive_of(id),
            false => known.and_then(|record| record.motive),
        };
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
        self.reached(id, Aim::SetInUse);
        self.in_use = Some(InUseRecord {
            id: id.clone(),
            at,
            set,
            motive,
        });
        self.allowed_disputes.clear();
        self.allowed_switches.clear();
        self.intents
            .retain(|intent| !matches!(intent.mutation, Mutation::SetInUse { .. }));
        Ok(())
    }

    /// Why Gateway is switched to this certificate: for the rotation that it ends, or takes back; else
    /// because it is declared.
    fn motive_of(&self, id: &CertificateId) -> Option<Motive> {
        let (name, binding) = self.binding(id)?;
        let entry = self.certificates.get(name)?;
        let successor = entry.with_role(Role::Successor);
        let taken_back = successor.is_some_and(|other| other.hold == Some(Hold::Held));
        Some(match binding.role {
            Role::Successor => entry.motive(),
            _ if taken_back => entry.motive(),
            Role::Current | Role::Retiring => Motive::Declared,
        })
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
        sent_at: None,
        sent_on: None,
        sent_date: None,
        available_since: None,
        inferred: false,
        in_use: false,
        in_use_until: None,
        retiring_since: None,
        pending_since: None,
        compromised: false,
        hold: None,
        pem: None,
    }
}

#[cfg(test)]
mod tests;
