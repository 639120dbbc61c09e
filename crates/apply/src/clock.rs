//! Two clocks: the planner's, which `CERTCTL_NOW` can pin, and the machine's, which nothing pins.

use std::sync::atomic::{AtomicU64, Ordering};

use certctl_model::{Machine, MachineTime, Timestamp};
use tokio::time::Instant;

/// What time it is.
///
/// Both clocks advance with tokio's, so that a test on a paused clock lives through years.
#[derive(Debug, Clone)]
pub struct Clock {
    machine: Machine,
    start: Timestamp,
    since: Instant,
    pinned: Option<Timestamp>,
}

impl Clock {
    /// The clocks of this machine, from the real time on; `pinned` stops the planner's.
    #[must_use]
    pub fn new(pinned: Option<Timestamp>) -> Self {
        let start = Timestamp::now();
        Self {
            machine: this_machine(start),
            start,
            since: Instant::now(),
            pinned,
        }
    }

    /// Clocks of another machine, which says `start` now, whatever the real time is; for tests.
    #[doc(hidden)]
    #[must_use]
    pub fn starting_at(start: Timestamp) -> Self {
        static MACHINES: AtomicU64 = AtomicU64::new(0);
        let number = MACHINES.fetch_add(1, Ordering::Relaxed);
        Self {
            machine: Machine(format!("machine {number}").into()),
            start,
            since: Instant::now(),
            pinned: None,
        }
    }

    /// The planner's now: what periods end by. In whole seconds, as the API's `Date` is, for people read
    /// the times that come of it.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let wall = self.wall().0;
        let second = Timestamp::from_second(wall.as_second()).unwrap_or(wall);
        self.pinned.unwrap_or(second)
    }

    /// The machine's now: what leases, timeouts and polls go by.
    #[must_use]
    pub fn wall(&self) -> MachineTime {
        let now = self.start.checked_add(self.since.elapsed());
        MachineTime(now.unwrap_or(Timestamp::MAX))
    }

    /// Which machine's clock that is.
    #[must_use]
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// Whether the planner's clock is pinned: the API's `Date` is then not compared with it.
    #[must_use]
    pub fn is_pinned(&self) -> bool {
        self.pinned.is_some()
    }
}

/// Runs of one boot share a clock. Where the system does not say which boot this is, only one process
/// is known to.
fn this_machine(start: Timestamp) -> Machine {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    Machine(match boot.trim() {
        "" => format!("{}-{}", std::process::id(), start.as_nanosecond()).into(),
        boot => boot.into(),
    })
}
