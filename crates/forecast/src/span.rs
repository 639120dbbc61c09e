//! The time that a forecast covers.

use certctl_model::{Period, Timestamp};

/// Which time a forecast covers, and when `apply` runs in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its first instant, and that of the first run.
    pub from: Timestamp,
    /// Its last instant.
    pub until: Timestamp,
    /// Between two runs.
    pub every: Period,
}

impl Span {
    /// The first run at or after `at`, of those after `now`.
    pub(crate) fn next(self, now: Timestamp, at: Timestamp) -> Option<Timestamp> {
        let every = i128::from(self.every.as_seconds().max(1)) * 1_000_000_000;
        let gone = |to: Timestamp| to.as_nanosecond() - self.from.as_nanosecond();
        let after = gone(now).div_euclid(every) + 1;
        let reached = (gone(at) + every - 1).div_euclid(every);
        let tick = self.from.as_nanosecond() + every * after.max(reached);
        let tick = Timestamp::from_nanosecond(tick).ok()?;
        (tick <= self.until).then_some(tick)
    }
}
