//! What a run did: the document that `apply --format json` ends with.

use std::collections::BTreeSet;

use certctl_model::{Address, CertificateId, Diagnostic, Name, Severity};
use certctl_plan::{ChangeKind, Waiting};
use serde::Serialize;

/// The result of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// `1.0`.
    pub format_version: &'static str,
    /// `apply`.
    pub kind: &'static str,
    /// Changes of which something was carried out and nothing failed.
    pub applied: usize,
    /// Changes that failed.
    pub failed: usize,
    /// Changes that wait: for a time, or for Cloudflare.
    pub waiting: usize,
    /// HTTP requests that were sent, reads included.
    pub requests: u64,
    /// One line per change; `no_op` ones are left out.
    pub results: Vec<ResultLine>,
    /// What went wrong, and what is worth reading.
    pub diagnostics: Vec<Diagnostic>,
    /// Accounts that were planned anew under their lock: what the plan before it said of them is over.
    #[serde(skip)]
    pub judged: BTreeSet<Name>,
}

/// What became of one change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResultLine {
    /// Of which address.
    pub address: Address,
    /// What was planned.
    pub change: ChangeKind,
    /// What became of it.
    pub outcome: Outcome,
    /// The certificate that the address has now.
    pub certificate_id: Option<CertificateId>,
    /// What its next step waits for.
    pub waiting: Option<Waiting>,
    /// Why it failed.
    pub error: Option<String>,
    /// Whether this run carried anything of it out.
    #[serde(skip)]
    pub acted: bool,
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// All of it.
    Done,
    /// What was due; the rest comes later.
    Waiting,
    /// Cloudflare was still deploying when the wait ended.
    Pending,
    /// A step of it failed.
    Failed,
    /// Nothing, because its account was blocked, refused or stopped.
    Skipped,
}

impl Report {
    /// The report of a run: its results are counted by what became of them.
    #[must_use]
    pub fn new(results: Vec<ResultLine>, diagnostics: Vec<Diagnostic>, requests: u64) -> Self {
        let count = |outcomes: &[Outcome]| {
            results
                .iter()
                .filter(|r| outcomes.contains(&r.outcome))
                .count()
        };
        let acted = results
            .iter()
            .filter(|r| r.acted && r.outcome != Outcome::Failed)
            .count();
        Self {
            format_version: "1.0",
            kind: "apply",
            applied: acted,
            failed: count(&[Outcome::Failed]),
            waiting: count(&[Outcome::Waiting, Outcome::Pending]),
            requests,
            results,
            diagnostics,
            judged: BTreeSet::new(),
        }
    }

    /// Whether what a plan said before the run still stands.
    #[must_use]
    pub fn leaves(&self, diagnostic: &Diagnostic) -> bool {
        let of = diagnostic.account.as_ref();
        of.is_none_or(|account| !self.judged.contains(account))
    }

    /// Whether anything was blocked, refused or failed.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.failed > 0
            || self
                .diagnostics
                .iter()
                .any(|d| d.severity == Severity::Error)
    }

    /// Whether Cloudflare was still deploying when the wait ended.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.results
            .iter()
            .any(|result| result.outcome == Outcome::Pending)
    }
}
