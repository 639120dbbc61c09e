//! How long to wait before asking again.

use std::time::Duration;

use tokio::time::Instant;

const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(10);

/// Waits that grow by half from a quarter of a second to ten seconds, up to a deadline.
#[derive(Debug)]
pub(crate) struct Poll {
    next: Duration,
    deadline: Instant,
}

impl Poll {
    pub(crate) fn new(timeout: Duration) -> Self {
        let now = Instant::now();
        Self {
            next: FIRST,
            deadline: now.checked_add(timeout).unwrap_or(now + LONGEST * 360_000),
        }
    }

    /// Starts again with short waits: something happened.
    pub(crate) fn reset(&mut self) {
        self.next = FIRST;
    }

    /// Waits; says `false`, without waiting, once the deadline has passed.
    pub(crate) async fn wait(&mut self) -> bool {
        let now = Instant::now();
        if now >= self.deadline {
            return false;
        }
        tokio::time::sleep(self.next.min(self.deadline - now)).await;
        self.next = (self.next * 3 / 2).min(LONGEST);
        true
    }
}
