//! Renderers: the plan value as text. They decide nothing, and read nothing but the plan.
//!
//! *Invariants*: the same plan gives the same bytes; what comes from an API or a file is escaped
//! before it is shown; no renderer prints.

mod fields;
mod human;
mod json;
pub mod markdown;
mod moved;
mod paint;
mod schema;
mod steps;
mod text;
mod verdict;
mod words;

#[cfg(test)]
mod fixture;

pub use human::human;
pub use json::{PlanFileError, json, parse_json};
pub use markdown::{MarkdownOptions, markdown};
pub use moved::moved;
pub use paint::{Paint, Tone};
pub use schema::json_schema;
pub use text::{count, escape, list, time};

/// How to write for people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether ANSI colour may be used.
    pub color: bool,
    /// How many columns a line has, where that is known.
    pub width: Option<usize>,
}
