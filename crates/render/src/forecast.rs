//! A forecast as text: for people at a terminal, and as Markdown.

mod bars;
mod human;
mod markdown;
mod words;

#[cfg(test)]
mod tests;

pub use human::human;
pub use markdown::markdown;
