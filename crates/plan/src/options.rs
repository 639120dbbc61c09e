//! What the command line adds to the inputs; part of the plan and of its digest.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use certctl_model::{Address, Guard, Invalid, Period};

use crate::Allowance;

/// The planning options, equal on `plan` and `apply`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Start a rotation of these now (nothing, while one is open).
    pub replace: BTreeSet<Address>,
    /// Guards that may be passed.
    pub allow: BTreeSet<Allow>,
    /// Plan only these addresses; all, when empty.
    pub targets: BTreeSet<Address>,
    /// How long after a create of unknown outcome its certificate may still appear.
    pub settle_timeout: Period,
    /// What is left of the policy's limits per run. Not typed, and not part of the digest: what it
    /// holds back, waits.
    pub allowance: Allowance,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            replace: BTreeSet::new(),
            allow: BTreeSet::new(),
            targets: BTreeSet::new(),
            settle_timeout: Period::seconds(60),
            allowance: Allowance::default(),
        }
    }
}

impl Options {
    /// Whether a guard may be passed at this address.
    #[must_use]
    pub fn allows(&self, guard: Guard, address: &Address) -> bool {
        self.allow.iter().any(|allow| {
            allow.guard == guard
                && allow
                    .address
                    .as_ref()
                    .is_none_or(|allowed| allowed == address)
        })
    }

    /// Whether this address is to be planned.
    #[must_use]
    pub fn targets(&self, address: &Address) -> bool {
        self.targets.is_empty() || self.targets.contains(address)
    }

    /// The options as they stand in a plan, in one order.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let replace = self
            .replace
            .iter()
            .map(|address| format!("--replace {address}"));
        let allow = self.allow.iter().map(|allow| format!("--allow {allow}"));
        let targets = self
            .targets
            .iter()
            .map(|address| format!("--target {address}"));
        replace.chain(allow).chain(targets).collect()
    }

    /// Reads back what [`Options::words`] wrote, for a saved plan.
    ///
    /// # Errors
    /// When a word is not one of ours: the plan was made by a newer certctl.
    pub fn from_words(words: &[String]) -> Result<Self, Invalid> {
        let mut options = Self::default();
        for word in words {
            match word.split_once(' ') {
                Some(("--replace", address)) => {
                    options.replace.insert(address.parse()?);
                }
                Some(("--allow", allow)) => {
                    options.allow.insert(allow.parse()?);
                }
                Some(("--target", address)) => {
                    options.targets.insert(address.parse()?);
                }
                _ => return Err(invalid(word)),
            }
        }
        Ok(options)
    }
}

fn invalid(word: &str) -> Invalid {
    Invalid {
        what: "planning option",
        value: word.chars().take(80).collect(),
        rule: "it is one that this certctl knows",
    }
}

/// `GUARD[:ADDRESS]`: a guard that may be passed, everywhere or at one address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Allow {
    /// Which guard.
    pub guard: Guard,
    /// Where; everywhere, when absent.
    pub address: Option<Address>,
}

impl FromStr for Allow {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let (guard, address) = match text.split_once(':') {
            Some((guard, address)) => (guard, Some(address.parse()?)),
            None => (text, None),
        };
        Ok(Self {
            guard: guard.parse()?,
            address,
        })
    }
}

impl fmt::Display for Allow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.address {
            Some(address) => write!(f, "{}:{address}", self.guard),
            None => write!(f, "{}", self.guard),
        }
    }
}
