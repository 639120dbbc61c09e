//! The lock of a document that is a file: a lock on a file beside it.
//!
//! The kernel holds it for the process and frees it when the process ends, however it ends, so there
//! is nothing to expire and nothing to break. What the file says is for people only.
//!
//! *Assumptions*: one machine, or a network file system that carries `flock`. *Caveats*: the lock is
//! advisory, and the file stays when the lock is free: removing it would let two processes hold two
//! files of one name. That this happened all the same is noticed before each write.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use certctl_files::Links;
use certctl_model::Timestamp;
use tokio::time::{Instant, sleep};

use crate::StateError;
use crate::holder::{Holder, LockInfo};

/// How often a lock that is held is tried again.
const POLL: Duration = Duration::from_millis(100);

/// A lock that this process holds; dropping it frees it.
#[derive(Debug)]
pub(crate) struct FileLock {
    file: File,
    path: PathBuf,
}

impl FileLock {
    /// Takes the lock at `path`, trying for as long as `timeout`.
    pub(crate) async fn acquire(
        path: &Path,
        holder: &Holder,
        timeout: Duration,
    ) -> Result<Self, StateError> {
        let start = Instant::now();
        loop {
            if let Some(mut lock) = Self::try_acquire(path)? {
                lock.sign(holder)
                    .map_err(|e| StateError::io("write", path, e))?;
                return Ok(lock);
            }
            let left = timeout.saturating_sub(start.elapsed());
            if left.is_zero() {
                return Err(locked(path));
            }
            sleep(POLL.min(left)).await;
        }
    }

    fn try_acquire(path: &Path) -> Result<Option<Self>, StateError> {
        let fail = |e| StateError::io("lock", path, e);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let lock = Self {
            file: certctl_files::open(path, &mut options, Links::Refuse).map_err(fail)?,
            path: path.to_owned(),
        };
        match lock.file.try_lock() {
            // Somebody removed the file between its opening and its locking: that lock is worth
            // nothing, the next try takes the new file.
            Ok(()) => Ok(lock.is_named().then_some(lock)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(fail(e)),
        }
    }

    fn sign(&mut self, holder: &Holder) -> io::Result<()> {
        let info = LockInfo {
            holder: holder.clone(),
            since: Timestamp::now(),
        };
        self.file.set_len(0)?;
        self.file.rewind()?;
        serde_json::to_writer(&mut self.file, &info)?;
        self.file.write_all(b"\n")
    }

    /// Whether the file that is locked is still the one of that name.
    #[cfg(unix)]
    fn is_named(&self) -> bool {
        use std::os::unix::fs::MetadataExt as _;
        match (self.file.metadata(), std::fs::symlink_metadata(&self.path)) {
            (Ok(held), Ok(named)) => held.dev() == named.dev() && held.ino() == named.ino(),
            _ => false,
        }
    }

    /// Elsewhere a file that is open cannot be removed.
    #[cfg(not(unix))]
    fn is_named(&self) -> bool {
        self.path.exists()
    }

    /// Refuses when the lock no longer keeps others out.
    pub(crate) fn check(&self) -> Result<(), StateError> {
        if self.is_named() {
            Ok(())
        } else {
            Err(StateError::Lost {
                place: self.path.display().to_string(),
                why: "its file was removed or replaced".to_owned(),
            })
        }
    }

    /// Frees the lock.
    pub(crate) fn release(self) -> Result<(), StateError> {
        let fail = |e| StateError::io("unlock", &self.path, e);
        self.file.set_len(0).map_err(fail)?;
        self.file.unlock().map_err(fail)
    }
}

/// Refuses when the lock at `path` is held; makes nothing.
pub(crate) fn refuse_if_held(path: &Path) -> Result<(), StateError> {
    let file = match certctl_files::open(path, OpenOptions::new().read(true), Links::Refuse) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(StateError::io("read", path, e)),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(locked(path)),
        Err(TryLockError::Error(e)) => Err(StateError::io("lock", path, e)),
    }
}

fn locked(path: &Path) -> StateError {
    StateError::Locked {
        place: path.display().to_string(),
        by: read(path).map(Box::new),
        lease_seconds: None,
    }
}

/// What the holder wrote; nothing while it is being written.
fn read(path: &Path) -> Option<LockInfo> {
    let bytes = certctl_files::read(path, 64 * 1024, Links::Refuse).ok()?;
    serde_json::from_slice(&bytes).ok()
}
