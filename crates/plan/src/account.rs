//! One account of a plan, as a whole.

use certctl_model::{AccountId, AccountSettings, Changed, Name, Timestamp};
use serde::{Deserialize, Serialize};

use crate::allowance::Tally;
use crate::wave::AccountWave;

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
    /// What is declared for it as a whole against what was accepted, where they differ; boxed likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Box<Changed<AccountSettings>>>,
    /// In which of `policy.waves` it is; none where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wave: Option<AccountWave>,
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
    /// When the account was read last before that, by the API's clock; of a run, before it began.
    #[serde(skip)]
    pub seen_at: Option<Timestamp>,
}
