//! Sending one request: signed, counted, within the budget, logged, and without an echo.
//!
//! *Invariants*: one call sends at most one request; what is logged is method, path, status, time
//! and Cloudflare's two ids of the request, never another header and never a body; should a server
//! echo the secret, it is cut out of whatever could be shown.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use certctl_model::AccountId;
use http::{HeaderValue, Method, header};
use tokio::sync::OwnedMutexGuard;
use tokio::time::{Instant, timeout};

use crate::budget::{Exhausted, Urgency};
use crate::credentials::Credentials;
use crate::echo;
use crate::endpoint::Endpoint;
use crate::exchange::{self, Fault, Reply};
use crate::keyring::{Keyring, Signer, Signers};
use crate::options::ClientOptions;
use crate::payload::Payload;
use crate::retry::Retry;
use crate::seat::{self, Seat};
use crate::transport::Transport;

/// How long a 429 without `retry-after` pauses everything.
const PAUSE: Duration = Duration::from_secs(1);

/// The longest that the first in the line of its token waits.
const TURN: Duration = Duration::from_secs(10);

/// What all clones of a client share.
pub(crate) struct Sender {
    endpoint: Endpoint,
    signers: Signers,
    options: ClientOptions,
    transport: Arc<dyn Transport>,
    requests: AtomicU64,
}

impl Sender {
    pub(crate) fn new(
        endpoint: Endpoint,
        keyring: Arc<dyn Keyring>,
        options: ClientOptions,
        transport: Arc<dyn Transport>,
    ) -> Self {
        Self {
            signers: Signers::new(keyring, !endpoint.is_loopback(), options.patience),
            endpoint,
            options,
            transport,
            requests: AtomicU64::new(0),
        }
    }

    /// The memory of a read that begins.
    pub(crate) fn retry(&self) -> Retry {
        Retry::new(self.options.read_attempts, self.options.patience)
    }

    /// Where the API is.
    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// How many requests were sent.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Waits until so many requests about this account may leave at once, and counts them; gives
    /// whom to give back those that do not leave. The seat is given up meanwhile.
    pub(crate) async fn admit(
        &self,
        seat: Option<&Seat>,
        account: &AccountId,
        requests: u32,
    ) -> Result<Arc<Signer>, Fault> {
        let name = "a request";
        let signer = self.signers.of(account).await;
        let signer =
            signer.map_err(|error| Fault::not_sent(name, error.to_string(), error.hint()))?;
        let taken = signer.budget.take(requests, Urgency::Write);
        let taken = seat::rest(seat, taken).await;
        taken.map_err(|Exhausted| exhausted(name))?;
        Ok(signer)
    }

    /// Waits until the budget lets one request about this account leave, in the line of the accounts with
    /// the same token; the next of them moves up once what this returns is dropped. Whoever is held back
    /// for longer than [`TURN`] begins all the same: it can say so, and knows how long it may wait.
    pub(crate) async fn turn(&self, account: &AccountId) -> Option<OwnedMutexGuard<()>> {
        // Without credentials nothing leaves, and its first request says why.
        let signer = self.signers.of(account).await.ok()?;
        let turn = signer.line.clone().lock_owned().await;
        let taken = timeout(TURN, signer.budget.take(1, Urgency::Read)).await;
        if matches!(taken, Ok(Ok(()))) {
            signer.budget.give_back(1);
        }
        Some(turn)
    }

    /// For how long nothing about this account leaves now, because the API says so.
    pub(crate) fn pause_left(&self, account: &AccountId) -> Option<Duration> {
        self.signers.known(account)?.budget.pause_left()
    }

    /// Sends one request about an account, once, when the budget of the account's token lets it, or at
    /// once while any of `admitted` is left. The seat is given up while it waits for the budget.
    pub(crate) async fn exchange(
        &self,
        admitted: &AtomicU32,
        seat: Option<&Seat>,
        account: &AccountId,
        method: Method,
        path: &str,
        body: Option<Payload>,
    ) -> Result<Reply, Fault> {
        let name = format!("{method} {}", exchange::shown(path));
        let signer = self.signers.of(account).await;
        let signer =
            signer.map_err(|error| Fault::not_sent(&name, error.to_string(), error.hint()))?;
        let Signer {
            credentials,
            budget,
            ..
        } = &*signer;
        let urgency = match method {
            Method::GET => Urgency::Read,
            _ => Urgency::Write,
        };
        let bytes = body.as_ref().map(|body| body.bytes.clone());
        let request = self.request(credentials, &name, method, path, bytes)?;
        let scrub = |text: &str| {
            let text = credentials.scrub(text);
            match &body {
                Some(body) => body.scrub(&text),
                None => text,
            }
        };
        let one_less = |left: u32| left.checked_sub(1);
        let waits = admitted
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
            .is_err();
        if waits {
            let taken = seat::rest(seat, budget.take(1, urgency)).await;
            taken.map_err(|Exhausted| exhausted(&name))?;
        }
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
                return Err(scrubbed(&scrub, Fault::transport(&name, error)));
            }
        };
        scrub_headers(&scrub, &mut response);
        *response.body_mut() = echo::clean(response.body(), &scrub);
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
            budget.learn(&left);
        }
        let answer = exchange::read(&name, &response).map_err(|fault| scrubbed(&scrub, fault));
        let asked = answer.as_ref().err().and_then(Fault::retry_after);
        if status == 429 || asked.is_some() {
            budget.pause(asked.unwrap_or(PAUSE));
        }
        answer
    }

    fn request(
        &self,
        credentials: &Credentials,
        name: &str,
        method: Method,
        path: &str,
        body: Option<Bytes>,
    ) -> Result<http::Request<Bytes>, Fault> {
        let headers = credentials
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
}

/// A server may echo what it was sent; no secret leaves through its words either.
fn scrubbed(scrub: &dyn Fn(&str) -> String, mut fault: Fault) -> Fault {
    let scrub = |text: &mut String| *text = scrub(text);
    match &mut fault {
        Fault::NotSent(failure) | Fault::Lost(failure) | Fault::Garbled(failure) => {
            scrub(&mut failure.what);
            failure.ray.iter_mut().for_each(scrub);
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

fn scrub_headers(scrub: &dyn Fn(&str) -> String, response: &mut http::Response<Bytes>) {
    for value in response.headers_mut().values_mut() {
        let echoes = |text: &str| scrub(text) != text;
        if value.to_str().is_ok_and(echoes) {
            *value = HeaderValue::from_static("[redacted]");
        }
    }
}

/// A request that never left, because the API kept everything waiting.
fn exhausted(request: &str) -> Fault {
    let what = "the API makes certctl wait for longer than it is willing to";
    let hint = "Cloudflare allows 1200 requests in 5 minutes per token; run it again later";
    Fault::not_sent(request, what.to_owned(), Some(hint))
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("endpoint", &self.endpoint)
            .field("requests", &self.requests())
            .finish_non_exhaustive()
    }
}
