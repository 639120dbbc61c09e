//! What an account has to wait for by `policy.waves`: what another account has not done yet.
//!
//! It is found by the plan of all accounts, and handed to the plan of each; like a limit per run it is no
//! part of a digest: what it holds back, waits.

use certctl_model::{Name, Timestamp};
use serde::{Deserialize, Serialize};

/// In which wave an account is, and whom it waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountWave {
    /// The wave, counted from 1.
    pub number: usize,
    /// How many waves there are.
    pub of: usize,
    /// Whom a switch in the account waits for; none where none is to come, or the wave is open.
    pub waits_for: Option<WaveGate>,
}

impl AccountWave {
    /// Whether a switch in the account waits for another account.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.waits_for.is_some()
    }
}

/// The account of an earlier wave that is waited for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaveGate {
    /// Its wave, counted from 1.
    pub wave: usize,
    /// The account.
    pub account: Name,
    /// Why that is not done.
    pub because: Because,
    /// Since when it is so, where that is known.
    pub since: Option<Timestamp>,
    /// Until when, where that is known.
    pub until: Option<Timestamp>,
}

/// Why an account of an earlier wave is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// Nobody knows what it did: it could not be read.
    Unreadable,
    /// It was switched, and went back, or is held before its switch.
    WentBack,
    /// It is to be switched for the same reason, and was not yet.
    NotSwitched,
    /// It was switched, for less than `bake`.
    Baking,
}

impl Because {
    /// What it is, as the end of a sentence that begins with the account.
    #[must_use]
    pub fn says(self) -> &'static str {
        match self {
            Self::Unreadable => "could not be read",
            Self::WentBack => "went back, or is held",
            Self::NotSwitched => "is not switched yet",
            Self::Baking => "has not been switched for long enough",
        }
    }
}
