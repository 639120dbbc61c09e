//! YAML to [`Spec`]: what should be, with everything that is wrong with how it is written.
//!
//! *Purpose*: [`read_sources`] reads the files, [`parse`] reads them into one [`Spec`] or says what
//! is wrong, all at once and in source order, and [`render`] shows it with the lines it is about.
//! [`json_schema`] is the same format for editors. *Guarantees*: time and memory are bounded for
//! any input; a spec that exists is valid. *Non-goals*: the state, the API, deciding anything.
//!
//! | module | what it does; each knows only those above it |
//! |---|---|
//! | `spec`, `policy`, `token`, `own`, `window` | the spec, its limits, sources of secrets, a CA of one's own, maintenance windows |
//! | `selection`, `options`, `source` | which accounts, and what it is read for; files to text |
//! | `yaml` | text to a tree with positions; the only one that knows the engine |
//! | `complaint`, `reader` | what is wrong with a value; one file being read |
//! | `secret`, `variables` | which variables hold secrets; `${NAME}` in values |
//! | `suggest`, `labels`, `scalar`, `value` | did you mean; labels; one scalar; what a value can be |
//! | `key`, `fields`, `nested` | a key; one mapping, held against its keys; mappings in mappings |
//! | `format` | the table of all mappings and keys |
//! | `waves`, `windows`, `layer`, `draft` | what is known of a file even where something in it is wrong |
//! | `settings` | what is declared, as a state keeps it once it was accepted |
//! | `contradiction` | two fields that exclude each other |
//! | `check`, `across` | what has to fit together in an account, and across accounts and files |
//! | `cells`, `table`, `decode` | where the cells of a table stand; from it to trees; from the tree to drafts |
//! | `parse` | all of that in order |
//! | `schema`, `render`, `expand` | the JSON Schema; diagnostics for people; the spec as it is resolved |

mod across;
mod cells;
mod check;
mod complaint;
mod contradiction;
mod decode;
mod draft;
mod expand;
mod fields;
mod format;
mod key;
mod labels;
mod layer;
mod nested;
mod options;
mod origins;
mod own;
mod parse;
mod policy;
mod reader;
mod render;
mod scalar;
mod schema;
mod secret;
mod selection;
mod settings;
mod source;
mod spec;
mod suggest;
mod table;
mod token;
mod trust_evidence;
mod value;
mod variables;
mod waves;
mod window;
mod windows;
mod yaml;

pub use expand::expand;
pub use options::{Mode, ParseOptions};
pub use origins::{Said, SaidBy, origins};
pub use own::Own;
pub use parse::{Parsed, parse};
pub use policy::Policy;
pub use render::render;
pub use schema::json_schema;
pub use selection::{Label, Pattern, Selector, Unset, selects};
pub use source::{Scrub, Source, Sources, read_sources};
pub use spec::{Account, Adopt, Certificate, Import, Rotation, Spec, StateLocation, SwitchMode};
pub use suggest::nearby;
pub use token::{SecretSource, Token};
pub use window::{Window, WindowError};

#[cfg(test)]
mod tests;
