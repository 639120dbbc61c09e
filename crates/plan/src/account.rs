//! The plan of one account: the account as a whole, its changes, and what is wrong with it.

use certctl_model::{AccountId, Blocks, Diagnostic, Name};
use serde::{Deserialize, Serialize};

use crate::allowance::Tally;
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
    /// The steps that can be done now and that no error stops, in the order of [`Step::order`].
    #[must_use]
    pub fn due(&self) -> Vec<(&Change, &Step)> {
        let mut due: Vec<(&Change, &Step)> = self
            .changes
            .iter()
            .flat_map(|change| change.steps.iter().map(move |step| (change, step)))
            .filter(|(change, step)| step.due && !self.stops(change, step))
            .collect();
        due.sort_by_key(|(_, step)| step.order());
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
        let remembers = step.action.is_state_only() && step.mandate == Mandate::Calendar;
        self.diagnostics.iter().any(|d| match d.blocking() {
            Blocks::Account => true,
            Blocks::Address => !remembers && d.address.as_ref() == Some(&change.address),
            Blocks::NewChanges => !remembers && step.mandate == Mandate::New,
            Blocks::Nothing => false,
        })
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

/// One account of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountPlan {
    /// Its name.
    pub name: Name,
    /// Its id.
    pub account_id: AccountId,
    /// Whether no error stands in the way of this account.
    pub applyable: bool,
    /// `sha256:…` over its changes with all their steps and periods, and what decided them.
    pub digest: String,
    /// The state document that it was planned from.
    pub state: StateVersion,
    /// What Gateway uses: an address, or the id of an unmanaged certificate.
    pub in_use_before: Option<String>,
    /// What Gateway will use once all planned steps are done.
    pub in_use_after: Option<String>,
    /// How many certificates can be created now.
    pub creations_left: u32,
    /// What was counted for the guards that span accounts.
    #[serde(skip)]
    pub tally: Tally,
}

/// Which version of a state document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateVersion {
    /// The document's identity; none when there is no document yet.
    pub lineage: Option<String>,
    /// How often it was written.
    pub serial: u64,
}
