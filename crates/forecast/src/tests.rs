//! That skipping days changes nothing, and what bad policies come to.

#[path = "../tests/support/declared.rs"]
pub(crate) mod declared;
mod findings;
mod skipping;
mod waves;
