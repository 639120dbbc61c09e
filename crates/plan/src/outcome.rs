//! The plan of one account: the account as a whole, its changes, and what is wrong with it.

use certctl_model::{Blocks, Diagnostic};

use crate::account::AccountPlan;
use crate::change::{Change, Unmanaged};
use crate::digest;
use crate::options::Options;
use crate::step::{Mandate, Step};

/// The plan of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountOutcome {
    /// The account as a whole.
    pub account: AccountPlan,
    /// Its addresses, ordered.
    pub changes: Vec<Change>,
    /// What nothing claims.
    pub unmanaged: Vec<Unmanaged>,
    /// What is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
}

impl AccountOutcome {
    /// The steps that can be done now and that no error stops, in the order of [`Operation::order`](crate::operation::Operation::order).
    #[must_use]
    pub fn due(&self) -> Vec<(&Change, &Step)> {
        let mut due: Vec<(&Change, &Step)> = self
            .changes
            .iter()
            .flat_map(|change| change.steps.iter().map(move |step| (change, step)))
            .filter(|(change, step)| step.due && !self.stops(change, step))
            .collect();
        due.sort_by_key(|(_, step)| step.operation.order());
        due
    }

    /// Whether an error stops everything in the account.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        let all = |d: &Diagnostic| d.blocking() == Blocks::Account;
        self.diagnostics.iter().any(all)
    }

    /// Whether an error stops this step: one about its address, about what is new, or about the
    /// account. Facts of an address, and a create that
    /// was settled, are remembered whatever is wrong with it.
    #[must_use]
    pub fn stops(&self, change: &Change, step: &Step) -> bool {
        let remembers = step.action().is_state_only() && step.mandate == Mandate::Calendar;
        self.diagnostics.iter().any(|d| match d.blocking() {
            Blocks::Account => true,
            Blocks::Address => !remembers && d.address.as_ref() == Some(&change.address),
            Blocks::NewChanges => !remembers && step.mandate == Mandate::New,
            Blocks::Nothing => false,
        })
    }

    /// Adds an error that only the plan of all accounts can find, unless it was found here as well.
    pub fn refuse(&mut self, diagnostic: Diagnostic, options: &Options) {
        let code = diagnostic.code;
        if self.diagnostics.iter().all(|known| known.code != code) {
            self.diagnostics.insert(0, diagnostic);
            self.seal(options);
        }
    }

    /// Writes out whether it can be applied, and the digest over all of it.
    pub fn seal(&mut self, options: &Options) {
        self.account.applyable = !self.diagnostics.iter().any(Diagnostic::is_blocking);
        self.account.digest = digest::of_account(
            &self.account,
            &self.changes,
            &self.diagnostics,
            &options.words(),
        );
    }
}
