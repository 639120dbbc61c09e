//! Where a secret comes from: an account's API token, or a private key. The spec never holds one itself.

use certctl_model::Place;

/// Where an account's API token comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What gives it.
    pub source: SecretSource,
    /// Where that is declared. A relative path is beside this file.
    pub place: Place,
}

/// What gives a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// The environment variable of this name.
    Env(String),
    /// The file of this path, as written.
    File(String),
    /// What this program prints: its name, then its arguments. Never empty.
    Command(Vec<String>),
}
