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
    /// What is remembered; none where there is no document yet.
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
