//! What comes of extending a spec, and what has to be known for it.

use std::collections::BTreeMap;

use certctl_model::{AccountId, AccountState, Address, CertificateId, Diagnostic, Name, Timestamp};
use certctl_spec::Sources;

/// A certificate that was not declared before and is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// Under this address.
    pub address: Address,
    /// Which one it is.
    pub id: CertificateId,
    /// Whether it is declared in use.
    pub in_use: bool,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// The whole text; the same as before where nothing was missing.
    pub text: String,
    /// What is declared now and was not before.
    pub declared: Vec<Added>,
    /// What is named in a comment now and was not before.
    pub remarked: Vec<CertificateId>,
    /// Accounts that are declared now and were not before.
    pub accounts: Vec<Name>,
    /// What a person should look at.
    pub warnings: Vec<String>,
}

/// Why a spec is not extended; the text is left as it is.
#[derive(Debug, Clone)]
pub enum Refusal {
    /// The spec as it stands has errors.
    Invalid {
        /// They, with their places.
        diagnostics: Vec<Diagnostic>,
        /// For showing their lines.
        sources: Sources,
    },
    /// There is no place in the text for what is missing, or none that could be proved right.
    NoPlace {
        /// Why.
        why: String,
        /// The lines to be added by hand.
        lines: String,
    },
}

/// What is known besides the text.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// The file with the tables that it names, if it has been read; its text is replaced.
    pub sources: Option<&'a Sources>,
    /// Looks a variable up in the environment.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// What is remembered of each account: what is bound there is declared already.
    pub states: &'a BTreeMap<AccountId, AccountState>,
    /// The time, for telling what has expired.
    pub now: Timestamp,
}
