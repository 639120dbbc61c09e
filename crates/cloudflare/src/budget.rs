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
//! Pauses have an end (law 13): no single one, and not all of them in sum, is longer than `patience`.
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
    /// No pause is longer than this, whatever the API says, nor are all of them in sum.
    patience: Duration,
}

/// The API made everything wait for longer than anybody wants to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exhausted;

struct Bucket {
    limited: bool,
    tokens: f64,
    filled_at: Instant,
    paused_until: Option<Instant>,
    /// How long requests were held back by pauses, in sum.
    paused: Duration,
}

impl Budget {
    /// A full budget; one that is not `limited` only knows pauses.
    pub(crate) fn new(limited: bool, patience: Duration) -> Self {
        Self {
            turn: tokio::sync::Mutex::new(()),
            read_turn: tokio::sync::Mutex::new(()),
            bucket: Mutex::new(Bucket {
                limited,
                tokens: BURST,
                filled_at: Instant::now(),
                paused_until: None,
                paused: Duration::ZERO,
            }),
            patience,
        }
    }

    /// Waits until so many requests may leave at once, and counts them: at most [`BURST`].
    pub(crate) async fn take(&self, requests: u32, urgency: Urgency) -> Result<(), Exhausted> {
        let _read_turn = match urgency {
            Urgency::Read => Some(self.read_turn.lock().await),
            Urgency::Write => None,
        };
        let _turn = self.turn.lock().await;
        while let Some(until) = self.spend(f64::from(requests)) {
            let Some(pause) = self.pause_left() else {
                tokio::time::sleep_until(until).await;
                continue;
            };
            let left = self.patience.saturating_sub(self.bucket().paused);
            if left.is_zero() {
                return Err(Exhausted);
            }
            let wait = pause.min(left);
            tokio::time::sleep(wait).await;
            self.bucket().paused += wait;
        }
        Ok(())
    }

    /// So many requests that were counted do not leave after all.
    pub(crate) fn give_back(&self, requests: u32) {
        let mut bucket = self.bucket();
        bucket.tokens = (bucket.tokens + f64::from(requests)).min(BURST);
    }

    /// For how long nothing leaves now, because the API says so.
    pub(crate) fn pause_left(&self) -> Option<Duration> {
        let until = self.bucket().paused_until?;
        let left = until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    /// Nothing leaves for this long.
    pub(crate) fn pause(&self, time: Duration) {
        let until = Instant::now() + time.min(self.patience);
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

    /// Takes `cost` tokens if they are there, or says until when to wait.
    fn spend(&mut self, cost: f64) -> Option<Instant> {
        let now = Instant::now();
        if let Some(until) = self.paused_until.filter(|until| *until > now) {
            return Some(until);
        }
        if !self.limited {
            return None;
        }
        self.fill();
        if self.tokens >= cost {
            self.tokens -= cost;
            return None;
        }
        // A little more, so that rounding never makes it wake a moment too early.
        let missing = (cost - self.tokens) / PER_SECOND + 0.001;
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
            budget.take(1, Urgency::Read).await.unwrap();
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
                budget.take(1, Urgency::Read).await.unwrap();
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
                budget.take(1, urgency).await.unwrap();
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
            assert_eq!(budget.pause_left(), Some(Duration::from_secs(30)));
            assert_eq!(seconds_for(&budget, 1).await, 30.0);
            assert_eq!(budget.pause_left(), None);
            let budget = Budget::new(limited, PAUSE);
            budget.pause(Duration::MAX);
            assert_eq!(seconds_for(&budget, 1).await, 300.0);
        }
    }

    /// `ratelimit: r=0;t=1000000000` on each answer.
    #[tokio::test(start_paused = true)]
    async fn pauses_end_in_sum() {
        let budget = Budget::new(false, PAUSE);
        let start = Instant::now();
        let mut taken = 0;
        while budget.take(1, Urgency::Write).await.is_ok() {
            budget.learn("\"default\";r=0;t=100");
            taken += 1;
        }
        assert_eq!(taken, 4);
        assert_eq!(start.elapsed().as_secs(), 300);
    }

    #[tokio::test(start_paused = true)]
    async fn several_are_taken_at_once_and_given_back() {
        let budget = Budget::new(true, PAUSE);
        budget.learn("\"default\";r=2;t=30");
        let start = Instant::now();
        budget.take(3, Urgency::Write).await.unwrap();
        let waited = start.elapsed().as_secs_f64();
        assert!((0.3..0.4).contains(&waited), "{waited}");
        budget.give_back(2);
        assert_eq!(seconds_for(&budget, 2).await, 0.0);
        assert!(seconds_for(&budget, 1).await > 0.29);
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
