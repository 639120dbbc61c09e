//! Where the documents are: a directory, or a bucket of an object store.
//!
//! *Non-goals*: whether it exists and who may enter; that is found out when a document is read.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::StateError;
use crate::mistaken::mistaken;

/// A place for state documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A local directory.
    Directory(PathBuf),
    /// `s3://BUCKET/PREFIX`: AWS S3, or any S3 API through `AWS_ENDPOINT_URL_S3`.
    S3 {
        /// The bucket.
        bucket: String,
        /// Before each object's name; may be empty.
        prefix: String,
    },
    /// `gs://BUCKET/PREFIX`.
    Gcs {
        /// The bucket.
        bucket: String,
        /// Before each object's name; may be empty.
        prefix: String,
    },
    /// `az://CONTAINER/PREFIX`.
    Azure {
        /// The container.
        container: String,
        /// Before each object's name; may be empty.
        prefix: String,
    },
    /// `https://ACCOUNT.r2.cloudflarestorage.com/BUCKET/PREFIX`.
    R2 {
        /// `ACCOUNT.r2.cloudflarestorage.com`, also with a jurisdiction, as in `ACCOUNT.eu.r2.…`.
        host: String,
        /// The bucket.
        bucket: String,
        /// Before each object's name; may be empty.
        prefix: String,
    },
}

const R2: &str = ".r2.cloudflarestorage.com";

impl Location {
    /// Reads `text`; a relative path stands beside the file or in the directory `beside`.
    ///
    /// # Errors
    /// When the scheme is unknown, or a bucket or prefix has characters that not every store takes.
    pub fn parse(text: &str, beside: &Path) -> Result<Self, StateError> {
        let refuse = |rule: &str| StateError::Location {
            text: shown(text),
            rule: rule.to_owned(),
            meant: None,
        };
        if let Some((rule, meant)) = mistaken(text) {
            return Err(StateError::Location {
                text: shown(text),
                rule: rule.to_owned(),
                meant: Some(meant),
            });
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            if text.trim().is_empty() || text.contains('\0') {
                return Err(refuse("it is not a path"));
            }
            return Ok(Self::Directory(beside.join(text)));
        };
        if rest.contains(['?', '#', '@', '%', '\\']) {
            return Err(refuse(
                "it has no user, query, fragment or escapes; keys come from the environment",
            ));
        }
        let (head, tail) = rest.split_once('/').unwrap_or((rest, ""));
        let bucket = |text: &str| bucket(text).map_err(refuse);
        let prefix = |text: &str| prefix(text).map_err(refuse);
        match scheme {
            "s3" => Ok(Self::S3 {
                bucket: bucket(head)?,
                prefix: prefix(tail)?,
            }),
            "gs" => Ok(Self::Gcs {
                bucket: bucket(head)?,
                prefix: prefix(tail)?,
            }),
            "az" => Ok(Self::Azure {
                container: bucket(head)?,
                prefix: prefix(tail)?,
            }),
            "https" => {
                let account = head.strip_suffix(R2).filter(|account| {
                    !account.is_empty()
                        && account
                            .bytes()
                            .all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-')
                        && account.split('.').all(|label| !label.is_empty())
                });
                if account.is_none() {
                    return Err(refuse(
                        "https:// is for Cloudflare R2; reach other S3 APIs as s3://BUCKET/PREFIX \
                         with AWS_ENDPOINT_URL_S3",
                    ));
                }
                let (name, rest) = tail.split_once('/').unwrap_or((tail, ""));
                Ok(Self::R2 {
                    host: head.to_ascii_lowercase(),
                    bucket: bucket(name)?,
                    prefix: prefix(rest)?,
                })
            }
            _ => Err(refuse("its scheme is not known")),
        }
    }

    /// What stands before each object's name.
    pub(crate) fn prefix(&self) -> &str {
        match self {
            Self::Directory(_) => "",
            Self::S3 { prefix, .. }
            | Self::Gcs { prefix, .. }
            | Self::Azure { prefix, .. }
            | Self::R2 { prefix, .. } => prefix,
        }
    }

    /// Whether the documents are files of this machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        matches!(self, Self::Directory(_))
    }
}

/// The text without what may be a secret in it: user information and a query.
fn shown(text: &str) -> String {
    let text = text.split_once('?').map_or(text, |(before, _)| before);
    let text = match (text.split_once("://"), text.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, after))) => format!("{scheme}://…@{after}"),
        _ => text.to_owned(),
    };
    text.chars().take(200).collect()
}

/// What every store takes as a bucket's name.
fn bucket(text: &str) -> Result<String, &'static str> {
    let inner =
        |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.' | b'_');
    if (3..=222).contains(&text.len()) && text.bytes().all(inner) && !text.starts_with(['.', '-']) {
        Ok(text.to_owned())
    } else {
        Err("a bucket has 3 or more of the characters a-z, 0-9, `-`, `.` and `_`")
    }
}

/// A prefix, without slashes at its ends.
fn prefix(text: &str) -> Result<String, &'static str> {
    let text = text.strip_suffix('/').unwrap_or(text);
    let inner = |b: u8| b.is_ascii_alphanumeric() || b"-_.=+,()!".contains(&b);
    let segment = |s: &str| !s.is_empty() && s != "." && s != ".." && s.bytes().all(inner);
    if text.is_empty() || (text.len() <= 512 && text.split('/').all(segment)) {
        Ok(text.to_owned())
    } else {
        Err("a prefix has letters, digits and `-_.=+,()!`, in parts between single slashes")
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (head, prefix) = match self {
            Self::Directory(path) => return write!(f, "{}", path.display()),
            Self::S3 { bucket, prefix } => (format!("s3://{bucket}"), prefix),
            Self::Gcs { bucket, prefix } => (format!("gs://{bucket}"), prefix),
            Self::Azure { container, prefix } => (format!("az://{container}"), prefix),
            Self::R2 {
                host,
                bucket,
                prefix,
            } => (format!("https://{host}/{bucket}"), prefix),
        };
        f.write_str(&head)?;
        if !prefix.is_empty() {
            write!(f, "/{prefix}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Location, StateError> {
        Location::parse(text, Path::new("/specs"))
    }

    #[test]
    fn each_form_is_read_and_printed_again() {
        for text in [
            "s3://acme-state",
            "s3://acme-state/certctl/prod",
            "gs://acme_state/x",
            "az://states/a=b",
            "https://0123456789abcdef.r2.cloudflarestorage.com/bucket/prefix",
            "https://0123456789abcdef.eu.r2.cloudflarestorage.com/bucket",
        ] {
            assert_eq!(parse(text).unwrap().to_string(), text);
        }
        assert_eq!(
            parse("s3://bucket/p/").unwrap().to_string(),
            "s3://bucket/p"
        );
        assert_eq!(
            parse(".certctl/state").unwrap(),
            Location::Directory("/specs/.certctl/state".into())
        );
        assert_eq!(parse("/x").unwrap(), Location::Directory("/x".into()));
        assert!(parse("/x").unwrap().is_local());
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for text in [
            "",
            " ",
            "a\0",
            "ftp://x/y",
            "S3://bucket",
            "s3://",
            "s3:///key",
            "s3://ab",
            "s3://bucket/../x",
            "s3://bucket//x",
            "s3://key:secret@bucket/x",
            "s3://bucket/x?y=secret",
            "s3://bucket/%2e%2e",
            "https://example.com/bucket",
            "https://.r2.cloudflarestorage.com/bucket",
            "https://evil.example/.r2.cloudflarestorage.com/bucket",
            "https://account.r2.cloudflarestorage.com",
            "http://account.r2.cloudflarestorage.com/bucket",
            "s3:/bucket/prefix",
            "~/state",
            "arn:aws:s3:::bucket",
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.hint().is_some());
            assert!(!format!("{error} {error:?}").contains("secret"), "{text}");
        }
    }
}
