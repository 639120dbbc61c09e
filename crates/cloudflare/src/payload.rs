//! The body of a request, and what of it nobody may see again.
//!
//! *Invariants*: a body that holds a private key is wiped from memory when its last clone is gone. What the
//! HTTP library and TLS copy of it into their own buffers is theirs. A server may echo what it was sent, so
//! the payload also says how its key is taken out of a text.

use bytes::Bytes;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

/// A line of a key that is shorter says too little to be worth looking for, and would be found everywhere.
const SHORTEST: usize = 8;

/// A body, ready to be sent.
pub(crate) struct Payload {
    pub(crate) bytes: Bytes,
    key: Option<SecretString>,
}

impl From<Bytes> for Payload {
    fn from(bytes: Bytes) -> Self {
        Self { bytes, key: None }
    }
}

impl Payload {
    /// The JSON of `body`, which holds `key`.
    pub(crate) fn with_key(body: &impl Serialize, key: SecretString) -> serde_json::Result<Self> {
        // Measured first, for a vector that grows leaves copies of what it held behind.
        let mut length = Length(0);
        serde_json::to_writer(&mut length, body)?;
        let mut json = Zeroizing::new(Vec::with_capacity(length.0));
        serde_json::to_writer(&mut *json, body)?;
        Ok(Self {
            bytes: Bytes::from_owner(json),
            key: Some(key),
        })
    }

    /// The text without any line of the key.
    pub(crate) fn scrub(&self, text: &str) -> String {
        let key = self.key.as_ref().map(ExposeSecret::expose_secret);
        let lines = key.unwrap_or_default().lines().map(str::trim);
        let secret = lines.filter(|line| line.len() >= SHORTEST && !line.starts_with("-----"));
        secret.fold(text.to_owned(), |text, line| {
            text.replace(line, "[redacted]")
        })
    }
}

/// Counts what is written to it.
struct Length(usize);

impl std::io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
