//! What was found to go wrong.

use std::collections::BTreeSet;

use certctl_model::{Address, Code, Diagnostic, Period, Timestamp};

/// One thing that will go wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// When it first does.
    pub at: Timestamp,
    /// What, where, and what to change.
    pub diagnostic: Diagnostic,
}

/// What was found in one account so far: each thing once, with its first instant.
#[derive(Debug)]
pub(crate) struct Findings {
    pub(crate) found: Vec<Finding>,
    known: BTreeSet<(Code, Option<Address>)>,
    /// Whether creations waited for their quota when the last run ended.
    pub(crate) queueing: bool,
    /// Between two runs.
    pub(crate) every: Period,
}

impl Findings {
    pub(crate) fn new(every: Period) -> Self {
        Self {
            found: Vec::new(),
            known: BTreeSet::new(),
            queueing: false,
            every,
        }
    }

    pub(crate) fn add(&mut self, at: Timestamp, diagnostic: Diagnostic) {
        if self
            .known
            .insert((diagnostic.code, diagnostic.address.clone()))
        {
            self.found.push(Finding { at, diagnostic });
        }
    }

    /// A switch that did not wait for what it should wait for: said by the plan that makes it.
    pub(crate) fn last_resorts(&mut self, diagnostics: &[Diagnostic], at: Timestamp) {
        for diagnostic in diagnostics.iter().filter(|d| d.code == Code::LastResort) {
            self.add(at, diagnostic.clone());
        }
    }

    /// What an account's plan says is wrong.
    pub(crate) fn errors(&mut self, diagnostics: &[Diagnostic], at: Timestamp) {
        // An expiry is seen here as it happens, and not foretold.
        let elsewhere = [Code::ExpiresFirst, Code::ExpiresUnrenewed, Code::LastResort];
        let counts = |d: &&Diagnostic| d.is_error() && !elsewhere.contains(&d.code);
        for diagnostic in diagnostics.iter().filter(counts) {
            self.add(at, diagnostic.clone());
        }
    }
}
