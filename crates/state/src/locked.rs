//! What keeps others out of a document, and the way to it: one shape for files and objects.

use std::io;
use std::time::Duration;

use object_store::UpdateVersion;

use crate::directory::Directory;
use crate::key::DOCUMENT;
use crate::lease::Lease;
use crate::lock::FileLock;
use crate::object::Objects;
use crate::{Document, Key, StateError, WriteHook, WritePoint};

/// A document that is held.
pub(crate) enum Locked {
    /// A file.
    File {
        /// Where.
        directory: Directory,
        /// What keeps others out.
        lock: FileLock,
    },
    /// An object.
    Object {
        /// Where.
        objects: Objects,
        /// What keeps others out.
        lease: Box<Lease>,
        /// The condition of the next write.
        version: Option<UpdateVersion>,
    },
}

impl Locked {
    /// Refuses when others are no longer kept out, or may not be.
    pub(crate) fn check(&self) -> Result<(), StateError> {
        match self {
            Self::File { lock, .. } => lock.check(),
            Self::Object { lease, .. } => lease.check(),
        }
    }

    /// Whether they certainly are for as long as `longest`.
    pub(crate) fn outlasts(&self, longest: Duration) -> bool {
        match self {
            Self::File { lock, .. } => lock.check().is_ok(),
            Self::Object { lease, .. } => lease.outlasts(longest),
        }
    }

    /// Whether what stands must be looked at before it is replaced, even if the last write is known
    /// to have happened. An object is replaced on a condition that the store checks; a file is not.
    pub(crate) fn must_look(&self) -> bool {
        matches!(self, Self::File { .. })
    }

    /// The document that stands.
    pub(crate) async fn look(&mut self, key: &Key) -> Result<Option<Document>, StateError> {
        match self {
            Self::File { directory, .. } => directory.load(key),
            Self::Object {
                objects, version, ..
            } => {
                let current = objects.current(key).await?;
                *version = current.version;
                Ok(current.document)
            }
        }
    }

    /// Replaces `base`, which stands, by `next`.
    pub(crate) async fn write(
        &mut self,
        key: &Key,
        base: Option<&Document>,
        next: &Document,
        hook: Option<&WriteHook>,
    ) -> Result<(), StateError> {
        match self {
            Self::File { directory, .. } => directory.write(key, next, hook),
            Self::Object {
                objects,
                lease,
                version,
            } => {
                let place = objects.place(key, DOCUMENT)?;
                let ask = |point| match hook {
                    Some(hook) => hook(key, point).map_err(|e| crash(&place, e)),
                    None => Ok(()),
                };
                ask(WritePoint::Before)?;
                if let Some(base) = base {
                    objects.keep(key, base).await?;
                    lease.check()?;
                }
                ask(WritePoint::Torn)?;
                let Some(done) = objects.replace(key, next, version.clone()).await? else {
                    // Whoever took the lease over has changed the document since.
                    lease.check()?;
                    return Err(StateError::Moved { place });
                };
                ask(WritePoint::After)?;
                *version = Some(done);
                Ok(())
            }
        }
    }

    /// Lets others in; `clean` says that nothing may still be in flight.
    pub(crate) async fn release(self, clean: bool) -> Result<(), StateError> {
        match self {
            Self::File { lock, .. } => lock.release(),
            Self::Object { lease, .. } => lease.release(clean).await,
        }
    }

    /// The document's place, for people.
    pub(crate) fn place(&self, key: &Key) -> Result<String, StateError> {
        match self {
            Self::File { directory, .. } => Ok(directory.path(key)?.display().to_string()),
            Self::Object { objects, .. } => objects.place(key, DOCUMENT),
        }
    }
}

fn crash(place: &str, source: io::Error) -> StateError {
    StateError::Io {
        doing: "write",
        place: place.to_owned(),
        source,
    }
}
