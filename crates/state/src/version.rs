//! The format of a state document that this version writes.

/// Major and minor.
pub(crate) const VERSION: (u32, u32) = (1, 2);
/// The same, as it is written.
pub(crate) const FORMAT_VERSION: &str = "1.2";
/// The kind of a state document.
pub(crate) const KIND: &str = "state";
