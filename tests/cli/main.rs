//! certctl as a person sees it: the real binary, its exit codes, and every word that it prints.

#[path = "../support/mod.rs"]
mod support;

mod bad_input;
mod codes;
mod examples;
mod quickstart;
mod readme;
mod saved_plan;
mod secrets;
