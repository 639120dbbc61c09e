//! Holds client and sandbox to a description of the API that neither was made from.
//!
//! The whole life of a certificate is played by the real client against the sandbox. Each request
//! body and each response body is checked against the official OpenAPI document, where that is at
//! hand beside the repository, and always against `gateway.json`, which holds what certctl relies on.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may panic, and says what it skips"
)]

mod document;
mod lifecycle;
mod sdk;
mod upload;
mod wire;
