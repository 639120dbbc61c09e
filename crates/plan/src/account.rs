//! The plan of one account: the account as a whole, its changes, and what is wrong with it.

use certctl_model::{AccountId, Diagnostic, Name};
use serde::{Deserialize, Serialize};

use crate::allowance::Tally;
use crate::change::{Change, Unmanaged};
use crate::step::Step;

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
    /// The steps that can be done now, in the order in which to do them: facts first, then what
    /// makes something available, then what takes something away. None, where an error blocks the
    /// account.
    #[must_use]
    pub fn due(&self) -> Vec<(&Change, &Step)> {
        if !self.account.applyable {
            return Vec::new();
        }
        let mut due: Vec<(&Change, &Step)> = self
            .changes
            .iter()
            .flat_map(|change| change.steps.iter().map(move |step| (change, step)))
            .filter(|(_, step)| step.due)
            .collect();
        due.sort_by_key(|(_, step)| step.action);
        due
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
