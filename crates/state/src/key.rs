//! Which document: the origin of the API, and the account.
//!
//! The origin is part of the name so that play (`sandbox`, `127.0.0.1:8080`) never meets production
//! (`api.cloudflare.com`); the account's short name is not, so that renaming it loses nothing.
//!
//! *Invariant*: name and key are each other's inverse, and a name is one directory and one file
//! below the root whatever the origin holds: it is checked each time a name is made, because the
//! fields are open.

use std::fmt;

use certctl_model::AccountId;

use crate::StateError;

/// The key of one account's document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The API's host, with its port if there is one, or `sandbox`: `api.cloudflare.com`,
    /// `127.0.0.1:8080`.
    pub origin: String,
    /// The account.
    pub account_id: AccountId,
}

/// After the account's id in the name of its document.
pub(crate) const DOCUMENT: &str = ".json";
/// After the account's id in the name of the version before it.
pub(crate) const PREVIOUS: &str = ".previous.json";

impl Key {
    /// The directory of its origin: the origin with `_` for `:`, which no file system minds.
    ///
    /// # Errors
    /// When the origin is not a host with an optional port.
    pub(crate) fn folder(&self) -> Result<String, StateError> {
        let origin = &self.origin;
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let fits = (1..=255).contains(&origin.len())
            && origin
                .bytes()
                .all(|b| plain(b) || matches!(b, b'.' | b'-' | b':' | b'[' | b']'))
            && !origin.starts_with(['.', '-'])
            && !origin.ends_with('.')
            && !origin.contains("..");
        if fits {
            Ok(origin.replace(':', "_"))
        } else {
            Err(StateError::Origin {
                origin: origin.chars().take(80).collect(),
            })
        }
    }

    /// The name of its document below a location: a copy kept under this name in a directory is what
    /// a store over that directory reads.
    ///
    /// # Errors
    /// When the origin is not a host with an optional port.
    pub fn document_name(&self) -> Result<String, StateError> {
        self.name(DOCUMENT)
    }

    /// The name of one of its files: `<folder>/<account_id><suffix>`.
    ///
    /// # Errors
    /// As for the folder.
    pub(crate) fn name(&self, suffix: &str) -> Result<String, StateError> {
        Ok(format!("{}/{}{suffix}", self.folder()?, self.account_id))
    }

    /// The key whose document has this name; `None` for every other file.
    pub(crate) fn of(folder: &str, file: &str) -> Option<Self> {
        let stem = file.strip_suffix(DOCUMENT)?;
        let key = Self {
            origin: folder.replace('_', ":"),
            account_id: stem.parse().ok()?,
        };
        (key.account_id.as_str() == stem && key.folder().ok()? == folder).then_some(key)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "account {} at {}", self.account_id, self.origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(origin: &str) -> Key {
        Key {
            origin: origin.to_owned(),
            account_id: "699d98642c564d2e855e9661899b7252".parse().unwrap(),
        }
    }

    #[test]
    fn a_name_and_its_key_are_inverse() {
        for origin in [
            "api.cloudflare.com",
            "sandbox",
            "127.0.0.1:8080",
            "[::1]:8080",
        ] {
            let key = key(origin);
            let name = key.name(DOCUMENT).unwrap();
            let (folder, file) = name.split_once('/').unwrap();
            assert!(!folder.contains(':'), "{folder}");
            assert_eq!(Key::of(folder, file), Some(key));
        }
    }

    #[test]
    fn no_origin_leaves_its_directory() {
        for origin in [
            "",
            ".",
            "..",
            "a/b",
            "a\\b",
            "../x",
            "a..b",
            "A.example",
            "a_b",
            "a b",
            "-f",
            "a\0",
        ] {
            assert!(key(origin).name(DOCUMENT).is_err(), "{origin:?}");
        }
    }

    #[test]
    fn other_files_are_no_documents() {
        for file in [
            "699d98642c564d2e855e9661899b7252.previous.json",
            "699d98642c564d2e855e9661899b7252.lock",
            "699d98642c564d2e855e9661899b7252.lock.json",
            "699D98642C564D2E855E9661899B7252.json",
            ".699d98642c564d2e855e9661899b7252.a1.tmp",
            "notes.json",
        ] {
            assert_eq!(Key::of("sandbox", file), None, "{file}");
        }
        assert_eq!(Key::of("..", "699d98642c564d2e855e9661899b7252.json"), None);
    }
}
