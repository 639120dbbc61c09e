//! What a spec says of the removal of a certificate from it.

use serde::{Deserialize, Serialize};

/// What removal from the spec means for the remote certificate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeletionPolicy {
    /// Deactivate it, then delete it.
    #[default]
    Delete,
    /// Deactivate it, then forget it.
    Deactivate,
    /// Forget it as it is.
    Retain,
}

/// What a spec says of removal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lifecycle {
    /// Removal is an error.
    #[serde(default)]
    pub prevent_destroy: bool,
    /// What removal does.
    #[serde(default)]
    pub deletion_policy: DeletionPolicy,
}
