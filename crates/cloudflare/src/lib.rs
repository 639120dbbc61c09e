//! The typed client of Cloudflare's Gateway certificate API.
//!
//! *Purpose*: list, get, create, activate, deactivate and delete certificates; read the Gateway
//! configuration and set which certificate it uses. *Guarantees*: a bad answer is never an empty
//! answer; a write is sent at most once; no secret leaves. *Non-goals*: deciding anything.
//!
//! The map, from below: `endpoint`, `credentials` and `options` say where, who and how;
//! `transport` sends one request; `envelope` and `wire` read what came back; `exchange`
//! sorts what went wrong and `error` shows it; `retry` and `budget` say when a request leaves, `seat` who
//! is at work meanwhile; `keyring` says whose token signs it; `sender` sends it; `client` has a method per operation,
//! `accounts` lists accounts, `devices` counts devices, `raw` gives answers as they are; `chain` is what TLS shows;
//! `mtls` stores a CA of one's own.

mod accounts;
mod audit_log;
mod budget;
mod chain;
mod client;
mod credentials;
mod devices;
mod echo;
mod endpoint;
mod envelope;
mod error;
mod exchange;
mod keyring;
mod mtls;
mod options;
mod payload;
mod problem;
mod raw;
mod retry;
mod seat;
mod sender;
mod transport;
mod wire;

#[cfg(test)]
mod tests;

pub use accounts::AccountSummary;
pub use audit_log::{Act, Unlogged};
pub use chain::Chain;
pub use client::{Client, Listing, Written};
pub use credentials::{Credentials, CredentialsError, TokenKind};
pub use devices::Uncounted;
pub use endpoint::{Endpoint, EndpointError};
pub use envelope::{Envelope, Malformed};
pub use error::{ApiMessage, ClientError, Failure, ReadError, Refusal, RefusalKind, WriteError};
pub use http::Method;
pub use keyring::Keyring;
pub use mtls::Upload;
pub use options::{ClientOptions, Proxy};
pub use raw::Answer;
pub use seat::{Seat, Seats};
pub use secrecy::SecretString;
pub use transport::{Transport, TransportError};
pub use wire::{decode_certificate, decode_configuration, decode_list, decode_single};
