//! The planner's laws, as properties: against a model of an account, over random histories.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod accepted;
mod histories;
#[path = "../support/lint.rs"]
mod lint;
mod make;
mod nonsense;
mod proof;
mod run;
mod wave_years;
mod waves;
