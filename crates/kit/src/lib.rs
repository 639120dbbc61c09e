//! What device management needs, so that devices trust the certificates that Gateway inspects with.
//!
//! *Purpose*: [`kit`] makes the files of one account: each certificate as PEM and DER, a bundle of
//! all of them, fingerprints, a configuration profile for macOS and iOS, and a README with the
//! commands of each platform. *Guarantees*: pure; the same certificates give the same bytes. One
//! account's kit never holds another's certificate. *Non-goals*: which certificates devices should
//! trust is the caller's to say.
//!
//! | module | what it does |
//! |---|---|
//! | `entry` | one certificate, and what its files are called |
//! | `profile` | the configuration profile |
//! | `readme` | the README |
//! | `files` | all files of a kit |
//! | `manifest` | `SHA256SUMS`, and which files an older kit left behind |

mod entry;
mod files;
mod manifest;
mod profile;
mod readme;

pub use entry::{Entry, KitError, Standing};
pub use files::{Kit, kit};
pub use manifest::{MANIFEST, leftover};

#[cfg(test)]
mod tests;
