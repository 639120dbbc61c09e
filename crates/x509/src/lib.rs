//! What a CA certificate says of itself.
//!
//! *Purpose*: a PEM is believed only when its own bytes agree: what the API calls a certificate, what
//! somebody uploaded, and what is about to be uploaded. *Invariants*: pure, total (any bytes give an
//! answer), bounded. *Non-goals*: whether devices trust it.
//!
//! The map: `inspect` looks into one certificate, `chain` into a whole chain, root first; `own` says
//! whether a CA of one's own can be uploaded, `private_key` whether a key is the certificate's own,
//! `public_key` whether browsers know its kind.

mod chain;
mod inspect;
mod own;
mod private_key;
mod public_key;

pub use chain::{inspect_uploaded, normalise_uploaded};
pub use inspect::{facts, inspect, normalise};
pub use own::{OwnCa, Unfit};
