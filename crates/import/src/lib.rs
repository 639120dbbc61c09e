//! From what exists to a spec that declares it.
//!
//! *Purpose*: [`Found`] is what exists in an account, by its API or by a Terraform state; [`write()`]
//! and [`extend`] declare it in a new spec or in one that somebody wrote. *Guarantees*: a spec that
//! is extended keeps every byte of what stood there, and the result is parsed again before it counts;
//! what is not declared is named in a comment; the same input gives the same bytes, and a second
//! time nothing. *Non-goals*: requests, files, deciding what is done with what is declared.
//!
//! | module | what it does |
//! |---|---|
//! | `found` | what exists, whoever says so |
//! | `verdict` | whether it is declared, or only named, and why |
//! | `names` | names for what has none |
//! | `lines` | how it is written in YAML |
//! | `inherited` | what a file's `defaults` would make of it |
//! | `tree`, `insert` | a YAML text and where everything stands in it; inserting into its lists |
//! | `missing` | what is missing in a spec, and where it goes |
//! | `extend`, `extension`, `proof` | a spec with that in it; what came of it; that it says nothing else |
//! | `resource`, `terraform` | what a Terraform state holds |
//! | `hcl` | what makes Terraform forget it |

mod extend;
mod extension;
mod found;
mod hcl;
mod inherited;
mod insert;
mod lines;
mod missing;
mod names;
mod proof;
mod resource;
mod terraform;
mod tree;
mod verdict;

pub use extend::{extend, write};
pub use extension::{Added, Extension, Refusal, Surroundings};
pub use found::{Found, Item, Origin, Usage};
pub use hcl::{Forgotten, MARK};
pub use resource::TerraformError;
pub use terraform::Terraform;
