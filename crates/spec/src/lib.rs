//! YAML to [`Spec`]. Being written; see the contract in `spec.rs`.
mod spec;
pub use spec::{Account, Adopt, Certificate, Import, Rotation, Spec};
