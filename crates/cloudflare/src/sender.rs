//! Sending one request: signed, counted, within the budget, logged, and without an echo.
//!
//! *Invariants*: one call sends at most one request; what is logged is method, path, status, time
//! and Cloudflare's two ids of the request, never another header and never a body; should a server
//! echo the secret, it is cut out of whatever could be shown.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, header};
use tokio::time::Instant;

use crate::budget::Budget;
use crate::credentials::Credentials;
use crate::echo;
use crate::endpoint::Endpoint;
use crate::exchange::{self, Fault, Reply};
use crate::options::ClientOptions;
use crate::retry::Retry;
use crate::transport::Transport;

/// How long a 429 without `retry-after` pauses everything.
const PAUSE: Duration = Duration::from_secs(1);

/// What all clones of a client share.
pub(crate) struct Sender {
    endpoint: Endpoint,
    credentials: Credentials,
    options: ClientOptions,
    transport: Arc<dyn Transport>,
    budget: Budget,
    requests: AtomicU64,
}

impl Sender {
    pub(crate) fn new(
        endpoint: Endpoint,
        credentials: Credentials,
        options: ClientOptions,
        transport: Arc<dyn Transport>,
    ) -> Self {
        Self {
            budget: Budget::new(!endpoint.is_loopback(), options.patience),
            endpoint,
            credentials,
            options,
            transport,
            requests: AtomicU64::new(0),
        }
    }

    /// The memory of a read that begins.
    pub(crate) fn retry(&self) -> Retry {
        Retry::new(self.options.read_attempts, self.options.patience)
    }

    /// How many requests were sent.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Waits until a request could leave at once.
    pub(crate) async fn ready(&self) {
        self.budget.ready().await;
    }

    /// Sends one request, once, when the budget lets it.
    pub(crate) async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Option<Bytes>,
    ) -> Result<Reply, Fault> {
        let name = format!("{method} {path}");
        let request = self.request(&name, method, path, body)?;
        self.budget.take().await;
        self.requests.fetch_add(1, Ordering::Relaxed);
        let start = Instant::now();
        let outcome = self.transport.send(request).await;
        let elapsed = start.elapsed();
        let mut response = match outcome {
            Ok(response) => response,
            Err(error) => {
                if !error.sent {
                    self.requests.fetch_sub(1, Ordering::Relaxed);
                }
                tracing::debug!(request = %name, sent = error.sent, ?elapsed, "no response");
                return Err(self.scrubbed(Fault::transport(&name, error)));
            }
        };
        self.scrub_headers(&mut response);
        *response.body_mut() = echo::clean(response.body(), &|text| self.credentials.scrub(text));
        let header = |name| exchange::header(response.headers(), name);
        let status = response.status().as_u16();
        tracing::debug!(
            request = %name,
            status,
            ?elapsed,
            ray = header("cf-ray"),
            audit_log_id = header("cf-auditlog-id"),
            "response"
        );
        if let Some(left) = header("ratelimit") {
            self.budget.learn(&left);
        }
        let answer = exchange::read(&name, &response).map_err(|fault| self.scrubbed(fault));
        if status == 429 {
            let asked = answer.as_ref().err().and_then(Fault::retry_after);
            self.budget.pause(asked.unwrap_or(PAUSE));
        }
        answer
    }

    fn request(
        &self,
        name: &str,
        method: Method,
        path: &str,
        body: Option<Bytes>,
    ) -> Result<http::Request<Bytes>, Fault> {
        let headers = self
            .credentials
            .headers()
            .map_err(|error| Fault::not_sent(name, error.to_string(), error.hint()))?;
        let mut request = http::Request::builder()
            .method(method)
            .uri(self.endpoint.join(path))
            .body(body.clone().unwrap_or_default())
            .map_err(|error| Fault::not_sent(name, error.to_string(), None))?;
        *request.headers_mut() = headers;
        let json = HeaderValue::from_static("application/json");
        if body.is_some() {
            request
                .headers_mut()
                .insert(header::CONTENT_TYPE, json.clone());
        }
        request.headers_mut().insert(header::ACCEPT, json);
        Ok(request)
    }

    /// A server may echo what it was sent; no secret leaves through its words either.
    fn scrubbed(&self, mut fault: Fault) -> Fault {
        let scrub = |text: &mut String| *text = self.credentials.scrub(text);
        match &mut fault {
            Fault::NotSent(failure) | Fault::Lost(failure) | Fault::Garbled(failure) => {
                scrub(&mut failure.what);
            }
            Fault::Refused(refusal) => {
                for error in &mut refusal.errors {
                    scrub(&mut error.message);
                    error.documentation_url.iter_mut().for_each(scrub);
                    error.pointer.iter_mut().for_each(scrub);
                }
            }
        }
        fault
    }

    fn scrub_headers(&self, response: &mut http::Response<Bytes>) {
        for value in response.headers_mut().values_mut() {
            let echoes = |text: &str| self.credentials.scrub(text) != text;
            if value.to_str().is_ok_and(echoes) {
                *value = HeaderValue::from_static("[redacted]");
            }
        }
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("endpoint", &self.endpoint)
            .field("credentials", &self.credentials)
            .field("requests", &self.requests())
            .finish_non_exhaustive()
    }
}
