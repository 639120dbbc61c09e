//! Two clocks: the planner's, which `CERTCTL_NOW` can pin, and the machine's, which nothing pins.

use certctl_model::Timestamp;
use tokio::time::Instant;

/// What time it is.
///
/// Both clocks advance with tokio's, so that a test on a paused clock lives through years.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    start: Timestamp,
    since: Instant,
    pinned: Option<Timestamp>,
}

impl Clock {
    /// Clocks that start at the real time; `pinned` stops the planner's.
    #[must_use]
    pub fn new(pinned: Option<Timestamp>) -> Self {
        Self {
            start: Timestamp::now(),
            since: Instant::now(),
            pinned,
        }
    }

    /// Clocks of a machine that says `start` now, whatever the real time is; for tests.
    #[doc(hidden)]
    #[must_use]
    pub fn starting_at(start: Timestamp) -> Self {
        Self {
            start,
            since: Instant::now(),
            pinned: None,
        }
    }

    /// The planner's now: what periods end by.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.pinned.unwrap_or_else(|| self.wall())
    }

    /// The machine's now: what leases, timeouts and polls go by.
    #[must_use]
    pub fn wall(&self) -> Timestamp {
        self.start
            .checked_add(self.since.elapsed())
            .unwrap_or(Timestamp::MAX)
    }

    /// Whether the planner's clock is pinned: the API's `Date` is then not compared with it.
    #[must_use]
    pub fn is_pinned(&self) -> bool {
        self.pinned.is_some()
    }
}
