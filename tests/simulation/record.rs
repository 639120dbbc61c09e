//! What is known of a history beside the server's journal: what was declared when, which runs there
//! were, and how the world was.

use certctl_model::Timestamp;
use certctl_sandbox::{Conditions, Entry};

use crate::declared::{Declared, Periods};
use crate::history::{History, How};
use crate::runner::Ended;
use crate::wire::MOST_REQUESTS;

/// One run, as it was.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    pub(crate) how: How,
    /// How many declarations there were when it began.
    pub(crate) declarations: usize,
    pub(crate) ended: Ended,
    pub(crate) requests: usize,
    /// Requests that were no GET.
    pub(crate) writes: usize,
    /// Writes of the state.
    pub(crate) saves: usize,
}

impl Ran {
    /// Whether it sent, or waited, without end.
    pub(crate) fn is_endless(&self) -> bool {
        self.requests >= MOST_REQUESTS || matches!(self.ended, Ended::Endless)
    }
}

/// All of a history.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) seed: u64,
    pub(crate) periods: Periods,
    pub(crate) journal: Vec<Entry>,
    pub(crate) declared: Vec<(Timestamp, Declared)>,
    pub(crate) runs: Vec<Ran>,
    /// The furthest that a read lagged, in seconds.
    pub(crate) longest_lag: f64,
    /// The furthest that two clocks were apart, in seconds.
    pub(crate) skew: f64,
    /// When somebody brought an old state back.
    pub(crate) states_came_back: Vec<Timestamp>,
    /// There was no quiet time.
    pub(crate) ended_early: bool,
    pub(crate) quiet_since: Option<Timestamp>,
    /// What was not as declared when the quiet time ended.
    pub(crate) last_difference: Option<String>,
}

impl Record {
    pub(crate) fn new(history: &History) -> Self {
        let [a, b] = history.ahead;
        let skew = a.abs().max(b.abs()).max((a - b).abs());
        Self {
            seed: history.seed,
            periods: history.periods,
            journal: Vec::new(),
            declared: Vec::new(),
            runs: Vec::new(),
            longest_lag: 0.0,
            skew: f64::from(i32::try_from(skew).unwrap_or(i32::MAX)),
            states_came_back: Vec::new(),
            ended_early: false,
            quiet_since: None,
            last_difference: None,
        }
    }

    pub(crate) fn declare(&mut self, at: Timestamp, declared: &Declared) {
        self.declared.push((at, declared.clone()));
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
