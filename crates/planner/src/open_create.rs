//! A create or upload of unknown outcome that could not be settled yet.

use certctl_model::{Name, Role, Timestamp};

/// What it was for, and until when it may still show.
#[derive(Debug, Clone)]
pub(crate) struct OpenCreate {
    pub(crate) certificate: Name,
    pub(crate) role: Role,
    /// Whether it is an upload.
    pub(crate) uploads: bool,
    /// Until when its certificate may still appear; none where a person must decide.
    pub(crate) until: Option<Timestamp>,
}
