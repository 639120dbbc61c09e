//! What was read of one account, and what the planner makes of it.

use certctl_model::{AccountState, Diagnostic, Observed};
use certctl_plan::{AccountInput, StateVersion};
use certctl_spec::{Account, Spec};
use certctl_state::Document;

/// What was read of one account.
#[derive(Debug, Clone)]
pub struct Survey {
    /// What the API says, or why it could not be read.
    pub observed: Result<Observed, Diagnostic>,
    /// What is remembered, to be planned from and never to be written; none where there is no document yet.
    pub state: Option<AccountState>,
    /// The document that it comes from.
    pub version: StateVersion,
}

impl Survey {
    pub(crate) fn failed(diagnostic: Diagnostic) -> Self {
        Self {
            observed: Err(diagnostic),
            state: None,
            version: StateVersion::default(),
        }
    }

    /// Whether waves are among the settings that were accepted.
    pub(crate) fn accepted_waves(&self) -> bool {
        let settings = self
            .state
            .as_ref()
            .and_then(|state| state.settings.as_ref());
        settings.is_some_and(|settings| !settings.policy.waves.is_empty())
    }

    /// Forgets the PEMs of the certificates: they are most of what is read.
    pub(crate) fn let_go_of_pems(&mut self) {
        let observed = self.observed.iter_mut();
        for remote in observed.flat_map(|observed| &mut observed.certificates) {
            remote.pem = None;
        }
        let entries = self
            .state
            .iter_mut()
            .flat_map(|state| state.certificates.values_mut());
        for binding in entries.flat_map(|entry| &mut entry.bindings) {
            binding.pem = None;
        }
    }

    /// What the planner gets of it.
    #[must_use]
    pub fn input<'a>(&'a self, spec: &'a Spec, account: &'a Account) -> AccountInput<'a> {
        AccountInput {
            account,
            policy: &spec.policy,
            spec_name: spec.name.as_ref(),
            observed: self.observed.as_ref(),
            state: self.state.as_ref(),
            version: self.version.clone(),
        }
    }
}

/// Which version of the document this is; serial 0 where there is none yet.
pub(crate) fn version_of(document: Option<&Document>) -> StateVersion {
    document.map_or_else(StateVersion::default, |document| StateVersion {
        lineage: Some(document.lineage.clone()),
        serial: document.serial,
        seen_at: document.state.seen_at,
    })
}
