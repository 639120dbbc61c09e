//! How the client behaves, with defaults that are meant to be kept.

use std::path::PathBuf;
use std::time::Duration;

/// Which proxy requests go through. Loopback never has one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Proxy {
    /// The system's: `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, or the platform's settings.
    #[default]
    System,
    /// None.
    Direct,
}

/// Options of a [`Client`](crate::Client).
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// A PEM file with CA certificates to trust beside the platform's, for networks whose TLS is
    /// inspected.
    pub ca_bundle: Option<PathBuf>,
    /// The longest that one request may take, its response included.
    pub timeout: Duration,
    /// The longest that making a connection may take.
    pub connect_timeout: Duration,
    /// The `User-Agent` header.
    pub user_agent: String,
    /// The longest response body that is read, unpacked.
    pub max_response_bytes: usize,
    /// How often one read is tried, at most.
    pub read_attempts: u32,
    /// How long one read waits between its attempts, in sum; a longer `retry-after` ends it at once.
    pub patience: Duration,
    /// Which proxy requests go through.
    pub proxy: Proxy,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            ca_bundle: None,
            // Half of the settle window: after a create timed out, there is time left to look for it.
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            user_agent: concat!("certctl/", env!("CARGO_PKG_VERSION")).to_owned(),
            max_response_bytes: 16 * 1024 * 1024,
            read_attempts: 5,
            // As long as Cloudflare blocks a token that sent too much.
            patience: Duration::from_secs(300),
            proxy: Proxy::System,
        }
    }
}
