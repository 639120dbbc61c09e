//! What is read of the accounts that a selection leaves out: their states, where others wait for them.

use certctl_model::{AccountState, Diagnostic};
use certctl_plan::Bystander;
use certctl_spec::Account;

use crate::fault::state_failed;
use crate::fleet::Fleet;
use crate::side_by_side::side_by_side;
use crate::survey::Survey;

/// An account that is left out, and what is remembered of it.
#[derive(Debug)]
pub struct Beside<'a> {
    account: &'a Account,
    state: Result<Option<AccountState>, Diagnostic>,
}

impl Beside<'_> {
    /// What the planner gets of it.
    #[must_use]
    pub fn bystander(&self) -> Bystander<'_> {
        Bystander {
            account: self.account,
            state: self.state.as_ref().map(Option::as_ref),
        }
    }
}

impl<'a> Fleet<'a> {
    /// Reads the states of the accounts that are left out: no request to the API, and none to the store
    /// where no account that was surveyed is in a wave.
    pub async fn beside(&self, surveys: &[Survey]) -> Vec<Beside<'a>> {
        let spec = self.spec;
        // Waves that are no longer declared hold until a run is approved that takes that up.
        let accepted =
            || self.options.is_unattended() && surveys.iter().any(Survey::accepted_waves);
        if spec.policy.waves.is_empty() && !accepted() {
            return Vec::new();
        }
        let states = spec.left_out.iter().map(|out| self.remembered(out));
        side_by_side(self.settings.parallelism, states).await
    }

    async fn remembered(&self, account: &'a Account) -> Beside<'a> {
        let state = match self.store.load(&self.key(&account.account_id)).await {
            Ok(document) => Ok(document.map(|document| document.state)),
            Err(error) => Err(state_failed(&error)),
        };
        Beside { account, state }
    }
}
