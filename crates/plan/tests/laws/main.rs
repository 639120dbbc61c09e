//! The planner's laws, as properties: against a model of an account, over random histories.

mod histories;
#[path = "../support/lint.rs"]
mod lint;
mod make;
mod nonsense;
mod run;
mod world;
