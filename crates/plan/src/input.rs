//! What the plan of one account is made from.

use certctl_model::{AccountState, Diagnostic, Name, Observed};
use certctl_spec::{Account, Policy};

use crate::account::StateVersion;

/// An account that is not planned and that others may have to wait for.
#[derive(Debug, Clone)]
pub struct Bystander<'a> {
    /// What is declared.
    pub account: &'a Account,
    /// What is remembered, none where there is no document yet; or why that could not be read.
    pub state: Result<Option<&'a AccountState>, &'a Diagnostic>,
}

/// Everything that the plan of one account is computed from.
#[derive(Debug, Clone)]
pub struct AccountInput<'a> {
    /// What is declared.
    pub account: &'a Account,
    /// What the spec says that no plan may do without leave.
    pub policy: &'a Policy,
    /// The name of the spec.
    pub spec_name: Option<&'a Name>,
    /// What the API says, or why that could not be read.
    pub observed: Result<&'a Observed, &'a Diagnostic>,
    /// What is remembered; none where there is no document yet.
    pub state: Option<&'a AccountState>,
    /// The document that it comes from.
    pub version: StateVersion,
}
