//! What goes wrong with state: what happened, where, and what to do then.

use std::io;

use crate::holder::LockInfo;

/// Why bytes are not a document that may be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Defect {
    /// There is nothing in it.
    #[error("is empty")]
    Empty,
    /// Larger than any document.
    #[error("is too large to be a state document")]
    TooLarge,
    /// Torn, or something else.
    #[error("is not whole JSON: {0}")]
    NotJson(String),
    /// Another document of certctl.
    #[error("is of kind {0:?}, not a state document")]
    Kind(String),
    /// Written by a newer certctl.
    #[error("has format version {format_version}, which is newer than this certctl knows")]
    Newer {
        /// The version found.
        format_version: String,
        /// What wrote it, if it says so.
        certctl_version: Option<String>,
    },
    /// No version of ours.
    #[error("has format version {0:?}, which this certctl does not know")]
    Version(String),
    /// Altered since it was written.
    #[error("does not match its checksum: it was damaged, or edited by hand")]
    Checksum,
    /// Of another account or API.
    #[error("belongs to account {account_id} at {origin}")]
    Foreign {
        /// The API that it belongs to.
        origin: String,
        /// The account that it belongs to.
        account_id: String,
    },
    /// A lease that nobody can read.
    #[error("is not a lock of certctl: {0}")]
    Lock(String),
    /// A record that nobody can read, though records are never changed.
    #[error("is not a whole audit record: {0}")]
    Audit(String),
    /// JSON, but not what a document holds.
    #[error("is not a valid state document: {0}")]
    Content(String),
}

/// What went wrong with state.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The text is not a place where state can be.
    #[error("state location {text:?} is not valid: {rule}")]
    Location {
        /// As it was written.
        text: String,
        /// What it breaks.
        rule: String,
        /// What was probably meant, in the right form.
        meant: Option<String>,
    },
    /// The store cannot be reached with what the environment gives.
    #[error("cannot open {location}: {problem}")]
    Open {
        /// Which store.
        location: String,
        /// What is missing or wrong.
        problem: String,
        /// What to set.
        hint: String,
    },
    /// The key's origin cannot be part of a name.
    #[error("API origin {origin:?} is not a host with an optional port")]
    Origin {
        /// The origin, cut to a readable length.
        origin: String,
    },
    /// Somebody else holds the document.
    #[error("{place} is held by {}", describe(by.as_deref()))]
    Locked {
        /// The lock's path or object.
        place: String,
        /// Who, where, for what and since when; unknown when the holder left nothing readable.
        by: Option<Box<LockInfo>>,
        /// The length of the lease; none for a local lock, which ends with its process.
        lease_seconds: Option<u64>,
    },
    /// The lock that protected this write is not ours any more, or may not be.
    #[error("the lock {place} was lost: {why}")]
    Lost {
        /// The lock's path or object.
        place: String,
        /// How that is known.
        why: String,
    },
    /// The document is not the version that this change was made from.
    #[error("{place} was changed by somebody else meanwhile")]
    Moved {
        /// The document's path or object.
        place: String,
    },
    /// What is there cannot be used, and is left as it is.
    #[error("{place} {defect}")]
    Unusable {
        /// The document's path or object.
        place: String,
        /// Why.
        defect: Defect,
        /// Where a usable previous version is.
        previous: Option<String>,
    },
    /// A document that is pushed does not continue the one that is there.
    #[error("{place} cannot be replaced: {why}")]
    NotNext {
        /// The document's path or object.
        place: String,
        /// How they differ.
        why: String,
    },
    /// The operating system refused.
    #[error("cannot {doing} {place}")]
    Io {
        /// The verb, such as `write`.
        doing: &'static str,
        /// The path.
        place: String,
        /// Its reason.
        source: io::Error,
    },
    /// The object store refused, or did not answer.
    #[error("cannot {doing} {place}: {message}")]
    Remote {
        /// The verb, such as `write`.
        doing: &'static str,
        /// The object.
        place: String,
        /// Its reason, without secrets.
        message: String,
        /// What to do, when that is known.
        hint: Option<String>,
    },
}

impl StateError {
    /// What the reader can do now.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Location {
                meant: Some(meant), ..
            } => Some(format!("write {meant}")),
            Self::Location { .. } => Some(
                "it is a directory, s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, az://CONTAINER/PREFIX or \
                 https://ACCOUNT.r2.cloudflarestorage.com/BUCKET/PREFIX"
                    .to_owned(),
            ),
            Self::Open { hint, .. } => Some(hint.clone()),
            Self::Origin { .. } => {
                Some("CLOUDFLARE_BASE_URL decides the origin: check its host".to_owned())
            }
            Self::Locked { lease_seconds, .. } => Some(locked_hint(*lease_seconds)),
            Self::Lost { .. } => Some(
                "nothing was written; run again: the next run settles what this one began"
                    .to_owned(),
            ),
            Self::Moved { .. } => Some("nothing was written; run again".to_owned()),
            Self::Unusable {
                place,
                defect,
                previous,
            } => Some(unusable_hint(place, defect, previous.as_deref())),
            Self::NotNext { .. } => Some(
                "`certctl state pull` shows what is there; `--force` replaces it all the same"
                    .to_owned(),
            ),
            Self::Io { source, .. } => io_hint(source),
            Self::Remote { hint, .. } => hint.clone(),
        }
    }

    /// The error with what caused it, in one line, for where there is room for one text.
    #[must_use]
    pub fn in_one_line(&self) -> String {
        match self {
            Self::Io { source, .. } => format!("{self}: {source}"),
            _ => self.to_string(),
        }
    }

    pub(crate) fn io(doing: &'static str, place: &std::path::Path, source: io::Error) -> Self {
        Self::Io {
            doing,
            place: place.display().to_string(),
            source,
        }
    }
}

fn describe(by: Option<&LockInfo>) -> String {
    match by {
        Some(LockInfo { holder, since }) => format!(
            "{} on {} ({}) since {since}",
            holder.who, holder.r#where, holder.operation
        ),
        None => "another process".to_owned(),
    }
}

fn locked_hint(lease_seconds: Option<u64>) -> String {
    match lease_seconds {
        None => "wait for it with `--lock-timeout 10m`; a local lock ends with the process that \
                 holds it"
            .to_owned(),
        Some(seconds) => format!(
            "wait for it with `--lock-timeout 10m`; if its holder is gone, `--lock-timeout {}m` takes \
             the lock over (a lease that nobody renews ends after {seconds} s), and `certctl state \
             unlock` breaks it at once",
            seconds / 60 + 1
        ),
    }
}

fn unusable_hint(place: &str, defect: &Defect, previous: Option<&str>) -> String {
    match (defect, previous) {
        (
            Defect::Newer {
                certctl_version, ..
            },
            _,
        ) => match certctl_version {
            Some(version) => format!("it was left as it is; use certctl {version} or newer"),
            None => {
                "it was left as it is; use the certctl that wrote it, or a newer one".to_owned()
            }
        },
        (Defect::Foreign { .. }, _) => {
            "it was left as it is; move it to its own account's place, documents are never shared"
                .to_owned()
        }
        (Defect::Lock(_), _) => {
            "it was left as it is; `certctl state unlock` replaces it once nobody is at work"
                .to_owned()
        }
        (Defect::Audit(_), _) => {
            "certctl never changes a record: find out who did; move it away to read the others"
                .to_owned()
        }
        (_, Some(previous)) => format!(
            "it was left as it is; the version before it is whole: copy {previous} over {place}, \
             then `certctl plan` shows what moved since"
        ),
        (_, None) => {
            "it was left as it is; move it away, then bring it back from a backup (`certctl state \
             restore`), or rebuild it with `adopt: matching` or `import:`"
                .to_owned()
        }
    }
}

fn io_hint(source: &io::Error) -> Option<String> {
    match source.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Some(
            "state files belong to the user who runs certctl (0600): check the owner and the mode"
                .to_owned(),
        ),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Some("the disk is full: the document that was there still is".to_owned())
        }
        io::ErrorKind::InvalidInput => Some(
            "certctl makes its state files itself, and opens nothing else in their place: move it away"
                .to_owned(),
        ),
        io::ErrorKind::NotADirectory => {
            Some("the state location is a directory, not a file".to_owned())
        }
        _ => None,
    }
}
