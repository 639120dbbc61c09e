//! A CA of one's own that certctl uploads.

use certctl_model::Place;
use certctl_x509::OwnCa;

use crate::token::SecretSource;

/// A CA of one's own, as the spec gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// The CA, or the chain of them.
    pub ca: OwnCa,
    /// Its file, as written.
    pub file: String,
    /// What gives its private key.
    pub private_key: SecretSource,
    /// Where that is declared. A relative path is beside this file.
    pub private_key_place: Place,
}
