//! The plan as a value: printable, comparable, savable.
//!
//! *Purpose*: what is planned, and what it is planned from, without a rule of how: the executor and the
//! renderers depend on this crate, and never on the decisions (crate `planner`).
//!
//! *Invariants*: the same plan gives the same bytes; what comes from an API or a file is escaped before
//! it is shown; no clock, no files, no environment (`clippy.toml` forbids them).
//!
//! | | |
//! |---|---|
//! | `input`, `options`, `allowance`, `wave` | what an account is planned from |
//! | `operation`, `step`, `change`, `account`, `outcome`, `plan` | what comes of it |
//! | `planner` | who decides, as an executor sees it |
//! | `digest` | what binds a review to what is applied |
//! | `json`, `schema` | the plan as a document, and what others may rely on in it |
//! | `diff`, `fields`, `moved` | what differs: between both sides of a change, between two plans |
//! | `text` | text that is safe to show |

mod account;
mod allow;
mod allowance;
mod change;
mod devices;
mod diff;
pub mod digest;
mod fields;
mod input;
mod json;
mod moved;
mod operation;
mod options;
mod outcome;
mod plan;
mod planner;
mod schema;
mod step;
mod text;
mod wave;

#[cfg(test)]
extern crate self as certctl_plan;
#[cfg(test)]
#[path = "../tests/support/fixture.rs"]
mod fixture;

pub use account::{AccountPlan, StateVersion};
pub use allow::{Allow, Scope};
pub use allowance::{Allowance, Limits, Tally};
pub use change::{Attributes, BlastRadius, BoundCertificate, Change, ChangeKind, Unmanaged, Why};
pub use devices::{DEVICES_PERMISSION, devices_said, grouped};
pub use diff::{Mark, diff};
pub use fields::{Row, rows, sides};
pub use input::{AccountInput, Bystander};
pub use json::{PlanFileError, json, parse_json};
pub use moved::moved;
pub use operation::{Action, Operation};
pub use options::Options;
pub use outcome::AccountOutcome;
pub use plan::{Plan, Summary};
pub use planner::Planner;
pub use schema::json_schema;
pub use step::{Mandate, Step, WaitFor, Waiting};
pub use text::{count, escape, is_unseen, list, time, time_from, wrap};
pub use wave::{AccountWave, Because, WaveGate};
