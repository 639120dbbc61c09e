//! State documents: one per account, kept where a team can share them, changed by one holder at a
//! time.
//!
//! *Purpose*: what `certctl` knows and the API cannot tell survives every kill, every race and every
//! torn write (law 6). *Invariants*: a document is replaced whole or not at all; only the holder of
//! its lock replaces it, and only on top of the version that the holder has seen; what cannot be
//! read is never overwritten; reading takes no lock and changes nothing (law 5). *Non-goals*: what a
//! state means (crate `model`), what to write when (crate `apply`).
//!
//! | file | idea |
//! |---|---|
//! | `key` | which document: API origin and account, and the name made of both |
//! | `document`, `version` | what stands in a document, its checksum, its format version |
//! | `location`, `mistaken` | where documents are: a path or a URL, and what is neither |
//! | `store`, `session` | the two ways in: reading, and holding one document |
//! | `held` | one shape for what is held, a file or an object |
//! | `holder` | who holds a document, for people |
//! | `directory`, `lock` | documents and locks as files |
//! | `object`, `lease`, `lease_object`, `standing` | documents and leases as objects of a bucket |
//! | `connect`, `environment`, `access` | reaching a bucket, by what the environment and people say |
//! | `aws`, `gcs`, `azure` | what each kind of bucket needs for that |
//! | `container`, `google`, `fetched` | keys that are fetched and end |
//! | `service`, `conditions`, `remote` | which answers are believed, whether conditions are kept, errors |
//! | `audit` | the record of every mutating request, never changed |
//! | `schema` | the document's JSON Schema |
//! | `error` | what goes wrong, where, and what to do then |
//! | `fault` | a seam for tests: a write that fails, tears, or is lost after it happened |

mod access;
mod audit;
mod aws;
mod azure;
mod conditions;
mod connect;
mod container;
mod directory;
mod document;
mod environment;
mod error;
mod fault;
mod fetched;
mod gcs;
mod google;
mod holder;
mod key;
mod lease;
mod lease_object;
mod location;
mod lock;
mod locked;
mod mistaken;
mod object;
mod remote;
mod schema;
mod service;
mod session;
mod standing;
mod store;
mod version;

pub use access::Access;
pub use audit::{Actor, AuditOutcome, AuditRecord};
pub use document::{Document, parse_document, render_document};
pub use error::{Defect, StateError};
pub use fault::{WriteHook, WritePoint};
pub use holder::{Holder, LockInfo};
pub use key::Key;
pub use location::Location;
pub use schema::json_schema;
pub use session::Session;
pub use store::{Store, local_keys};
