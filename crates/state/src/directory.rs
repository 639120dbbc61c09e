//! Documents as files.
//!
//! ```text
//! <root>/<origin>/<account_id>.json            the document
//! <root>/<origin>/<account_id>.previous.json   the version before it
//! <root>/<origin>/<account_id>.lock            its lock, and who holds it
//! <root>/<origin>/audit/<account_id>/           its audit records
//! <root>/<origin>/.<account_id>.*.tmp          half a write, if a writer was killed; swept by the next
//! ```
//!
//! *Invariants*: the document's name always leads to a whole version: the new one is written beside
//! it, synced, and renamed over it, and the directory is synced before the write counts as done.
//! Directories are made 0700 and files 0600; nothing is made by reading.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use certctl_files::{Links, sync_directory};

use crate::document::MAX_BYTES;
use crate::key::{DOCUMENT, PREVIOUS};
use crate::{Defect, Document, Key, StateError, WriteHook, WritePoint};

const TEMPORARY: &str = ".tmp";

/// A local directory of documents.
#[derive(Debug, Clone)]
pub(crate) struct Directory {
    root: PathBuf,
}

impl Directory {
    pub(crate) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    /// The directory that everything is below.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The path of the key's document.
    pub(crate) fn path(&self, key: &Key) -> Result<PathBuf, StateError> {
        Ok(self.root.join(key.name(DOCUMENT)?))
    }

    pub(crate) fn previous_path(&self, key: &Key) -> Result<PathBuf, StateError> {
        Ok(self.root.join(key.name(PREVIOUS)?))
    }

    pub(crate) fn lock_path(&self, key: &Key) -> Result<PathBuf, StateError> {
        Ok(self.root.join(key.name(".lock")?))
    }

    fn folder(&self, key: &Key) -> Result<PathBuf, StateError> {
        Ok(self.root.join(key.folder()?))
    }

    /// The document, if there is one.
    pub(crate) fn load(&self, key: &Key) -> Result<Option<Document>, StateError> {
        let path = self.path(key)?;
        match read(&path, key)? {
            None => Ok(None),
            Some(Ok(document)) => Ok(Some(document)),
            Some(Err(defect)) => {
                let previous = self.previous_path(key)?;
                let usable = matches!(read(&previous, key), Ok(Some(Ok(_))));
                Err(StateError::Unusable {
                    place: path.display().to_string(),
                    defect,
                    previous: usable.then(|| previous.display().to_string()),
                })
            }
        }
    }

    /// The version before it, if there is one.
    pub(crate) fn previous(&self, key: &Key) -> Result<Option<Document>, StateError> {
        let path = self.previous_path(key)?;
        read(&path, key)?
            .transpose()
            .map_err(|defect| StateError::Unusable {
                place: path.display().to_string(),
                defect,
                previous: None,
            })
    }

    /// The keys of all documents, sorted.
    pub(crate) fn keys(&self) -> Result<Vec<Key>, StateError> {
        let mut keys = Vec::new();
        for folder in names(&self.root)? {
            let path = self.root.join(&folder);
            if path.is_dir() {
                let files = names(&path)?;
                keys.extend(files.iter().filter_map(|file| Key::of(&folder, file)));
            }
        }
        keys.sort();
        Ok(keys)
    }

    /// Makes the directory that the key's files are in.
    pub(crate) fn prepare(&self, key: &Key) -> Result<(), StateError> {
        let folder = self.folder(key)?;
        make(&folder).map_err(|e| StateError::io("create", &folder, e))
    }

    /// Removes what killed writers of this document left; only for the holder of its lock.
    pub(crate) fn sweep(&self, key: &Key) -> Result<(), StateError> {
        let folder = self.folder(key)?;
        let ours = format!(".{}.", key.account_id);
        for name in names(&folder)? {
            if name.starts_with(&ours) && name.ends_with(TEMPORARY) {
                let path = folder.join(&name);
                match fs::remove_file(&path) {
                    Err(e) if e.kind() != io::ErrorKind::NotFound => {
                        return Err(StateError::io("remove", &path, e));
                    }
                    _ => tracing::debug!(path = %path.display(), "removed half a write"),
                }
            }
        }
        Ok(())
    }

    /// Replaces the document; only for the holder of its lock, who has read what is there.
    pub(crate) fn write(
        &self,
        key: &Key,
        next: &Document,
        hook: Option<&WriteHook>,
    ) -> Result<(), StateError> {
        let path = self.path(key)?;
        let fail = |e| StateError::io("write", &path, e);
        let ask = |point| hook.map_or(Ok(()), |hook| hook(key, point));
        let folder = self.folder(key)?;
        let bytes = next.encode(key).map_err(|e| fail(e.into()))?;

        ask(WritePoint::Before).map_err(fail)?;
        make(&folder).map_err(|e| StateError::io("create", &folder, e))?;
        let mut temporary = tempfile::Builder::new()
            .prefix(&format!(".{}.", key.account_id))
            .suffix(TEMPORARY)
            .tempfile_in(&folder)
            .map_err(fail)?;
        let (half, rest) = bytes.split_at(bytes.len() / 2);
        temporary.write_all(half).map_err(fail)?;
        if let Err(crash) = ask(WritePoint::Torn) {
            let _ = temporary.keep();
            return Err(fail(crash));
        }
        temporary.write_all(rest).map_err(fail)?;
        temporary.as_file().sync_all().map_err(fail)?;
        self.keep_previous(key, &path)?;
        temporary.persist(&path).map_err(|e| fail(e.error))?;
        ask(WritePoint::After).map_err(fail)?;
        sync_directory(&folder).map_err(fail)
    }

    /// Gives the version that stands the name of the previous one too, at once or not at all.
    fn keep_previous(&self, key: &Key, path: &Path) -> Result<(), StateError> {
        let previous = self.previous_path(key)?;
        let fail = |e| StateError::io("write", &previous, e);
        if !path.exists() {
            return Ok(());
        }
        let folder = self.folder(key)?;
        let name = format!(".{}.{}{TEMPORARY}", key.account_id, uuid::Uuid::new_v4());
        let temporary = folder.join(name);
        if fs::hard_link(path, &temporary).is_err() {
            // Not every file system has hard links.
            fs::copy(path, &temporary).map_err(fail)?;
            let file = File::options().write(true).open(&temporary);
            file.and_then(|file| file.sync_all()).map_err(fail)?;
        }
        fs::rename(&temporary, &previous).map_err(fail)?;
        // Renaming one name of a file over another name of it does nothing: that is so when a writer
        // was killed right after this, before its own version stood.
        let _ = fs::remove_file(&temporary);
        Ok(())
    }
}

/// The document at this path: none, one, or one that cannot be used.
fn read(path: &Path, key: &Key) -> Result<Option<Result<Document, Defect>>, StateError> {
    let fail = |e| StateError::io("read", path, e);
    match certctl_files::read(path, MAX_BYTES, Links::Refuse) {
        Ok(bytes) => Ok(Some(Document::decode(&bytes, key))),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) if e.kind() == io::ErrorKind::FileTooLarge => Ok(Some(Err(Defect::TooLarge))),
        Err(e) => Err(fail(e)),
    }
}

/// The names in a directory; none if there is no directory.
pub(crate) fn names(path: &Path) -> Result<Vec<String>, StateError> {
    let fail = |e| StateError::io("list", path, e);
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(fail(e)),
    };
    let mut names = Vec::new();
    for entry in entries {
        // What is not Unicode is none of ours.
        if let Ok(name) = entry.map_err(fail)?.file_name().into_string() {
            names.push(name);
        }
    }
    Ok(names)
}

/// Makes a directory and what is missing above it, durably.
pub(crate) fn make(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => return Err(io::ErrorKind::NotFound.into()),
    };
    make(parent)?;
    match make_one(path) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(e) => Err(e),
        Ok(()) => sync_directory(parent),
    }
}

#[cfg(unix)]
fn make_one(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().mode(0o700).create(path)
}

/// Elsewhere a directory's rights are those of the one that it is in.
#[cfg(not(unix))]
fn make_one(path: &Path) -> io::Result<()> {
    fs::create_dir(path)
}
