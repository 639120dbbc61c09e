//! Documents as objects of a bucket.
//!
//! ```text
//! <prefix>/<origin>/<account_id>.json            the document, or a fence
//! <prefix>/<origin>/<account_id>.previous.json   the version before it
//! <prefix>/<origin>/<account_id>.lock.json       its lease
//! <prefix>/<origin>/audit/<account_id>/          its audit records
//! ```
//!
//! *Invariants*: documents and leases are only ever written on a condition: that there is none, or
//! that it is still the version that was read. Every version holds an id of its own, so no two have
//! one ETag, and a writer that is told of a conflict can see whether the conflict is its own write
//! whose answer was lost (a retry below us, or S3's habit of calling a write in flight a conflict).
//! Nothing is ever deleted.
//!
//! A **fence** stands where a document will be, when whoever takes a lease over finds none: it kills
//! the condition "there is none" that the former holder may still be about to write on.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use futures::TryStreamExt as _;
use object_store::path::Path;
use object_store::{
    Error, GetOptions, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, UpdateVersion,
};
use serde::{Deserialize, Serialize};

use crate::document::{MAX_BYTES, fresh_id};
use crate::key::{DOCUMENT, PREVIOUS};
use crate::remote::{no_bucket, remote};
use crate::version::FORMAT_VERSION;
use crate::{Defect, Document, Key, Location, StateError};

/// A bucket, or a part of one.
#[derive(Clone)]
pub(crate) struct Objects {
    store: Arc<dyn ObjectStore>,
    location: Location,
    prefix: String,
    /// What must not appear in an error.
    secrets: Arc<[String]>,
    /// Whether the store was seen to keep its conditions.
    proven: Arc<AtomicBool>,
}

/// What became of a write on a condition.
pub(crate) enum Put {
    /// It was written, and this is its version.
    Done(UpdateVersion),
    /// The condition did not hold; or the write happened, and its answer was lost.
    Conflict,
}

/// What stands where a document may be.
#[derive(Default)]
pub(crate) struct Current {
    /// The document; none if there is nothing, or a fence.
    pub(crate) document: Option<Document>,
    /// The condition for replacing it; none if there is nothing.
    pub(crate) version: Option<UpdateVersion>,
}

#[derive(Serialize, Deserialize)]
struct Fence {
    format_version: String,
    kind: String,
    id: String,
}

const FENCE: &str = "fence";
/// How often a fence is tried against a former holder that still writes.
const FENCE_TRIES: usize = 5;

impl Objects {
    pub(crate) fn new(
        store: Arc<dyn ObjectStore>,
        location: Location,
        secrets: Vec<String>,
    ) -> Self {
        Self {
            store,
            prefix: location.prefix().to_owned(),
            location,
            secrets: secrets.into(),
            proven: Arc::default(),
        }
    }

    /// Whether the store was seen to keep its conditions.
    pub(crate) fn proven(&self) -> &AtomicBool {
        &self.proven
    }

    /// The object's name within the bucket.
    pub(crate) fn path(&self, key: &Key, suffix: &str) -> Result<Path, StateError> {
        self.named(&key.name(suffix)?)
    }

    /// The same for any name below the location.
    pub(crate) fn named(&self, name: &str) -> Result<Path, StateError> {
        let whole = match self.prefix.as_str() {
            "" => name.to_owned(),
            prefix => format!("{prefix}/{name}"),
        };
        Path::parse(whole).map_err(|e| self.failed("name", name, &e.into()))
    }

    /// What is directly or indirectly below a name.
    pub(crate) async fn list(&self, name: &str) -> Result<Vec<Path>, StateError> {
        let below = self.named(name)?;
        let objects: Vec<_> = self
            .store
            .list(Some(&below))
            .try_collect()
            .await
            .map_err(|e| self.failed("list", name, &e))?;
        Ok(objects.into_iter().map(|object| object.location).collect())
    }

    /// The object's name for people.
    pub(crate) fn place(&self, key: &Key, suffix: &str) -> Result<String, StateError> {
        Ok(format!("{}/{}", self.location, key.name(suffix)?))
    }

    /// Reads an object and its version; none if there is none. That the bucket is missing is an
    /// error, not an empty answer (law 4).
    pub(crate) async fn get(
        &self,
        path: &Path,
    ) -> Result<Option<(Vec<u8>, UpdateVersion)>, StateError> {
        let fail = |e: &Error| self.failed("read", path.as_ref(), e);
        let answer = match self.store.get_opts(path, GetOptions::default()).await {
            Ok(answer) => answer,
            Err(Error::NotFound { source, .. }) if !no_bucket(source.as_ref()) => return Ok(None),
            Err(e) => return Err(fail(&e)),
        };
        if answer.meta.size > MAX_BYTES {
            return Err(StateError::Unusable {
                place: self.show(path),
                defect: Defect::TooLarge,
                previous: None,
            });
        }
        let version = UpdateVersion {
            e_tag: answer.meta.e_tag.clone(),
            version: answer.meta.version.clone(),
        };
        let bytes = answer.bytes().await.map_err(|e| fail(&e))?;
        Ok(Some((bytes.to_vec(), version)))
    }

    /// Writes an object if it is still `version`, or if there is still none.
    pub(crate) async fn put(
        &self,
        path: &Path,
        bytes: Vec<u8>,
        version: Option<UpdateVersion>,
    ) -> Result<Put, StateError> {
        let options = PutOptions {
            mode: version.map_or(PutMode::Create, PutMode::Update),
            ..PutOptions::default()
        };
        match self.store.put_opts(path, bytes.into(), options).await {
            Ok(done) => Ok(Put::Done(done.into())),
            Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => Ok(Put::Conflict),
            Err(e) => Err(self.failed("write", path.as_ref(), &e)),
        }
    }

    /// What stands where the document may be.
    pub(crate) async fn current(&self, key: &Key) -> Result<Current, StateError> {
        let Some((bytes, version)) = self.get(&self.path(key, DOCUMENT)?).await? else {
            return Ok(Current::default());
        };
        let fence = serde_json::from_slice::<Fence>(&bytes);
        let document = if fence.is_ok_and(|fence| fence.kind == FENCE) {
            None
        } else {
            match Document::decode(&bytes, key) {
                Ok(document) => Some(document),
                Err(defect) => {
                    let usable = matches!(self.previous(key).await, Ok(Some(_)));
                    let previous = usable.then(|| self.place(key, PREVIOUS)).transpose()?;
                    return Err(StateError::Unusable {
                        place: self.place(key, DOCUMENT)?,
                        defect,
                        previous,
                    });
                }
            }
        };
        Ok(Current {
            document,
            version: Some(version),
        })
    }

    /// The version before it, if there is one.
    pub(crate) async fn previous(&self, key: &Key) -> Result<Option<Document>, StateError> {
        let Some((bytes, _)) = self.get(&self.path(key, PREVIOUS)?).await? else {
            return Ok(None);
        };
        match Document::decode(&bytes, key) {
            Ok(document) => Ok(Some(document)),
            Err(defect) => Err(StateError::Unusable {
                place: self.place(key, PREVIOUS)?,
                defect,
                previous: None,
            }),
        }
    }

    /// The keys of all documents, sorted.
    pub(crate) async fn keys(&self) -> Result<Vec<Key>, StateError> {
        let prefix =
            Path::parse(&self.prefix).map_err(|e| self.failed("list", &self.prefix, &e.into()))?;
        let prefix = Some(&prefix).filter(|prefix| !prefix.as_ref().is_empty());
        let objects: Vec<_> = self
            .store
            .list(prefix)
            .try_collect()
            .await
            .map_err(|e| self.failed("list", &self.prefix, &e))?;
        let mut keys: Vec<Key> = objects
            .iter()
            .filter_map(|object| {
                let name = object.location.as_ref().strip_prefix(&self.prefix)?;
                let (folder, file) = name.trim_start_matches('/').split_once('/')?;
                Key::of(folder, file)
            })
            .collect();
        keys.sort();
        Ok(keys)
    }

    /// Keeps a version under the name of the previous one.
    pub(crate) async fn keep(&self, key: &Key, document: &Document) -> Result<(), StateError> {
        let path = self.path(key, PREVIOUS)?;
        let bytes = self.encode(key, document)?;
        match self.store.put(&path, bytes.into()).await {
            Ok(_) => Ok(()),
            Err(e) => Err(self.failed("write", path.as_ref(), &e)),
        }
    }

    /// Replaces the document on its condition; gives the new condition, or none if it did not hold.
    pub(crate) async fn replace(
        &self,
        key: &Key,
        next: &Document,
        version: Option<UpdateVersion>,
    ) -> Result<Option<UpdateVersion>, StateError> {
        let path = self.path(key, DOCUMENT)?;
        match self.put(&path, self.encode(key, next)?, version).await? {
            Put::Done(version) => Ok(Some(version)),
            Put::Conflict => {
                let current = self.current(key).await?;
                let ours = current
                    .document
                    .is_some_and(|d| d.write_id == next.write_id);
                Ok(current.version.filter(|_| ours))
            }
        }
    }

    /// Writes the document once, unchanged but for its serial, so that whatever a former holder of
    /// its lease may still have in flight fails.
    pub(crate) async fn fence(&self, key: &Key) -> Result<Current, StateError> {
        for _ in 0..FENCE_TRIES {
            let current = self.current(key).await?;
            let Some(document) = current.document else {
                let path = self.path(key, DOCUMENT)?;
                let fence = Fence {
                    format_version: FORMAT_VERSION.to_owned(),
                    kind: FENCE.to_owned(),
                    id: fresh_id(),
                };
                let bytes = serde_json::to_vec(&fence).map_err(|e| self.unwritable(key, &e))?;
                if let Put::Done(version) = self.put(&path, bytes, current.version).await? {
                    return Ok(Current {
                        document: None,
                        version: Some(version),
                    });
                }
                continue;
            };
            if document.unwritable().is_some() {
                return Ok(Current {
                    document: Some(document),
                    version: current.version,
                });
            }
            let next = Document::after(Some(&document), &document.state);
            if let Some(version) = self.replace(key, &next, current.version).await? {
                return Ok(Current {
                    document: Some(next),
                    version: Some(version),
                });
            }
        }
        Err(StateError::Moved {
            place: self.place(key, DOCUMENT)?,
        })
    }

    fn encode(&self, key: &Key, document: &Document) -> Result<Vec<u8>, StateError> {
        document.encode(key).map_err(|e| self.unwritable(key, &e))
    }

    fn unwritable(&self, key: &Key, error: &serde_json::Error) -> StateError {
        StateError::Remote {
            doing: "write",
            place: format!("{}/{key}", self.location),
            message: error.to_string(),
            hint: None,
        }
    }

    pub(crate) fn failed(&self, doing: &'static str, name: &str, error: &Error) -> StateError {
        remote(&self.location, &self.secrets, doing, name, error)
    }

    /// An object for people.
    pub(crate) fn show(&self, path: &Path) -> String {
        format!("{} in {}", path, self.location)
    }
}

impl fmt::Debug for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Objects({})", self.location)
    }
}
