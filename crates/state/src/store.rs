//! The way in: where the documents of all accounts are.
//!
//! *Guarantees*: reading (`load`, `keys`, `previous`) takes no lock, makes nothing, and needs only
//! the right to read.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use object_store::ObjectStore;

use crate::access::Access;
use crate::directory::Directory;
use crate::key::DOCUMENT;
use crate::lease::{LENGTH, Lease, Taken, break_lease};
use crate::lock::{FileLock, refuse_if_held};
use crate::locked::Locked;
use crate::object::{Current, Objects};
use crate::{
    AuditRecord, Document, Holder, Key, Location, LockInfo, Session, StateError, WriteHook,
};

/// The keys of the documents in a local directory, sorted; none if it is not there.
///
/// # Errors
/// When it cannot be listed.
pub fn local_keys(directory: &Path) -> Result<Vec<Key>, StateError> {
    Directory::new(directory).keys()
}

/// The documents of all accounts at one location.
#[derive(Clone)]
pub struct Store {
    location: Location,
    backend: Backend,
    hook: Option<WriteHook>,
    lease: Duration,
}

#[derive(Clone)]
enum Backend {
    Directory(Directory),
    Objects(Objects),
}

impl Store {
    /// Opens a location; nothing is sent or made yet. `env` gives environment variables.
    ///
    /// # Errors
    /// When the environment does not say how to reach it.
    pub fn open(
        location: &Location,
        access: &Access,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, StateError> {
        let backend = match location {
            Location::Directory(root) => Backend::Directory(Directory::new(root)),
            remote => Backend::Objects(crate::connect::open(remote, access, env)?),
        };
        Ok(Self::with_backend(location, backend))
    }

    /// Uses an object store that is open already, such as one in memory; for tests.
    #[doc(hidden)]
    #[must_use]
    pub fn over(store: Arc<dyn ObjectStore>, location: &Location) -> Self {
        let objects = Objects::new(store, location.clone(), Vec::new());
        Self::with_backend(location, Backend::Objects(objects))
    }

    fn with_backend(location: &Location, backend: Backend) -> Self {
        Self {
            location: location.clone(),
            backend,
            hook: None,
            lease: LENGTH,
        }
    }

    /// The same store, with leases of another length (whole seconds, at least one) than 90 s: one lets
    /// requests be sent that take up to two thirds of its length.
    #[must_use]
    pub fn with_lease(mut self, length: Duration) -> Self {
        self.lease = length;
        self
    }

    /// The same store, with a hook that is asked at each point of each write; for tests.
    #[must_use]
    pub fn with_hook(mut self, hook: WriteHook) -> Self {
        self.hook = Some(hook);
        self
    }

    /// Where the documents are.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// The document of an account; none before its first save.
    ///
    /// # Errors
    /// When it cannot be read, or is not a document that this version may use.
    pub async fn load(&self, key: &Key) -> Result<Option<Document>, StateError> {
        match &self.backend {
            Backend::Directory(directory) => directory.load(key),
            Backend::Objects(objects) => Ok(objects.current(key).await?.document),
        }
    }

    /// The version before the one that `load` gives, if there is one.
    ///
    /// # Errors
    /// As for `load`.
    pub async fn previous(&self, key: &Key) -> Result<Option<Document>, StateError> {
        match &self.backend {
            Backend::Directory(directory) => directory.previous(key),
            Backend::Objects(objects) => objects.previous(key).await,
        }
    }

    /// The keys of all documents, sorted. In a bucket, `load` may find none for a key whose lease
    /// was taken over before its first save.
    ///
    /// # Errors
    /// When the location cannot be listed.
    pub async fn keys(&self) -> Result<Vec<Key>, StateError> {
        match &self.backend {
            Backend::Directory(directory) => directory.keys(),
            Backend::Objects(objects) => objects.keys().await,
        }
    }

    /// Holds an account's document exclusively, waiting up to `timeout` for another holder.
    ///
    /// # Errors
    /// `Locked` when another still holds it then; and as for `load`: what cannot be read is not
    /// held either, so that nobody saves over it.
    pub async fn lock(
        &self,
        key: &Key,
        holder: &Holder,
        timeout: Duration,
    ) -> Result<Session, StateError> {
        let (held, base) = match &self.backend {
            Backend::Directory(directory) => hold_file(directory, key, holder, timeout).await?,
            Backend::Objects(objects) => {
                let taken = Lease::acquire(objects, key, holder, self.lease, timeout).await?;
                hold_object(objects, key, taken).await?
            }
        };
        Ok(Session::new(key.clone(), held, base, self.hook.clone()))
    }

    /// Adds a record of a request; durable when this returns. It takes no lock: every record has a
    /// name of its own.
    ///
    /// # Errors
    /// When it was not written, or that is not known.
    pub async fn append_audit(&self, key: &Key, record: &AuditRecord) -> Result<(), StateError> {
        match &self.backend {
            Backend::Directory(directory) => directory.append_audit(key, record),
            Backend::Objects(objects) => objects.append_audit(key, record).await,
        }
    }

    /// The records of an account, oldest first.
    ///
    /// # Errors
    /// When they cannot be read, or one of them is not what was written.
    pub async fn audit(&self, key: &Key) -> Result<Vec<AuditRecord>, StateError> {
        match &self.backend {
            Backend::Directory(directory) => directory.audit(key),
            Backend::Objects(objects) => objects.audit(key).await,
        }
    }

    /// Breaks the lock of an account, and gives who held it; none if it was free.
    ///
    /// # Errors
    /// `Locked` for a file: its lock ends with the process that holds it, and in no other way. For
    /// an object, when the store does not answer.
    pub async fn unlock(&self, key: &Key) -> Result<Option<LockInfo>, StateError> {
        match &self.backend {
            Backend::Directory(directory) => {
                refuse_if_held(&directory.lock_path(key)?)?;
                Ok(None)
            }
            Backend::Objects(objects) => break_lease(objects, key).await,
        }
    }
}

async fn hold_file(
    directory: &Directory,
    key: &Key,
    holder: &Holder,
    timeout: Duration,
) -> Result<(Locked, Option<Document>), StateError> {
    directory.prepare(key)?;
    let lock = FileLock::acquire(&directory.lock_path(key)?, holder, timeout).await?;
    directory.sweep(key)?;
    let base = directory.load(key)?;
    writable(base.as_ref(), || {
        Ok(directory.path(key)?.display().to_string())
    })?;
    let held = Locked::File {
        directory: directory.clone(),
        lock,
    };
    Ok((held, base))
}

async fn hold_object(
    objects: &Objects,
    key: &Key,
    Taken { lease, clean }: Taken,
) -> Result<(Locked, Option<Document>), StateError> {
    let taken = async {
        let current = if clean {
            objects.current(key).await?
        } else {
            objects.fence(key).await?
        };
        writable(current.document.as_ref(), || objects.place(key, DOCUMENT))?;
        Ok(current)
    };
    match taken.await {
        Ok(Current { document, version }) => {
            let held = Locked::Object {
                objects: objects.clone(),
                lease: Box::new(lease),
                version,
            };
            Ok((held, document))
        }
        Err(error) => {
            // The reason is worth more than a failure to let go; a lease ends by itself.
            let _ = lease.release(clean).await;
            Err(error)
        }
    }
}

/// Refuses a document whose next version would lose what this certctl does not know.
fn writable(
    document: Option<&Document>,
    place: impl FnOnce() -> Result<String, StateError>,
) -> Result<(), StateError> {
    match document.and_then(Document::unwritable) {
        None => Ok(()),
        Some(defect) => Err(StateError::Unusable {
            place: place()?,
            defect,
            previous: None,
        }),
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Store({})", self.location)
    }
}
