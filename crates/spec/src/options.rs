//! How a spec is read.

use std::collections::BTreeMap;

use certctl_model::Name;

use crate::selection::{Selector, selects};

/// What the spec is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// To say whether it is right. A variable that is not set is a warning; what depends on it is
    /// not checked, and an account that depends on it is left out of the spec.
    Validate,
    /// To plan with it. A variable that is not set is an error if it stands in a selected account
    /// or outside of all accounts; an account that is not selected is left out instead.
    Use,
}

/// How to read.
#[derive(Clone, Copy)]
pub struct ParseOptions<'a> {
    /// Looks a variable up in the environment.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// What for.
    pub mode: Mode,
    /// Which accounts are selected; empty: all. Accounts that are not selected are checked all
    /// the same, and are part of the spec.
    pub accounts: &'a [Selector],
}

impl ParseOptions<'_> {
    /// Whether this account is selected.
    pub(crate) fn selects(&self, account: &Name, labels: &BTreeMap<String, String>) -> bool {
        selects(self.accounts, account, labels)
    }
}
