//! One HTTP exchange, and whether a failed one may have had an effect.
//!
//! *Purpose*: the seam between the client and the network. *Invariants*: a request that is handed
//! over leaves at most once (no retry, no redirect, in the HTTP library either), and
//! [`TransportError::sent`] is false only when it certainly never left. *Non-goals*: understanding
//! the answer.

use std::path::Path;
use std::sync::OnceLock;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use certctl_files::Links;
use reqwest::redirect::Policy;

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
            Some(path) if !endpoint.is_plain() => read_bundle(path)?,
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
        let mut builder = reqwest::Client::builder()
            .retry(reqwest::retry::never())
            .redirect(Policy::none())
            .referer(false)
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
            message: format!("cannot set up TLS: {}", chain(&error)),
            hint: Some(
                "install the system's CA certificates (package ca-certificates), or give a file of \
                 them with --ca-bundle FILE"
                    .to_owned(),
            ),
        }
        })
    }

    fn error(&self, error: reqwest::Error) -> TransportError {
        let connecting = error.is_connect();
        let timeout = error.is_timeout();
        let causes = chain(&error.without_url());
        let origin = self.endpoint.origin();
        let message = match (connecting, timeout) {
            (true, _) => format!("cannot connect to {origin}: {causes}"),
            (false, true) => format!("no complete response within {:?}", self.options.timeout),
            (false, false) => causes,
        };
        let hint = connecting.then(|| tls_hint(&message)).flatten();
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
            message: chain(&error.without_url()),
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

/// All CAs of the world are a tenth of this.
const MAX_BUNDLE: u64 = 16 << 20;

fn read_bundle(path: &Path) -> Result<Vec<reqwest::Certificate>, ClientError> {
    let fail = |reason: String| ClientError::CaBundle {
        path: path.to_owned(),
        reason,
    };
    let pem = certctl_files::read(path, MAX_BUNDLE, Links::Follow)
        .map_err(|error| fail(format!("cannot be read: {error}")))?;
    let roots = reqwest::Certificate::from_pem_bundle(&pem)
        .map_err(|error| fail(format!("is not PEM: {}", chain(&error))))?;
    if roots.is_empty() {
        return Err(fail("holds no certificate in PEM".to_owned()));
    }
    Ok(roots)
}

/// The causes of an error in one line. reqwest's own text hides them, and says nothing itself.
fn chain(error: &dyn std::error::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        let generic = error.source().is_some()
            && [
                "error sending request",
                "client error (",
                "builder error",
                "error decoding",
            ]
            .iter()
            .any(|prefix| text.starts_with(prefix));
        if !generic && !parts.last().is_some_and(|last| last.contains(&text)) {
            parts.push(text);
        }
        next = error.source();
    }
    parts.join(": ")
}

fn tls_hint(message: &str) -> Option<&'static str> {
    if message.contains("UnknownIssuer") {
        Some(
            "if TLS is inspected on this network, give the inspecting CA certificate with \
             --ca-bundle FILE",
        )
    } else if message.contains("certificate") {
        Some("check the API's address, and whether this machine's clock is right")
    } else {
        None
    }
}
