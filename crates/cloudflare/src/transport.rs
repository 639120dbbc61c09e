//! One HTTP exchange, and whether a failed one may have had an effect.
//!
//! *Purpose*: the seam between the client and the network. *Invariants*: a request that is handed
//! over leaves at most once (no retry, no redirect, in the HTTP library either), and
//! [`TransportError::sent`] is false only when it certainly never left. *Non-goals*: understanding
//! the answer.

use std::sync::OnceLock;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use certctl_network::causes;

use crate::endpoint::Endpoint;
use crate::error::ClientError;
use crate::options::{ClientOptions, Proxy};

/// Sends one request and returns the whole response. The network is one implementation; a server's
/// router called in process is another, on a paused clock.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends the request, exactly once.
    ///
    /// # Errors
    /// When there is no complete response.
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError>;
}

/// Why there is no complete response.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TransportError {
    /// Whether the request may have left; false only if it certainly did not.
    pub sent: bool,
    /// What happened, with its causes.
    pub message: String,
    /// What to do about it. A fault with a hint is one that a person has to mend, so it is not
    /// worth a second attempt.
    pub hint: Option<String>,
}

/// The network, through reqwest.
///
/// The HTTP stack is built when the first request leaves: it loads the platform's trust store, which
/// takes time and fails in a container without CA certificates, also for a run that sends nothing.
pub(crate) struct Network {
    endpoint: Endpoint,
    options: ClientOptions,
    extra_roots: Vec<reqwest::Certificate>,
    stack: OnceLock<Result<reqwest::Client, TransportError>>,
}

impl Network {
    /// Reads the CA bundle, if there is one and TLS is spoken at all.
    pub(crate) fn new(endpoint: Endpoint, options: ClientOptions) -> Result<Self, ClientError> {
        let extra_roots = match &options.ca_bundle {
            Some(path) if !endpoint.is_plain() => {
                certctl_network::read_bundle(path).map_err(|error| ClientError::CaBundle {
                    path: error.path,
                    reason: error.reason,
                })?
            }
            _ => Vec::new(),
        };
        Ok(Self {
            endpoint,
            options,
            extra_roots,
            stack: OnceLock::new(),
        })
    }

    fn stack(&self) -> Result<&reqwest::Client, TransportError> {
        self.stack
            .get_or_init(|| self.build())
            .as_ref()
            .map_err(Clone::clone)
    }

    fn build(&self) -> Result<reqwest::Client, TransportError> {
        let mut builder = certctl_network::client()
            .https_only(!self.endpoint.is_plain())
            .gzip(true)
            .timeout(self.options.timeout)
            .connect_timeout(self.options.connect_timeout)
            .pool_idle_timeout(std::time::Duration::from_secs(30))
            .user_agent(&self.options.user_agent);
        if self.endpoint.is_loopback() || self.options.proxy == Proxy::Direct {
            builder = builder.no_proxy();
        }
        builder = if self.endpoint.is_plain() {
            // No TLS, so no trust store: this is what keeps the sandbox's cold start short.
            builder.tls_certs_only([])
        } else if self.extra_roots.is_empty() {
            builder
        } else {
            builder.tls_certs_merge(self.extra_roots.iter().cloned())
        };
        builder.build().map_err(|error| {
            TransportError {
            sent: false,
            message: format!("cannot set up TLS: {}", causes(&error)),
            hint: Some(
                "install the system's CA certificates (package ca-certificates), or give a file of \
                 them with --ca-bundle FILE"
                    .to_owned(),
            ),
        }
        })
    }

    /// Through which proxy, where there is one: the fault may be its own.
    fn through(&self) -> String {
        if self.endpoint.is_loopback() || self.options.proxy == Proxy::Direct {
            return String::new();
        }
        let env = |name: &str| std::env::var(name).ok();
        match certctl_network::proxy_to(&self.endpoint.join(""), &env) {
            Some(proxy) => format!(" through the proxy {proxy}"),
            None => String::new(),
        }
    }

    fn error(&self, error: reqwest::Error) -> TransportError {
        let connecting = error.is_connect();
        let timeout = error.is_timeout();
        let causes = causes(&error.without_url());
        let origin = self.endpoint.origin();
        let message = match (connecting, timeout) {
            (true, _) => format!("cannot connect to {origin}{}: {causes}", self.through()),
            (false, true) => format!("no complete response within {:?}", self.options.timeout),
            (false, false) => causes,
        };
        let hint = connecting
            .then(|| certctl_network::hint(&message))
            .flatten();
        TransportError {
            sent: !connecting,
            message,
            hint: hint.map(str::to_owned),
        }
    }
}

#[async_trait]
impl Transport for Network {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let stack = self.stack()?;
        let request = reqwest::Request::try_from(request).map_err(|error| TransportError {
            sent: false,
            message: causes(&error.without_url()),
            hint: None,
        })?;
        let answer = stack.execute(request).await;
        let mut answer = answer.map_err(|error| self.error(error))?;
        let mut response = http::Response::new(Bytes::new());
        *response.status_mut() = answer.status();
        std::mem::swap(response.headers_mut(), answer.headers_mut());
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| self.error(error))? {
            if body.len().saturating_add(chunk.len()) > self.options.max_response_bytes {
                return Err(TransportError {
                    sent: true,
                    message: format!(
                        "the response is longer than {} bytes",
                        self.options.max_response_bytes
                    ),
                    hint: Some("is this really Cloudflare's API? check CLOUDFLARE_BASE_URL".into()),
                });
            }
            body.extend_from_slice(&chunk);
        }
        *response.body_mut() = body.freeze();
        Ok(response)
    }
}
