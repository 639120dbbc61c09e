//! The forecast as a value, and where an account starts from.

use certctl_model::{AccountState, Observed};

use crate::event::{Event, Life};
use crate::finding::Finding;
use crate::span::Span;

/// What will happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forecast {
    /// Which time it covers.
    pub span: Span,
    /// How many accounts are declared.
    pub accounts: usize,
    /// How many certificates are declared.
    pub certificates: usize,
    /// What happens, by time.
    pub events: Vec<Event>,
    /// What goes wrong, by time.
    pub findings: Vec<Finding>,
    /// The certificates that the addresses hold, by address and time.
    pub lives: Vec<Life>,
}

/// Where an account starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// What the API says now.
    pub observed: Observed,
    /// What is remembered; none where there is no document yet.
    pub state: Option<AccountState>,
}
