//! Who holds a document, for people who wait for it.

use certctl_model::Timestamp;
use serde::{Deserialize, Serialize};

/// Who holds a lock, for people who wait for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// A user, or a CI run.
    pub who: String,
    /// A machine and a process, or a CI job's address.
    pub r#where: String,
    /// The command, such as `apply`.
    pub operation: String,
}

/// A lock that is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockInfo {
    /// By whom.
    pub holder: Holder,
    /// Since when, by the holder's clock.
    pub since: Timestamp,
}
