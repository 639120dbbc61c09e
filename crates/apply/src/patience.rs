//! How long a run waits, for anything: until its time is up, or somebody asks it to stop (law 13).

use std::future::Future;
use std::time::Duration;

use certctl_cloudflare::Client;
use certctl_model::AccountId;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

/// Why a run stops waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Impatience {
    /// Its time is up.
    TimedOut,
    /// Somebody asked it to stop.
    Stopped,
}

/// A wait for the API, or for another run, that takes longer than this is said.
const WORTH_SAYING: Duration = Duration::from_secs(10);
/// A lock that is not taken within this is somebody's.
const HELD: Duration = Duration::from_secs(1);
/// How often a wait looks whether the API made a pause of it.
const GLANCE: Duration = Duration::from_millis(250);
/// The deadline where `--wait-timeout` is too long for any clock: a hundred years.
const AGES: Duration = Duration::from_secs(36_500 * 86_400);

/// How long one account waits, in sum.
#[derive(Debug, Clone)]
pub(crate) struct Patience {
    deadline: Instant,
    stop: watch::Receiver<bool>,
}

impl Patience {
    /// So much patience from now on, which ends when `stop` says so.
    pub(crate) fn new(timeout: Duration, stop: watch::Receiver<bool>) -> Self {
        let now = Instant::now();
        Self {
            deadline: now.checked_add(timeout).unwrap_or(now + AGES),
            stop,
        }
    }

    /// Whether somebody asked to stop.
    pub(crate) fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }

    /// Waits for so long, or until the time is up; the client's seat is given up meanwhile.
    pub(crate) async fn wait(&self, client: &Client, time: Duration) -> Result<(), Impatience> {
        if Instant::now() >= self.deadline {
            return Err(Impatience::TimedOut);
        }
        let until = (Instant::now() + time).min(self.deadline);
        let wait = async {
            tokio::select! {
                biased;
                () = stopped(self.stop.clone()) => Err(Impatience::Stopped),
                () = sleep_until(until) => Ok(()),
            }
        };
        client.rest(wait).await
    }

    /// What `work` comes to, which does nothing that must not be dropped: a read, or the wait for
    /// leave to send. The time that requests take is theirs; the time for which the API holds them
    /// back is ours: when it is long, `say` is told, and once our time is up, it ends the wait.
    pub(crate) async fn hear<T>(
        &self,
        client: &Client,
        account: &AccountId,
        say: impl Fn(Duration),
        work: impl Future<Output = T>,
    ) -> Result<T, Impatience> {
        let heard = self.listen(client, account, say, work).await;
        if heard.is_err() {
            client.take_seat().await;
        }
        heard
    }

    async fn listen<T>(
        &self,
        client: &Client,
        account: &AccountId,
        say: impl Fn(Duration),
        work: impl Future<Output = T>,
    ) -> Result<T, Impatience> {
        let stop = stopped(self.stop.clone());
        tokio::pin!(work, stop);
        let mut said = false;
        loop {
            tokio::select! {
                biased;
                done = &mut work => return Ok(done),
                () = &mut stop => return Err(Impatience::Stopped),
                () = sleep(GLANCE) => {}
            }
            let Some(left) = client.pause_left(account) else {
                continue;
            };
            if Instant::now() >= self.deadline {
                return Err(Impatience::TimedOut);
            }
            if left > WORTH_SAYING && !said {
                said = true;
                say(left);
            }
        }
    }
}

/// What `lock` comes to: once that takes longer than its own requests do, the client's seat is given up;
/// `say` is told once it takes long.
pub(crate) async fn aloud<T>(
    client: &Client,
    lock: impl Future<Output = T>,
    say: impl FnOnce(),
) -> T {
    tokio::pin!(lock);
    tokio::select! {
        biased;
        done = &mut lock => return done,
        () = sleep(HELD) => {}
    }
    let wait = async {
        tokio::select! {
            biased;
            done = &mut lock => return done,
            () = sleep(WORTH_SAYING.saturating_sub(HELD)) => say(),
        }
        lock.await
    };
    client.rest(wait).await
}

/// Returns once somebody asked to stop; never, where nobody can any more.
pub(crate) async fn stopped(mut stop: watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}
