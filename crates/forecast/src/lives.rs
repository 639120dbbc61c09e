//! The lives of certificates, written down while they are lived: what the pictures are drawn of.

use certctl_model::{AccountState, Address, CertificateId, Role, Timestamp};

use crate::event::Life;
use crate::simulated::SimulatedAccount;

impl SimulatedAccount<'_> {
    /// What is bound from the beginning, or taken over, has lived before.
    pub(crate) fn remember_lives(&mut self) {
        let Some(state) = &self.state else { return };
        for (name, binding) in state.bindings() {
            let Some(remote) = self.world.certificate(&binding.id) else {
                continue;
            };
            if self.lives.contains_key(&binding.id) {
                continue;
            }
            let from = remote.facts().map(|facts| facts.not_before);
            let used = remote.in_use.then_some((self.now, None));
            let life = Life {
                address: self.account.address(name),
                from: from.or(remote.created_at).unwrap_or(self.now),
                expires: remote.expires(),
                available: binding.available_since,
                uses: used.into_iter().collect(),
                retires: binding.retiring_since,
                gone: None,
            };
            self.lives.insert(binding.id.clone(), life);
        }
    }

    pub(crate) fn begin_life(&mut self, address: &Address, id: &CertificateId, now: Timestamp) {
        let remote = self.world.certificate(id);
        let life = Life {
            address: address.clone(),
            from: now,
            expires: remote.and_then(|remote| remote.expires()),
            available: None,
            uses: Vec::new(),
            retires: None,
            gone: None,
        };
        self.lives.insert(id.clone(), life);
    }

    pub(crate) fn use_begins(
        &mut self,
        before: Option<&CertificateId>,
        id: &CertificateId,
        now: Timestamp,
    ) {
        if let Some(life) = before.and_then(|before| self.lives.get_mut(before)) {
            if let Some((_, until)) = life.uses.last_mut() {
                until.get_or_insert(now);
            }
            life.retires = Some(now);
        }
        if let Some(life) = self.lives.get_mut(id) {
            life.uses.push((now, None));
        }
    }

    pub(crate) fn life_ends(&mut self, id: &CertificateId, now: Timestamp) {
        let state = self.state.as_ref();
        let binding = state.and_then(|state| state.binding(id));
        let retires = binding.and_then(|(_, binding)| binding.retiring_since);
        if let Some(life) = self.lives.get_mut(id) {
            life.retires = life.retires.or(retires);
            life.gone.get_or_insert(now);
        }
    }

    /// What is still kept as the way back when the forecast ends.
    pub(crate) fn end_lives(&mut self) {
        let bindings = self.state.iter().flat_map(AccountState::bindings);
        for (_, binding) in bindings.filter(|(_, binding)| binding.role == Role::Retiring) {
            if let Some(life) = self.lives.get_mut(&binding.id) {
                life.retires = life.retires.or(binding.retiring_since);
            }
        }
    }
}
