//! YAML as a tree in which every key and value knows where it stands.
//!
//! *Purpose*: the only module that knows which engine reads YAML. Serde's derive stops at the first
//! problem and cannot tell `"1825"` from `1825`; a tree with positions can report all problems at
//! once and name the quotes. *Invariants*: a tree is small (see the limits in `node`),
//! whatever the file says, and is read in time proportional to the file. *Non-goals*: meaning.

mod engine;
mod fault;
mod named;
mod node;

pub(crate) use engine::parse;
pub(crate) use named::{named_certificates, named_table};
#[cfg(test)]
pub(crate) use node::MAX_NODES;
pub(crate) use node::{Kind, MAX_BYTES, Mark, Node};
