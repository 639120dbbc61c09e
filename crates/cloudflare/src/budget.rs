//! How many requests may leave.
//!
//! *Purpose*: stay below Cloudflare's limit of 1,200 requests in 5 minutes per token (developer
//! docs, "Rate limits"), for whoever exceeds it is locked out of the whole API for 5 minutes,
//! dashboard included. Each token has one budget; all clones of a client share them.
//!
//! *Expected flow*: a token bucket: 200 requests at once, refilled at 1,000 per 5 minutes, so that
//! no 5 minutes ever see more than 1,200. What the API says of itself corrects it: a 429 pauses
//! everything for its `retry-after`, `Ratelimit: "default";r=50;t=30` leaves 50 tokens at most, and
//! `r=0` pauses for `t` seconds. Writes go before reads, and both in the order of their arrival.
//!
//! *Caveats*: a loopback API has no limit of its own, so there only the pauses count.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

const BURST: f64 = 200.0;
const PER_SECOND: f64 = 1_000.0 / 300.0;

/// What a request does: those that write go before those that read, which can better wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Urgency {
    /// It reads.
    Read,
    /// It changes something.
    Write,
}

/// A token bucket on tokio's clock.
pub(crate) struct Budget {
    /// Held by whoever is next: tokio's mutex is fair.
    turn: tokio::sync::Mutex<()>,
    /// Held by the one read that stands in that queue; the other reads wait here. So no write waits for
    /// more than one read.
    read_turn: tokio::sync::Mutex<()>,
    bucket: Mutex<Bucket>,
    /// No pause is longer than this, whatever the API says.
    longest_pause: Duration,
}

struct Bucket {
    limited: bool,
    tokens: f64,
    filled_at: Instant,
    paused_until: Option<Instant>,
}

impl Budget {
    /// A full budget; one that is not `limited` only knows pauses.
    pub(crate) fn new(limited: bool, longest_pause: Duration) -> Self {
        Self {
            turn: tokio::sync::Mutex::new(()),
            read_turn: tokio::sync::Mutex::new(()),
            bucket: Mutex::new(Bucket {
                limited,
                tokens: BURST,
                filled_at: Instant::now(),
                paused_until: None,
            }),
            longest_pause,
        }
    }

    /// Waits until a request may leave, and counts it.
    pub(crate) async fn take(&self, urgency: Urgency) {
        let _read_turn = match urgency {
            Urgency::Read => Some(self.read_turn.lock().await),
            Urgency::Write => None,
        };
        self.wait(1.0).await;
    }

    /// Waits until a request could leave, without counting one.
    pub(crate) async fn ready(&self) {
        self.wait(0.0).await;
    }

    async fn wait(&self, cost: f64) {
        let _turn = self.turn.lock().await;
        while let Some(until) = self.spend(cost) {
            tokio::time::sleep_until(until).await;
        }
    }

    /// Nothing leaves for this long.
    pub(crate) fn pause(&self, time: Duration) {
        let until = Instant::now() + time.min(self.longest_pause);
        let mut bucket = self.bucket();
        bucket.paused_until = bucket.paused_until.max(Some(until));
    }

    /// Takes over what the API says is left. Headers in no known form say nothing.
    pub(crate) fn learn(&self, ratelimit: &str) {
        for (remaining, seconds) in ratelimit.split(',').filter_map(item) {
            if remaining == 0 {
                self.pause(Duration::from_secs(seconds));
            }
            let mut bucket = self.bucket();
            bucket.fill();
            bucket.tokens = bucket.tokens.min(f64::from(remaining));
        }
    }

    /// A method of its own so that the lock is never held while waiting.
    fn spend(&self, cost: f64) -> Option<Instant> {
        self.bucket().spend(cost)
    }

    fn bucket(&self) -> std::sync::MutexGuard<'_, Bucket> {
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bucket {
    fn fill(&mut self) {
        let now = Instant::now();
        let gained = (now - self.filled_at).as_secs_f64() * PER_SECOND;
        self.tokens = (self.tokens + gained).min(BURST);
        self.filled_at = now;
    }

    /// Takes `cost` tokens if one is there, or says until when to wait.
    fn spend(&mut self, cost: f64) -> Option<Instant> {
        let now = Instant::now();
        if let Some(until) = self.paused_until.filter(|until| *until > now) {
            return Some(until);
        }
        if !self.limited {
            return None;
        }
        self.fill();
        if self.tokens >= 1.0 {
            self.tokens -= cost;
            return None;
        }
        // A little more, so that rounding never makes it wake a moment too early.
        let missing = (1.0 - self.tokens) / PER_SECOND + 0.001;
        Some(now + Duration::from_secs_f64(missing))
    }
}

/// One item of the header: `"default";r=50;t=30`, as requests left and seconds to the next window.
fn item(item: &str) -> Option<(u32, u64)> {
    let value = |key: &str| {
        let mut parameters = item.split(';').skip(1);
        parameters.find_map(|p| p.trim().strip_prefix(key)?.strip_prefix('='))
    };
    let seconds = value("t").and_then(|t| t.parse().ok()).unwrap_or(0);
    Some((value("r")?.parse().ok()?, seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Duration = Duration::from_secs(300);

    async fn seconds_for(budget: &Budget, requests: u32) -> f64 {
        let start = Instant::now();
        for _ in 0..requests {
            budget.take(Urgency::Read).await;
        }
        start.elapsed().as_secs_f64()
    }

    #[tokio::test(start_paused = true)]
    async fn no_five_minutes_see_more_than_1200() {
        let budget = Budget::new(true, PAUSE);
        assert_eq!(seconds_for(&budget, 200).await, 0.0);
        let rest = seconds_for(&budget, 1_000).await;
        assert!((299.0..305.0).contains(&rest), "{rest}");
    }

    #[tokio::test(start_paused = true)]
    async fn clones_wait_in_order() {
        let budget = std::sync::Arc::new(Budget::new(true, PAUSE));
        seconds_for(&budget, 200).await;
        let order = std::sync::Arc::new(Mutex::new(Vec::new()));
        let waiters = (0..20).map(|n| {
            let (budget, order) = (budget.clone(), order.clone());
            tokio::spawn(async move {
                budget.take(Urgency::Read).await;
                order.lock().unwrap().push(n);
            })
        });
        for waiter in waiters.collect::<Vec<_>>() {
            waiter.await.unwrap();
        }
        assert_eq!(*order.lock().unwrap(), (0..20).collect::<Vec<_>>());
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_waits_for_one_read_at_most() {
        let budget = std::sync::Arc::new(Budget::new(true, PAUSE));
        seconds_for(&budget, 200).await;
        let order = std::sync::Arc::new(Mutex::new(Vec::new()));
        let mut waiters = Vec::new();
        for (name, urgency) in [
            ("read 1", Urgency::Read),
            ("read 2", Urgency::Read),
            ("read 3", Urgency::Read),
            ("write 1", Urgency::Write),
            ("write 2", Urgency::Write),
        ] {
            let (budget, order) = (budget.clone(), order.clone());
            waiters.push(tokio::spawn(async move {
                budget.take(urgency).await;
                order.lock().unwrap().push(name);
            }));
        }
        for waiter in waiters {
            waiter.await.unwrap();
        }
        let order = order.lock().unwrap().clone();
        assert_eq!(order, ["read 1", "write 1", "write 2", "read 2", "read 3"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_everything_and_is_capped() {
        for limited in [true, false] {
            let budget = Budget::new(limited, PAUSE);
            budget.pause(Duration::from_secs(30));
            budget.pause(Duration::from_secs(3));
            let start = Instant::now();
            budget.ready().await;
            assert_eq!(start.elapsed().as_secs(), 30);
            budget.pause(Duration::MAX);
            assert_eq!(seconds_for(&budget, 1).await as u64, 300);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_header_is_believed() {
        let budget = Budget::new(true, PAUSE);
        budget.learn("\"default\";r=50;t=30");
        assert_eq!(seconds_for(&budget, 50).await, 0.0);
        assert!(seconds_for(&budget, 1).await > 0.2);

        let budget = Budget::new(true, PAUSE);
        budget.learn("\"burst\"; r=7; t=1, \"default\";r=0;t=12");
        let waited = seconds_for(&budget, 1).await;
        assert!((12.0..12.1).contains(&waited), "{waited}");

        let budget = Budget::new(true, PAUSE);
        for nonsense in [
            "",
            "default",
            ";r=",
            ";r=-1;t=5",
            "r=0",
            "\"x\";r=99999999999;t=1",
        ] {
            budget.learn(nonsense);
        }
        assert_eq!(seconds_for(&budget, 200).await, 0.0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_loopback_api_is_not_limited() {
        let budget = Budget::new(false, PAUSE);
        assert_eq!(seconds_for(&budget, 5_000).await, 0.0);
    }
}
