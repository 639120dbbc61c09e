//! What is known of a history beside the server's journal: what was declared when, which runs there
//! were, and how the world was.

use std::collections::BTreeSet;

use certctl_model::Timestamp;
use certctl_sandbox::{Conditions, Entry};

use crate::declared::{ACCOUNTS, Declared, Periods, Removal};
use crate::history::{History, How};
use crate::runner::Ended;
use crate::wire::MOST_REQUESTS;

/// One run, as it was for one account that it was for.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    /// What it was asked for there.
    pub(crate) how: How,
    /// How many declarations there were when it began.
    pub(crate) declarations: usize,
    pub(crate) ended: Ended,
    pub(crate) requests: usize,
    /// Requests that were no GET.
    pub(crate) writes: usize,
    /// Writes of the state, of all accounts.
    pub(crate) saves: usize,
    /// Its number among all runs.
    pub(crate) process: usize,
}

impl Ran {
    /// Whether it sent, or waited, without end.
    pub(crate) fn is_endless(&self) -> bool {
        self.requests >= MOST_REQUESTS || matches!(self.ended, Ended::Endless)
    }
}

/// One run, as it was for all accounts.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    /// Which accounts it was for.
    pub(crate) chosen: Vec<bool>,
    /// Which accounts could not be read: the API's answers of those that it was for, the states of others.
    pub(crate) unreadable: Vec<bool>,
    /// Whether nothing disturbed it.
    pub(crate) calm: bool,
    /// Which account it let go ahead of its wave.
    pub(crate) lets_go: Option<usize>,
}

/// What is known of one account.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) id: &'static str,
    pub(crate) declared: Vec<(Timestamp, Declared)>,
    /// The runs that were for it.
    pub(crate) runs: Vec<Ran>,
    /// When somebody brought an old state of it back.
    pub(crate) states_came_back: Vec<Timestamp>,
    /// What was not as declared when the quiet time ended.
    pub(crate) last_difference: Option<String>,
}

/// All of a history.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) seed: u64,
    pub(crate) periods: Periods,
    pub(crate) journal: Vec<Entry>,
    pub(crate) accounts: Vec<Told>,
    /// All runs, in the order in which they ended.
    pub(crate) processes: Vec<Process>,
    /// The furthest that a read lagged, in seconds.
    pub(crate) longest_lag: f64,
    /// The furthest that two clocks were apart, in seconds.
    pub(crate) skew: f64,
    /// There was no quiet time.
    pub(crate) ended_early: bool,
    pub(crate) quiet_since: Option<Timestamp>,
    /// What a run asked of an account that it was not for.
    pub(crate) strayed: Option<String>,
    /// An account whose digest was another one beside the others than alone.
    pub(crate) moved_by_others: Option<String>,
}

impl Told {
    /// The names of which something may be left when they are declared no longer.
    pub(crate) fn may_be_left(&self) -> BTreeSet<&'static str> {
        let declared = self.declared.iter();
        let all = declared.flat_map(|(_, declared)| &declared.certificates);
        let left = all.filter(|(_, one)| one.protected || one.removal != Removal::Delete);
        left.map(|(name, _)| *name).collect()
    }
}

impl Record {
    pub(crate) fn new(history: &History) -> Self {
        let [a, b] = history.ahead;
        let skew = a.abs().max(b.abs()).max((a - b).abs());
        let told = ACCOUNTS.iter().take(history.tiers.len());
        let told = told.map(|(_, id)| Told {
            id,
            declared: Vec::new(),
            runs: Vec::new(),
            states_came_back: Vec::new(),
            last_difference: None,
        });
        Self {
            seed: history.seed,
            periods: history.periods,
            journal: Vec::new(),
            accounts: told.collect(),
            processes: Vec::new(),
            longest_lag: 0.0,
            skew: f64::from(i32::try_from(skew).unwrap_or(i32::MAX)),
            ended_early: false,
            quiet_since: None,
            strayed: None,
            moved_by_others: None,
        }
    }

    /// The declarations of all accounts, at one moment.
    pub(crate) fn declare(&mut self, at: Timestamp, declared: &[Declared]) {
        for (told, declared) in self.accounts.iter_mut().zip(declared) {
            told.declared.push((at, declared.clone()));
        }
    }

    /// Whether any run was without end.
    pub(crate) fn is_endless(&self) -> bool {
        let mut runs = self.accounts.iter().flat_map(|told| &told.runs);
        runs.any(Ran::is_endless)
    }

    pub(crate) fn conditions(&mut self, conditions: &Conditions) {
        let lags = [
            conditions.list_lag_seconds,
            conditions.certificate_lag_seconds,
            conditions.configuration_lag_seconds,
        ];
        self.longest_lag = lags.into_iter().fold(self.longest_lag, f64::max);
        self.skew += conditions.date_offset_seconds.abs();
    }
}
