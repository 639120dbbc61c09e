//! A seam for tests: what happens when a write fails, tears, or is lost after it happened.
//!
//! A hook is asked at each point of each write of a document. Its error is the crash: nothing that
//! would have come after it is done, nothing that came before is undone.

use std::io;
use std::sync::Arc;

use crate::Key;

/// A point in the write of one document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WritePoint {
    /// Nothing of it was written.
    Before,
    /// Half of the new document was written to a temporary file, which is left behind. (An object
    /// store has no such moment: there the request is cut, and nothing is written.)
    Torn,
    /// The new document stands; the writer does not know it yet.
    After,
}

impl WritePoint {
    /// All points, in their order.
    pub const ALL: [Self; 3] = [Self::Before, Self::Torn, Self::After];
}

/// Asked at each point of each write; an error is a crash at that point.
pub type WriteHook = Arc<dyn Fn(&Key, WritePoint) -> io::Result<()> + Send + Sync>;
