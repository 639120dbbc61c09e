//! Who is at work: how many accounts at once, and how many have begun.
//!
//! *Purpose*: an account that only waits (for Cloudflare's edge, its token's budget, a repeat, another
//! run's lock) holds up nobody: it gives up its seat, and takes one again before it goes on. Whoever has
//! begun holds a lock and a state, so that their number is bounded, too.
//!
//! *Guarantees*: what was begun is finished before more is begun: who comes back waits for at most one
//! that begins. *Invariant*: whoever waits in [`Seats::begin`] must be polled, for others stand behind it.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many accounts may have begun beside those at work. Each holds the file of its lock: with these, a
/// process stays below the 256 files that some systems allow it.
const RESTING: usize = 128;

/// The seats of a run.
pub struct Seats {
    /// Held by the one that begins next: so nobody who comes back waits for two of them.
    door: tokio::sync::Mutex<()>,
    begun: Arc<Semaphore>,
    at_work: Arc<Semaphore>,
}

/// The seat of one account; dropping it lets another one begin.
pub struct Seat {
    at_work: Arc<Semaphore>,
    held: Mutex<Option<OwnedSemaphorePermit>>,
    _begun: Option<OwnedSemaphorePermit>,
}

impl Seats {
    /// So many accounts at work at once, at least one.
    #[must_use]
    pub fn new(at_work: usize) -> Self {
        let at_work = at_work.clamp(1, Semaphore::MAX_PERMITS / 2);
        Self {
            door: tokio::sync::Mutex::new(()),
            begun: Arc::new(Semaphore::new(at_work + RESTING)),
            at_work: Arc::new(Semaphore::new(at_work)),
        }
    }

    /// Waits for a seat to begin at: in the order of the calls.
    pub async fn begin(&self) -> Seat {
        let _door = self.door.lock().await;
        let seat = Seat {
            at_work: self.at_work.clone(),
            held: Mutex::new(None),
            // Neither semaphore is ever closed.
            _begun: self.begun.clone().acquire_owned().await.ok(),
        };
        seat.take().await;
        seat
    }
}

impl Seat {
    /// Takes the seat again, if it was given up.
    pub async fn take(&self) {
        if self.held().is_none() {
            let taken = self.at_work.clone().acquire_owned().await.ok();
            *self.held() = taken;
        }
    }

    /// What `wait` comes to. Where that takes time, others have the seat meanwhile; it is held again when
    /// this returns, and not when this is dropped before.
    pub async fn rest<T>(&self, wait: impl Future<Output = T>) -> T {
        let mut wait = pin!(wait);
        let done = poll_fn(|context| {
            Poll::Ready(match wait.as_mut().poll(context) {
                Poll::Ready(done) => Some(done),
                Poll::Pending => None,
            })
        });
        if let Some(done) = done.await {
            return done;
        }
        drop(self.held().take());
        let done = wait.await;
        self.take().await;
        done
    }

    fn held(&self) -> MutexGuard<'_, Option<OwnedSemaphorePermit>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The same for whoever may have no seat.
pub(crate) async fn rest<T>(seat: Option<&Seat>, wait: impl Future<Output = T>) -> T {
    match seat {
        Some(seat) => seat.rest(wait).await,
        None => wait.await,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::task::JoinSet;
    use tokio::time::{sleep, timeout};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn who_waits_holds_up_nobody_and_comes_back_before_the_next_begins() {
        let (seats, told) = (Arc::new(Seats::new(1)), Arc::new(Mutex::new(Vec::new())));
        let mut runs = JoinSet::new();
        for who in 1..=4 {
            let (seats, told) = (seats.clone(), told.clone());
            let tell = move |what| told.lock().unwrap().push(format!("{who} {what}"));
            runs.spawn(async move {
                let seat = seats.begin().await;
                tell("begins");
                sleep(SECOND).await;
                seat.rest(sleep(SECOND / 2)).await;
                tell("is back");
                sleep(SECOND).await;
            });
        }
        runs.join_all().await;
        let told = told.lock().unwrap().join(", ");
        // One stood in the line whenever somebody came back, and never two.
        assert_eq!(
            told,
            "1 begins, 2 begins, 3 begins, 1 is back, 4 begins, 2 is back, 3 is back, 4 is back"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_are_at_work_and_no_more_have_begun() {
        let seats = Arc::new(Seats::new(2));
        let most = Arc::new(Mutex::new([(0_usize, 0_usize); 2]));
        let mut runs = JoinSet::new();
        for _ in 0..1_000 {
            let (seats, most) = (seats.clone(), most.clone());
            let count = move |of: usize, more: usize, less: usize| {
                let (now, highest) = &mut most.lock().unwrap()[of];
                *now = *now + more - less;
                *highest = (*highest).max(*now);
            };
            runs.spawn(async move {
                let seat = seats.begin().await;
                count(0, 1, 0);
                for _ in 0..3 {
                    count(1, 1, 0);
                    sleep(SECOND / 100).await;
                    count(1, 0, 1);
                    seat.rest(sleep(1_000 * SECOND)).await;
                }
                count(0, 0, 1);
            });
        }
        runs.join_all().await;
        assert_eq!(*most.lock().unwrap(), [(0, 2 + RESTING), (0, 2)]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_is_given_up_leaves_the_seat_to_be_taken_again() {
        let seats = Seats::new(1);
        let seat = seats.begin().await;
        let given_up = timeout(SECOND, seat.rest(sleep(2 * SECOND))).await;
        assert!(given_up.is_err());
        let other = seats.begin().await;
        assert!(timeout(SECOND, seat.take()).await.is_err());
        drop(other);
        seat.take().await;
        seat.take().await;
        assert!(timeout(SECOND, seats.begin()).await.is_err());
        drop(seat);
        seats.begin().await;
    }
}
