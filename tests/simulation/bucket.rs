//! A bucket in memory that holds the state: a process can die around each of its requests, writes can
//! fail, and somebody can bring an old version back.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, ObjectStoreExt as _, PutMultipartOptions, PutOptions, PutPayload, PutResult,
    Result,
};
use serde::{Deserialize, Serialize};
use tokio::task::yield_now;

/// What becomes of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Loss {
    /// It fails, and nothing was written.
    Refused,
    /// It is done, and its answer is lost.
    Unanswered,
}

#[derive(Default)]
pub(crate) struct Bucket {
    inner: InMemory,
    writes: AtomicUsize,
    faults: Mutex<Faults>,
    /// The documents that were written, oldest first.
    versions: Mutex<Vec<(Path, PutPayload)>>,
}

#[derive(Default)]
struct Faults {
    seen: usize,
    due: Vec<(usize, Loss)>,
    /// The ids of the accounts whose documents cannot be read.
    silent: Vec<&'static str>,
}

impl Bucket {
    /// Lets these writes go wrong, counted from the next one as 0.
    pub(crate) fn arm(&self, due: Vec<(usize, Loss)>) {
        let mut faults = self.faults();
        (faults.seen, faults.due) = (0, due);
    }

    /// From now on nothing of these accounts can be read.
    pub(crate) fn silence(&self, accounts: Vec<&'static str>) {
        self.faults().silent = accounts;
    }

    /// How many writes were asked for.
    pub(crate) fn writes(&self) -> usize {
        self.writes.load(Ordering::Relaxed)
    }

    /// Brings back the document that was written `back` versions ago, or as far back as there is one;
    /// says where it is, if there was any.
    pub(crate) async fn bring_back(&self, back: usize) -> Option<String> {
        let version = {
            let versions = self.versions();
            let index = versions.len().saturating_sub(back.saturating_add(1));
            versions.get(index).cloned()
        };
        let (path, payload) = version?;
        self.inner.put(&path, payload).await.ok()?;
        Some(path.to_string())
    }

    fn fate(&self) -> Option<Loss> {
        self.writes.fetch_add(1, Ordering::Relaxed);
        let mut faults = self.faults();
        let n = faults.seen;
        faults.seen += 1;
        faults.due.iter().find(|(at, _)| *at == n).map(|due| due.1)
    }

    fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn versions(&self) -> MutexGuard<'_, Vec<(Path, PutPayload)>> {
        self.versions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lost() -> Error {
    Error::Generic {
        store: "simulated",
        source: "the connection is gone".into(),
    }
}

fn is_document(path: &Path) -> bool {
    let name = path.filename().unwrap_or_default();
    name.ends_with(".json") && name.matches('.').count() == 1
}

#[async_trait]
impl ObjectStore for Bucket {
    async fn put_opts(
        &self,
        path: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        yield_now().await;
        let fate = self.fate();
        if fate == Some(Loss::Refused) {
            return Err(lost());
        }
        let done = self.inner.put_opts(path, payload.clone(), options).await;
        if done.is_ok() && is_document(path) {
            self.versions().push((path.clone(), payload));
        }
        yield_now().await;
        match fate {
            Some(Loss::Unanswered) => Err(lost()),
            _ => done,
        }
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(path, options).await
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        yield_now().await;
        let is_silent = |id: &&str| path.as_ref().contains(*id);
        if self.faults().silent.iter().any(is_silent) {
            return Err(lost());
        }
        self.inner.get_opts(path, options).await
    }

    fn delete_stream(
        &self,
        paths: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(paths)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bucket")
    }
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bucket")
    }
}
