//! YAML to [`Spec`]: what should be, with everything that is wrong with how it is written.
//!
//! *Purpose*: [`read_sources`] reads the files, [`parse`] reads them into one [`Spec`] or says what
//! is wrong, all at once and in source order, and [`render`] shows it with the lines it is about.
//! [`json_schema`] is the same format for editors. *Guarantees*: time and memory are bounded for
//! any input; a spec that exists is valid. *Non-goals*: the state, the API, deciding anything.
//!
//! | module | what it does |
//! |---|---|
//! | `source` | files and directories to text |
//! | `yaml` | text to a tree with positions; the only one that knows the engine |
//! | `variables` | `${NAME}` in values |
//! | `format` | the table of all mappings and keys; made of `key` and `value` |
//! | `fields`, `scalar` | one mapping, one scalar, held against the table |
//! | `layer`, `decode` | typed drafts, merged with `defaults` |
//! | `window` | maintenance windows |
//! | `policy` | the limits of the whole spec |
//! | `check`, `across` | what has to fit together in an account, and across accounts and files |
//! | `parse` | all of that in order |
//! | `schema`, `render`, `suggest`, `reader` | the JSON Schema; for people; did you mean; one file being read |

mod across;
mod check;
mod decode;
mod fields;
mod format;
mod key;
mod layer;
mod parse;
mod policy;
mod reader;
mod render;
mod scalar;
mod schema;
mod source;
mod spec;
mod suggest;
mod value;
mod variables;
mod window;
mod yaml;

pub use parse::{Mode, ParseOptions, Parsed, parse};
pub use policy::Policy;
pub use render::render;
pub use schema::json_schema;
pub use source::{Source, Sources, read_sources};
pub use spec::{Account, Adopt, Certificate, Import, Rotation, Spec, SwitchMode};
pub use window::Window;

#[cfg(test)]
mod tests;
