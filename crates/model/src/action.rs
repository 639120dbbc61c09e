//! The verbs of certctl, in one list.

use serde::{Deserialize, Serialize};

/// What a step does: one API call or one state write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// State: something to remember.
    Record,
    /// State: take a certificate over.
    Adopt,
    /// State: let a certificate go.
    Forget,
    /// `POST …/activate`.
    Activate,
    /// `PATCH …/configuration`.
    SetInUse,
    /// `POST …/certificates`.
    Create,
    /// `POST …/mtls_certificates`.
    Upload,
    /// `POST …/deactivate`.
    Deactivate,
    /// `DELETE …`.
    Delete,
}

impl Action {
    /// The word in documents.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Adopt => "adopt",
            Self::Forget => "forget",
            Self::Activate => "activate",
            Self::SetInUse => "set_in_use",
            Self::Create => "create",
            Self::Upload => "upload",
            Self::Deactivate => "deactivate",
            Self::Delete => "delete",
        }
    }

    /// Whether it makes a certificate.
    #[must_use]
    pub fn makes(self) -> bool {
        matches!(self, Self::Create | Self::Upload)
    }

    /// Whether it is a state write alone, without an API call.
    #[must_use]
    pub fn is_state_only(self) -> bool {
        matches!(self, Self::Record | Self::Adopt | Self::Forget)
    }
}
