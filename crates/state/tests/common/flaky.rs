//! An object store in memory whose writes go wrong when a test says so.

use std::fmt;
use std::sync::Arc;

use futures::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

/// What becomes of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is done.
    Done,
    /// It is not done, and fails.
    Refused,
    /// It is done, and its answer is lost.
    Lost,
    /// It is done, its answer is lost, and a layer below tries it again.
    Repeated,
    /// It is done whatever its condition says.
    Unconditional,
}

type Decide = dyn Fn(&Path) -> Fate + Send + Sync;

pub(crate) struct Flaky {
    inner: InMemory,
    fate: Arc<Decide>,
}

impl Flaky {
    pub(crate) fn new(fate: impl Fn(&Path) -> Fate + Send + Sync + 'static) -> Self {
        Self {
            inner: InMemory::new(),
            fate: Arc::new(fate),
        }
    }
}

fn gone() -> Error {
    Error::Generic {
        store: "flaky",
        source: "the answer is gone".into(),
    }
}

#[async_trait::async_trait]
impl ObjectStore for Flaky {
    async fn put_opts(
        &self,
        path: &Path,
        payload: PutPayload,
        mut options: PutOptions,
    ) -> Result<PutResult> {
        let fate = (self.fate)(path);
        match fate {
            Fate::Refused => return Err(gone()),
            Fate::Unconditional => options.mode = PutMode::Overwrite,
            _ => {}
        }
        let again = (payload.clone(), options.clone());
        let done = self.inner.put_opts(path, payload, options).await;
        match fate {
            Fate::Lost => Err(gone()),
            Fate::Repeated => self.inner.put_opts(path, again.0, again.1).await,
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

impl fmt::Display for Flaky {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Flaky")
    }
}

impl fmt::Debug for Flaky {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Flaky")
    }
}
