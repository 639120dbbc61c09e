//! The one clock of a sandbox, which can be moved.
//!
//! It runs on tokio's clock, so that a test with a paused runtime moves it too, and it keeps its
//! distance from real time, so that a restart goes on where the moved clock would be by now.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// A start, what has passed since, and how far from real time it has been moved.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    base: Timestamp,
    started: Instant,
    offset: SignedDuration,
}

impl Clock {
    /// A clock that is `offset` ahead of real time.
    pub(crate) fn with_offset(offset: SignedDuration) -> Self {
        let real = Timestamp::now();
        Self {
            base: real.checked_add(offset).unwrap_or(real),
            started: Instant::now(),
            offset,
        }
    }

    /// A clock that says `start` now.
    pub(crate) fn starting_at(start: Timestamp) -> Self {
        Self {
            base: start,
            started: Instant::now(),
            offset: start.duration_since(Timestamp::now()),
        }
    }

    /// The time, in whole microseconds: the API tells no more than six digits.
    pub(crate) fn now(&self) -> Timestamp {
        let elapsed = self.started.elapsed();
        let now = self.base.checked_add(elapsed).unwrap_or(Timestamp::MAX);
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }

    /// Moves the clock ahead. It stops at the end of representable time.
    pub(crate) fn advance(&mut self, by: Duration) {
        let signed = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        self.base = self.base.checked_add(by).unwrap_or(Timestamp::MAX);
        self.offset = self.offset.saturating_add(signed);
    }

    /// Sets the clock, ahead or back.
    pub(crate) fn set(&mut self, to: Timestamp) {
        let by = to.duration_since(self.now());
        self.base = self.base.checked_add(by).unwrap_or(to);
        self.offset = self.offset.saturating_add(by);
    }

    /// How far it is ahead of real time, in milliseconds: what is kept over restarts.
    pub(crate) fn offset_millis(&self) -> i64 {
        i64::try_from(self.offset.as_millis()).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_paused_runtime_moves_it() {
        let clock = Clock::starting_at("2026-11-23T00:00:00Z".parse().unwrap());
        tokio::time::advance(Duration::from_secs(90)).await;
        assert_eq!(clock.now().to_string(), "2026-11-23T00:01:30Z");
    }

    #[tokio::test(start_paused = true)]
    async fn it_can_be_moved_ahead_and_back() {
        let mut clock = Clock::starting_at("2026-11-23T00:00:00Z".parse().unwrap());
        clock.advance(Duration::from_secs(86_400));
        assert_eq!(clock.now().to_string(), "2026-11-24T00:00:00Z");
        clock.set("2026-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(clock.now().to_string(), "2026-01-01T00:00:00Z");
    }

    #[test]
    fn a_kept_offset_brings_the_time_back() {
        let mut clock = Clock::with_offset(SignedDuration::ZERO);
        clock.advance(Duration::from_secs(1_000_000));
        let again = Clock::with_offset(SignedDuration::from_millis(clock.offset_millis()));
        let apart = again.now().duration_since(clock.now()).abs();
        assert!(apart < SignedDuration::from_secs(5));
    }
}
