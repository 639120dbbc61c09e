//! What a name holds: bound, freed, promoted, taken back, renamed. No name holds two in a role, and no
//! certificate has two names.

use jiff::Timestamp;

use super::Illegal;
use crate::{AccountState, Aim, Binding, Cause, CertificateId, Entry, Hold, Mutation, Name, Role};

impl AccountState {
    pub(super) fn bind(&mut self, certificate: &Name, binding: Binding) -> Result<(), Illegal> {
        if let Some((holder, _)) = self.binding(&binding.id) {
            return Err(Illegal(format!(
                "{} is bound to {holder} already",
                binding.id
            )));
        }
        self.free(certificate, binding.role)?;
        let entry = self.certificates.entry(certificate.clone()).or_default();
        if binding.role == Role::Current {
            // What was asked of another certificate is not asked of this one.
            entry.cause = None;
        }
        entry.bindings.push(binding);
        Ok(())
    }

    /// Whether the name can hold one more certificate in this role.
    pub(super) fn free(&self, certificate: &Name, role: Role) -> Result<(), Illegal> {
        let taken = self
            .certificates
            .get(certificate)
            .is_some_and(|entry| role != Role::Retiring && entry.with_role(role).is_some());
        if taken {
            return Err(Illegal(format!(
                "{certificate} has a {} already",
                role.as_str()
            )));
        }
        Ok(())
    }

    pub(super) fn promote(&mut self, certificate: &Name, since: Timestamp) -> Result<(), Illegal> {
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
                Role::Successor => {
                    binding.role = Role::Current;
                    binding.hold = None;
                }
                Role::Retiring => {}
            }
        }
        if entry.cause == Some(Cause::Requested) {
            entry.cause = Some(Cause::Replace);
        }
        Ok(())
    }

    /// The predecessor `id` is current again; its successor, or else what had replaced it, is held.
    pub(super) fn roll_back(
        &mut self,
        certificate: &Name,
        id: &CertificateId,
        since: Timestamp,
    ) -> Result<(), Illegal> {
        let fits = |binding: &Binding| binding.id == *id && binding.role == Role::Retiring;
        let entry = self
            .certificates
            .get_mut(certificate)
            .filter(|entry| {
                entry.bindings.iter().any(fits) && entry.with_role(Role::Current).is_some()
            })
            .ok_or_else(|| Illegal(format!("{id} is no predecessor of {certificate}")))?;
        let has_successor = entry.with_role(Role::Successor).is_some();
        for binding in &mut entry.bindings {
            match binding.role {
                Role::Current if has_successor => {
                    binding.role = Role::Retiring;
                    binding.retiring_since = Some(since);
                }
                Role::Current | Role::Successor => {
                    binding.role = Role::Successor;
                    binding.hold = Some(Hold::Held);
                }
                Role::Retiring if binding.id == *id => {
                    binding.role = Role::Current;
                    binding.retiring_since = None;
                }
                Role::Retiring => {}
            }
        }
        Ok(())
    }

    /// What was begun for the name that holds this certificate has come to its end.
    pub(super) fn reached(&mut self, id: &CertificateId, aim: Aim) {
        let holds = |entry: &&mut Box<Entry>| entry.bindings.iter().any(|b| b.id == *id);
        for entry in self.certificates.values_mut().filter(holds) {
            entry.aim.take_if(|wanted| *wanted == aim);
        }
    }

    pub(super) fn unbind(&mut self, id: &CertificateId) {
        for entry in self.certificates.values_mut() {
            let before = entry.bindings.len();
            entry.bindings.retain(|binding| binding.id != *id);
            if entry.bindings.len() < before {
                entry.had.push(id.clone());
            }
        }
        self.intents
            .retain(|intent| intent.mutation.certificate_id() != Some(id));
    }

    pub(super) fn rename(&mut self, from: &Name, to: &Name) -> Result<(), Illegal> {
        if self
            .certificates
            .get(to)
            .is_some_and(|entry| !entry.bindings.is_empty())
        {
            return Err(Illegal(format!("{to} is bound already")));
        }
        if self.open_create_for(to) {
            return Err(Illegal(format!("a create is open for {to}")));
        }
        let entry = self.certificates.remove(from);
        if entry.is_none() && !self.open_create_for(from) {
            return Err(Illegal(format!("{from} is not in the state")));
        }
        self.certificates
            .insert(to.clone(), entry.unwrap_or_default());
        // What a person allowed the address, it keeps under its new name.
        let disputes = self.allowed_disputes.iter_mut().map(|d| &mut d.certificate);
        let switches = self.allowed_switches.iter_mut().map(|s| &mut s.certificate);
        for name in disputes.chain(switches).filter(|name| *name == from) {
            name.clone_from(to);
        }
        for intent in self.intents.iter_mut().chain(&mut self.abandoned) {
            if let Mutation::Create { certificate, .. } | Mutation::Upload { certificate, .. } =
                &mut intent.mutation
                && certificate == from
            {
                certificate.clone_from(to);
            }
        }
        Ok(())
    }

    /// Whether a create for this name has an outcome that is not known yet.
    #[must_use]
    pub fn open_create_for(&self, name: &Name) -> bool {
        let open = self
            .open_create()
            .and_then(|intent| intent.mutation.makes());
        open.is_some_and(|(certificate, _)| certificate == name)
    }

    pub(super) fn held(&mut self, id: &CertificateId) -> Result<&mut Binding, Illegal> {
        self.certificates
            .values_mut()
            .flat_map(|entry| entry.bindings.iter_mut())
            .find(|binding| binding.id == *id)
            .ok_or_else(|| Illegal(format!("{id} is not bound")))
    }
}
