//! A local stand-in for the Cloudflare Gateway certificate API: a real HTTP server on loopback that
//! issues real self-signed CAs.
//!
//! # Purpose
//! To try out, test and demonstrate a reconciler without an account, a token or a network; also
//! what nobody could try on the real thing: lost responses, a moved clock, the eleventh
//! certificate, a colleague in the dashboard.
//!
//! # Invariants
//! - It shares no code with the reconciler, only facts of the wire, so that it cannot share its
//!   mistakes.
//! - What a response says has been written to disk before the response leaves (with
//!   [`Options::data`]).
//! - Time is one clock, this one: delays, quotas and expiries follow it when it is moved.
//! - The journal is the oracle: it tells every request, everything that changed, and since when
//!   Gateway has been able or unable to intercept.
//!
//! # Non-goals
//! Security: any credential is accepted. It listens on loopback only.
//!
//! # Map
//! A request passes through these, in this order:
//! ```text
//! server         the accept loop        connection     sockets that can be reset
//!                                       listeners      listeners that can go away
//! link           what a request and its connection tell each other
//! answer         one request: latency, faults, headers
//! admission      may it pass: credentials and rate limit
//! sandbox        the handle             accounts       lock, clock, draft of the account, write, journal
//! call           what a request asks, and of whom
//! global, token  what belongs to no account, and what a token asks about itself
//! route          which operation that is, and of those
//!   lifecycle      create, activate, deactivate, delete
//!   configuration  GET, PATCH, PUT
//!   mtls           the certificate store behind BYO-PKI
//!   devices        their settings, and the list of them    device   one of a group
//! operation      what an operation sees and leaves behind
//! time           how its passing changes an account
//! account        what an account holds
//! certificate    one certificate, as told on the wire
//! authority      issuing and reading X.509
//! wire           envelope, refusals and their codes
//! past           what accounts were like, for reads that lag
//! clock, fault, faults, conditions, journal, store
//! control        /sandbox, for tests    dashboard      somebody else's changes
//! plain          requests and answers of those two
//! ```

mod account;
mod accounts;
mod admission;
mod answer;
mod audit;
mod authority;
mod call;
mod certificate;
mod clock;
mod conditions;
mod configuration;
mod connection;
mod control;
mod dashboard;
mod device;
mod devices;
mod error;
mod fault;
mod faults;
mod global;
mod journal;
mod lifecycle;
mod link;
mod listeners;
mod mtls;
mod operation;
mod past;
mod plain;
mod route;
mod sandbox;
mod server;
mod store;
mod time;
mod token;
mod wire;

pub use conditions::Conditions;
pub use error::SandboxError;
pub use fault::{ControlCall, Fault, FaultKind};
pub use journal::{Cause, Effect, Entry, Interception, Outage, Summary};
pub use link::Disruption;
pub use sandbox::{Options, Sandbox};
pub use server::Running;
