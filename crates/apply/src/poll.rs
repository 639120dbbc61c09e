//! How long to wait before asking again.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(10);

/// Waits that grow by half, from a quarter of a second to ten seconds.
#[derive(Debug)]
pub(crate) struct Poll {
    next: Duration,
}

impl Poll {
    pub(crate) fn new() -> Self {
        Self { next: FIRST }
    }

    /// Starts again with short waits: something happened.
    pub(crate) fn reset(&mut self) {
        self.next = FIRST;
    }

    /// How long to wait now; the next wait is longer.
    pub(crate) fn next(&mut self) -> Duration {
        let wait = self.next;
        self.next = (wait * 3 / 2).min(LONGEST);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_ten_seconds_and_start_again() {
        let mut poll = Poll::new();
        let waits: Vec<u128> = (0..12).map(|_| poll.next().as_millis()).collect();
        assert_eq!(
            waits,
            [
                250, 375, 562, 843, 1_265, 1_898, 2_847, 4_271, 6_407, 9_610, 10_000, 10_000
            ]
        );
        poll.reset();
        assert_eq!(poll.next(), FIRST);
    }
}
