//! The lock of a document that is an object: a lease that its holder keeps renewing.
//!
//! *Expected flow*: write the lease where there is none; renew it six times within its length; at the
//! end, write over it that it is free. A cancelled job leaves a lease that nobody renews.
//!
//! *Guarantees*: a lease of another is taken over only after it stood unchanged for its whole length,
//! watched on the taker's own monotonic clock; nobody's wall clock decides. The holder counts from
//! before it sent its last renewal that succeeded, so its lease ends for itself before it can end
//! for anybody else. Once it may have ended it has: a holder that was stopped and wakes up finds it
//! lost, whether or not it was taken.
//!
//! *Assumptions*: monotonic clocks of two machines differ by less than a tenth of a lease's length
//! over that length. *Caveats*: a lease cannot be known to be abandoned without being watched, so
//! with no time to wait it counts as held.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use object_store::UpdateVersion;
use object_store::path::Path;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use crate::conditions::prove;
use crate::lease_object::{LeaseObject, Status};
use crate::object::{Objects, Put};
use crate::standing::Standing;
use crate::{Defect, Holder, Key, LockInfo, StateError};

/// After the account's id in the name of its lease.
const LEASE: &str = ".lock.json";
/// How long a lease lasts when its holder does not renew it. A request to the API may take 60 s, and
/// is sent only while the lease certainly outlasts it: what is left of it before its next renewal,
/// less the margin, must be more than that.
pub(crate) const LENGTH: Duration = Duration::from_secs(90);
/// Renewals within that.
const BEATS: u32 = 6;
/// How often a lease that is held is looked at again.
const POLL: Duration = Duration::from_secs(1);
/// How often writes may collide before that is an error.
const TRIES: usize = 20;

/// A lease that this process holds, renewed in the background until it is released or dropped.
pub(crate) struct Lease {
    objects: Objects,
    path: Path,
    place: String,
    content: LeaseObject,
    standing: Arc<Mutex<Standing>>,
    renewal: JoinHandle<()>,
}

/// A lease, and whether its former holder let go of it.
pub(crate) struct Taken {
    pub(crate) lease: Lease,
    /// Otherwise that holder may still be about to write, and the document must be fenced.
    pub(crate) clean: bool,
}

impl Lease {
    /// Takes the lease of a document, waiting up to `patience` for another holder.
    pub(crate) async fn acquire(
        objects: &Objects,
        key: &Key,
        holder: &Holder,
        length: Duration,
        patience: Duration,
    ) -> Result<Taken, StateError> {
        let path = objects.path(key, LEASE)?;
        let place = objects.place(key, LEASE)?;
        let content = LeaseObject::new(holder, length);
        let mut deadline = None;
        let mut watched: Option<(UpdateVersion, Instant)> = None;
        let mut tries = 0;
        loop {
            let found = objects.get(&path).await?;
            let now = Instant::now();
            let deadline = *deadline.get_or_insert(now + patience);
            let (version, clean) = match found {
                None => (None, true),
                Some((bytes, version)) => {
                    let other = decode(&bytes, &place)?;
                    if other.status == Status::Locked {
                        let since = match &watched {
                            Some((seen, since)) if *seen == version => *since,
                            _ => now,
                        };
                        watched = Some((version.clone(), since));
                        let over = since + other.length();
                        if now < over {
                            if now >= deadline {
                                return Err(locked(place, &other));
                            }
                            let next = over.min(deadline).min(now + POLL);
                            sleep(next.saturating_duration_since(now)).await;
                            continue;
                        }
                    }
                    (Some(version), other.status == Status::Released)
                }
            };
            let sent = (Instant::now(), SystemTime::now());
            let bytes = content.encode(&place)?;
            let version = match objects.put(&path, bytes, version).await? {
                Put::Done(version) => Some(version),
                // A conflict may be our own write, whose answer was lost.
                Put::Conflict => match objects.get(&path).await? {
                    Some((bytes, version)) => {
                        (decode(&bytes, &place)?.id == content.id).then_some(version)
                    }
                    None => None,
                },
            };
            if let Some(version) = version {
                let (version, beat) = prove(objects, &path, &place, &content, version).await?;
                let standing = Standing::new(version, beat, sent);
                let lease = Self::start(objects, path, place, content, standing);
                return Ok(Taken { lease, clean });
            }
            tries += 1;
            if tries == TRIES {
                return Err(contended(place));
            }
            sleep(POLL / 10).await;
        }
    }

    fn start(
        objects: &Objects,
        path: Path,
        place: String,
        content: LeaseObject,
        standing: Standing,
    ) -> Self {
        let standing = Arc::new(Mutex::new(standing));
        let renewal = tokio::spawn(keep(
            objects.clone(),
            path.clone(),
            place.clone(),
            content.clone(),
            Arc::clone(&standing),
        ));
        Self {
            objects: objects.clone(),
            path,
            place,
            content,
            standing,
            renewal,
        }
    }

    /// Refuses when the lease is lost, or may be.
    pub(crate) fn check(&self) -> Result<(), StateError> {
        let mut standing = get(&self.standing);
        standing.expire(self.content.length());
        match &standing.lost {
            None => Ok(()),
            Some(why) => Err(StateError::Lost {
                place: self.place.clone(),
                why: why.clone(),
            }),
        }
    }

    /// Whether the lease certainly lasts `longest` from now, with a tenth of its length to spare.
    pub(crate) fn outlasts(&self, longest: Duration) -> bool {
        get(&self.standing).outlasts(longest, self.content.length())
    }

    /// Gives the lease back. With `clean` false the next holder fences the document first, as if
    /// the lease had been abandoned.
    pub(crate) async fn release(mut self, clean: bool) -> Result<(), StateError> {
        self.renewal.abort();
        let _ = (&mut self.renewal).await;
        let (mut version, mut beat) = {
            let standing = get(&self.standing);
            if let Some(why) = &standing.lost {
                tracing::warn!(lock = %self.place, %why, "the lock was lost before its release");
                return Ok(());
            }
            (standing.version.clone(), standing.beat)
        };
        let status = if clean {
            Status::Released
        } else {
            Status::Broken
        };
        for _ in 0..TRIES {
            beat += 1;
            let bytes = self.content.with(status, beat).encode(&self.place)?;
            if let Put::Done(_) = self.objects.put(&self.path, bytes, Some(version)).await? {
                return Ok(());
            }
            // The renewal that was just cut off may have arrived.
            match self.objects.get(&self.path).await? {
                Some((bytes, found)) => {
                    let other = decode(&bytes, &self.place)?;
                    if other.id != self.content.id || other.status != Status::Locked {
                        return Ok(());
                    }
                    beat = beat.max(other.beat);
                    version = found;
                }
                None => return Ok(()),
            }
        }
        Err(contended(self.place.clone()))
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}

/// Breaks the lease of a document, and gives who held it.
pub(crate) async fn break_lease(
    objects: &Objects,
    key: &Key,
) -> Result<Option<LockInfo>, StateError> {
    let path = objects.path(key, LEASE)?;
    let place = objects.place(key, LEASE)?;
    for _ in 0..TRIES {
        let Some((bytes, version)) = objects.get(&path).await? else {
            return Ok(None);
        };
        let (broken, info) = match LeaseObject::decode(&bytes) {
            Ok(other) if other.status != Status::Locked => return Ok(None),
            Ok(other) => (
                other.with(Status::Broken, other.beat.saturating_add(1)),
                Some(other.info()),
            ),
            // What nobody can read protects nothing.
            Err(_) => (LeaseObject::broken(), None),
        };
        if let Put::Done(_) = objects
            .put(&path, broken.encode(&place)?, Some(version))
            .await?
        {
            return Ok(info);
        }
    }
    Err(contended(place))
}

/// Renews a lease until it is lost.
async fn keep(
    objects: Objects,
    path: Path,
    place: String,
    content: LeaseObject,
    standing: Arc<Mutex<Standing>>,
) {
    let length = content.length();
    let every = length / BEATS;
    let again = every / 5;
    let mut pause = every;
    loop {
        sleep(pause).await;
        let (version, beat) = {
            let mut standing = get(&standing);
            standing.expire(length);
            if let Some(why) = &standing.lost {
                tracing::warn!(lock = %place, %why, "the lock is lost");
                return;
            }
            (standing.version.clone(), standing.beat + 1)
        };
        let Ok(bytes) = content.with(Status::Locked, beat).encode(&place) else {
            return;
        };
        let sent = (Instant::now(), SystemTime::now());
        // Shorter than the store's own patience: a renewal that comes too late is none.
        let put = timeout(every, objects.put(&path, bytes, Some(version))).await;
        pause = match put {
            Ok(Ok(Put::Done(version))) => {
                get(&standing).renewed(version, beat, sent);
                (every).saturating_sub(sent.0.elapsed())
            }
            Ok(Ok(Put::Conflict)) => {
                match timeout(every, objects.get(&path)).await {
                    Ok(Ok(found)) => get(&standing).seen(found, &content, beat, sent),
                    _ => tracing::debug!(lock = %place, "the lock could not be read"),
                }
                again
            }
            Ok(Err(error)) => {
                tracing::debug!(lock = %place, %error, "the lock was not renewed");
                again
            }
            Err(_) => again,
        };
    }
}

fn get(standing: &Mutex<Standing>) -> MutexGuard<'_, Standing> {
    standing.lock().unwrap_or_else(PoisonError::into_inner)
}

fn decode(bytes: &[u8], place: &str) -> Result<LeaseObject, StateError> {
    LeaseObject::decode(bytes).map_err(|e| StateError::Unusable {
        place: place.to_owned(),
        defect: Defect::Lock(e.to_string()),
        previous: None,
    })
}

fn locked(place: String, other: &LeaseObject) -> StateError {
    StateError::Locked {
        place,
        by: Some(Box::new(other.info())),
        lease_seconds: Some(other.length().as_secs()),
    }
}

fn contended(place: String) -> StateError {
    StateError::Remote {
        doing: "lock",
        message: format!("{TRIES} writes in a row met a conflict"),
        place,
        hint: Some(
            "others are at work on it, or the store refuses every conditional write".to_owned(),
        ),
    }
}
