//! Renderers: plans, forecasts and explanations as text. They decide nothing, and read nothing but the value.
//!
//! *Invariants*: the same value gives the same bytes; what comes from an API or a file is escaped
//! before it is shown; no renderer prints; of a fleet, what is alike is told once (`alike`, `fold`, `failures`).

mod alike;
mod devices;
mod explain;
mod failures;
mod fold;
pub mod forecast;
mod human;
mod markdown;
mod paint;
mod safety;
mod steps;
mod verdict;
mod words;

#[cfg(test)]
#[path = "../../plan/tests/support/fixture.rs"]
mod fixture;

pub use alike::alike;
pub use explain::{Scene, explain, explain_unmanaged};
pub use failures::{failures, without_names};
pub use human::human;
pub use markdown::{MarkdownOptions, markdown};
pub use paint::{Paint, Style, Tone};
pub use words::{until, wait_for};
