//! One account's document, held exclusively.
//!
//! *Invariants*: a save stands on the version that this session has read or written itself, or it is
//! refused; versions of a lineage are numbered without gaps; a save that returned is durable. A save
//! that failed may have happened: the next one looks first, and goes on from what it finds if that
//! is this session's own work.

use std::time::Duration;

use certctl_model::AccountState;

use crate::locked::Locked;
use crate::{Document, Key, StateError, WriteHook};

/// One account's document, held exclusively until it is released or dropped.
pub struct Session {
    key: Key,
    held: Locked,
    hook: Option<WriteHook>,
    /// The version that the next save replaces.
    base: Option<Document>,
    /// A version that was sent, and whose outcome is not known.
    attempted: Option<Document>,
    /// What the state is while there is no document.
    empty: AccountState,
}

impl Session {
    pub(crate) fn new(
        key: Key,
        held: Locked,
        base: Option<Document>,
        hook: Option<WriteHook>,
    ) -> Self {
        Self {
            key,
            held,
            hook,
            base,
            attempted: None,
            empty: AccountState::default(),
        }
    }

    /// The document as it was read or last saved; none before the first save.
    #[must_use]
    pub fn document(&self) -> Option<&Document> {
        self.base.as_ref()
    }

    /// What is remembered; nothing before the first save.
    #[must_use]
    pub fn state(&self) -> &AccountState {
        self.base.as_ref().map_or(&self.empty, |base| &base.state)
    }

    /// Writes the next version: the same lineage (a new one at first), the next serial. It is
    /// durable when this returns.
    ///
    /// # Errors
    /// When it was not written, or that is not known; when the document moved underneath; when the
    /// lock is lost, or may be.
    pub async fn save(&mut self, state: &AccountState) -> Result<(), StateError> {
        self.make_certain().await?;
        let next = Document::after(self.base.as_ref(), state);
        self.write(next).await
    }

    /// Replaces the document with one from elsewhere, such as a backup; it keeps its lineage, and
    /// its serial becomes the larger of both plus one.
    ///
    /// # Errors
    /// As for `save`; when `document` is of a newer minor version than this one writes; and, without
    /// `force`, when it is of another lineage or older.
    pub async fn replace(&mut self, document: &Document, force: bool) -> Result<(), StateError> {
        if let Some(defect) = document.unwritable() {
            return Err(StateError::Unusable {
                place: format!("what is to stand in {}", self.held.place(&self.key)?),
                defect,
                previous: None,
            });
        }
        self.make_certain().await?;
        let mut next = Document::after(Some(document), &document.state);
        if let Some(base) = &self.base {
            let why = if base.lineage != document.lineage {
                Some(format!(
                    "its lineage is {}, not {}",
                    base.lineage, document.lineage
                ))
            } else if base.serial > document.serial {
                Some(format!(
                    "its serial is {}, later than {}",
                    base.serial, document.serial
                ))
            } else {
                None
            };
            match why {
                Some(why) if !force => {
                    let place = self.held.place(&self.key)?;
                    return Err(StateError::NotNext { place, why });
                }
                _ => next.serial = next.serial.max(base.serial.saturating_add(1)),
            }
        }
        self.write(next).await
    }

    /// Whether the lock certainly outlives a request that takes as long as `longest`. A local lock
    /// does, since it lives as long as the process; a lease does while it is renewed, if `longest`
    /// is at most two thirds of its length (60 s, unless the store was given another).
    #[must_use]
    pub fn may_send(&self, longest: Duration) -> bool {
        self.held.outlasts(longest)
    }

    /// Frees the document for others.
    ///
    /// # Errors
    /// When that could not be done; a local lock then ends with the process, a lease after its
    /// length.
    pub async fn release(self) -> Result<(), StateError> {
        let clean = self.attempted.is_none();
        self.held.release(clean).await
    }

    /// Makes sure that what stands is what the next save will replace.
    async fn make_certain(&mut self) -> Result<(), StateError> {
        self.held.check()?;
        if self.attempted.is_none() && !self.held.must_look() {
            return Ok(());
        }
        let current = self.held.look(&self.key).await?;
        let id = |document: Option<&Document>| document.map(|d| d.write_id.clone());
        let found = id(current.as_ref());
        if found.is_some() && found == id(self.attempted.as_ref()) {
            self.base = self.attempted.take();
        } else if found != id(self.base.as_ref()) {
            let place = self.held.place(&self.key)?;
            return Err(StateError::Moved { place });
        }
        self.attempted = None;
        Ok(())
    }

    async fn write(&mut self, next: Document) -> Result<(), StateError> {
        self.attempted = Some(next.clone());
        self.held
            .write(&self.key, self.base.as_ref(), &next, self.hook.as_ref())
            .await?;
        tracing::debug!(account = %self.key.account_id, serial = next.serial, "state saved");
        self.attempted = None;
        self.base = Some(next);
        Ok(())
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("key", &self.key)
            .field("serial", &self.base.as_ref().map(|base| base.serial))
            .finish_non_exhaustive()
    }
}
