//! The sandbox from outside: over real sockets, and in process on a paused clock.
#![expect(clippy::unwrap_used, reason = "tests")]

mod audit;
mod client;
mod conditions;
mod configuration;
mod control;
mod devices;
mod faults;
mod lifecycle;
mod mtls;
mod persistence;
mod time;
mod wire;
mod x509;
