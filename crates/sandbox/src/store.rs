//! The data directory.
//!
//! `sandbox.json` holds the accounts and is replaced whole and synced before an answer leaves.
//! `journal.jsonl` only grows. The document carries the entries that were written with it, so a
//! kill between the two loses neither. `lock` keeps a second server out.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::error::SandboxError;
use crate::journal::Entry;

const FORMAT: u32 = 1;

/// What is kept, beside its version.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Document {
    pub(crate) clock_offset_ms: i64,
    pub(crate) accounts: BTreeMap<String, Account>,
    /// The entries that were written together with this document.
    pub(crate) recent: Vec<Entry>,
}

/// The same, borrowed for writing.
#[derive(Serialize)]
struct Writing<'a> {
    format_version: u32,
    clock_offset_ms: i64,
    accounts: &'a BTreeMap<String, Account>,
    recent: &'a [Entry],
}

/// Only this, to tell a later format from damage.
#[derive(Deserialize)]
struct Version {
    format_version: u32,
}

/// An open directory. Its lock goes with it.
#[derive(Debug)]
pub(crate) struct Store {
    dir: PathBuf,
    journal: File,
    _lock: File,
}

impl Store {
    /// Opens a directory, makes it if need be, and reads what is there.
    pub(crate) fn open(dir: &Path) -> Result<(Self, Document, Vec<Entry>), SandboxError> {
        make_dir(dir).map_err(io_error("create", dir))?;
        let lock_path = dir.join("lock");
        let lock = private(&lock_path).map_err(io_error("open", &lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(SandboxError::Busy {
                    dir: dir.to_owned(),
                });
            }
            Err(TryLockError::Error(source)) => {
                return Err(io_error("lock", &lock_path)(source));
            }
        }
        let document = read_document(&dir.join("sandbox.json"))?;
        let journal_path = dir.join("journal.jsonl");
        let mut journal = private(&journal_path).map_err(io_error("open", &journal_path))?;
        let mut entries = read_journal(&mut journal, &journal_path)?;
        let mut store = Self {
            dir: dir.to_owned(),
            journal,
            _lock: lock,
        };
        let last = entries.last().map_or(0, |entry| entry.seq);
        let missing: Vec<Entry> = document
            .recent
            .iter()
            .filter(|entry| entry.seq > last)
            .cloned()
            .collect();
        store.append(&missing)?;
        entries.extend(missing);
        Ok((store, document, entries))
    }

    /// Replaces the document, and does not return before it is on disk.
    pub(crate) fn save(
        &self,
        clock_offset_ms: i64,
        accounts: &BTreeMap<String, Account>,
        recent: &[Entry],
    ) -> Result<(), SandboxError> {
        let path = self.dir.join("sandbox.json");
        let written = serde_json::to_vec(&Writing {
            format_version: FORMAT,
            clock_offset_ms,
            accounts,
            recent,
        });
        let replace = || -> io::Result<()> {
            let temporary = self.dir.join("sandbox.json.new");
            let mut file = private(&temporary)?;
            file.set_len(0)?;
            file.write_all(&written?)?;
            file.sync_all()?;
            fs::rename(&temporary, &path)?;
            sync_dir(&self.dir)
        };
        replace().map_err(io_error("write", &path))
    }

    /// Adds entries to the journal.
    pub(crate) fn append(&mut self, entries: &[Entry]) -> Result<(), SandboxError> {
        let path = self.dir.join("journal.jsonl");
        let mut add = || -> io::Result<()> {
            let mut lines = Vec::new();
            for entry in entries {
                serde_json::to_writer(&mut lines, entry)?;
                lines.push(b'\n');
            }
            self.journal.write_all(&lines)
        };
        add().map_err(io_error("write", &path))
    }
}

fn read_document(path: &Path) -> Result<Document, SandboxError> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Document::default()),
        Err(error) => return Err(io_error("read", path)(error)),
    };
    let damaged = |error: serde_json::Error| SandboxError::Corrupt {
        path: path.to_owned(),
        why: error.to_string(),
    };
    let version: Version = serde_json::from_slice(&text).map_err(damaged)?;
    if version.format_version > FORMAT {
        return Err(SandboxError::Newer {
            path: path.to_owned(),
            found: version.format_version,
            known: FORMAT,
        });
    }
    serde_json::from_slice(&text).map_err(damaged)
}

/// Reads all whole lines and leaves the file behind them: a last line without an end was being
/// written when the server was killed.
fn read_journal(file: &mut File, path: &Path) -> Result<Vec<Entry>, SandboxError> {
    let mut text = String::new();
    file.read_to_string(&mut text)
        .map_err(io_error("read", path))?;
    let whole = text.rfind('\n').map_or(0, |end| end + 1);
    let mut entries = Vec::new();
    for (index, line) in text[..whole].lines().enumerate() {
        let entry = serde_json::from_str(line).map_err(|error| SandboxError::Corrupt {
            path: path.to_owned(),
            why: format!("line {}: {error}", index + 1),
        })?;
        entries.push(entry);
    }
    let end = u64::try_from(whole).unwrap_or(u64::MAX);
    file.set_len(end)
        .and_then(|()| file.seek(SeekFrom::Start(end)))
        .map_err(io_error("write", path))?;
    Ok(entries)
}

fn io_error(what: &'static str, path: &Path) -> impl Fn(io::Error) -> SandboxError {
    let path = path.to_owned();
    move |source| SandboxError::Io {
        what,
        path: path.clone(),
        source,
    }
}

/// Opens a file for reading and writing, for its owner alone.
fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn make_dir(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes a rename outlive a power cut. Elsewhere than on Unix a directory cannot be opened.
fn sync_dir(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(path)?.sync_all()?;
    }
    Ok(())
}
