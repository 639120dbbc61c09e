//! The client: one method per operation of the API.
//!
//! *Guarantees*: a read repeats itself by the rule of `retry.rs` and ends in a whole answer or an
//! error; a write is sent at most once and says which of "not sent", "refused" and "unknown" it was.
//! *Non-goals*: looking for the effect of a write; that is `apply`'s.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use certctl_model::{
    AccountId, CertificateId, Configuration, RemoteCertificate, Timestamp, ValidityDays,
};
use http::{HeaderValue, Method, header};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::budget::Budget;
use crate::credentials::Credentials;
use crate::endpoint::Endpoint;
use crate::envelope::Malformed;
use crate::error::{ClientError, Failure, ReadError, RefusalKind, WriteError};
use crate::exchange::{self, Fault, Reply};
use crate::options::ClientOptions;
use crate::retry::Retry;
use crate::transport::{Network, Transport};
use crate::wire;

/// How long a 429 without `retry-after` pauses everything.
const PAUSE: Duration = Duration::from_secs(1);

/// The API client. Clones share connections, rate budget and request count.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    endpoint: Endpoint,
    credentials: Credentials,
    options: ClientOptions,
    transport: Arc<dyn Transport>,
    budget: Budget,
    requests: AtomicU64,
}

/// The certificates of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// All of them, ordered by id.
    pub certificates: Vec<RemoteCertificate>,
    /// The API's own clock (`Date` header).
    pub date: Option<Timestamp>,
}

/// A write that went through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The certificate that the API answered with. After a create always; the answer of a delete
    /// may be the certificate or null (schema and recordings differ).
    pub certificate: Option<RemoteCertificate>,
    /// The `Cf-Auditlog-Id` header: where Cloudflare's audit log has this request.
    pub audit_log_id: Option<String>,
    /// The HTTP status: 200, 201 or 202, by operation.
    pub status: u16,
    /// The API's own clock (`Date` header).
    pub date: Option<Timestamp>,
}

impl Client {
    /// A client over the network. Nothing is connected and no trust store is loaded before the first
    /// request.
    ///
    /// # Errors
    /// When the credentials could not stand in a header, or the CA bundle cannot be read.
    pub fn new(
        endpoint: Endpoint,
        credentials: Credentials,
        options: ClientOptions,
    ) -> Result<Self, ClientError> {
        credentials.headers().map_err(ClientError::Credentials)?;
        let network = Network::new(endpoint.clone(), options.clone())?;
        Ok(Self::with_transport(
            endpoint,
            credentials,
            options,
            Arc::new(network),
        ))
    }

    /// A client over a transport of one's own, such as a server's router called in process.
    #[must_use]
    pub fn with_transport(
        endpoint: Endpoint,
        credentials: Credentials,
        options: ClientOptions,
        transport: Arc<dyn Transport>,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                budget: Budget::new(!endpoint.is_loopback(), options.patience),
                endpoint,
                credentials,
                options,
                transport,
                requests: AtomicU64::new(0),
            }),
        }
    }

    /// Every certificate of the account: one request, for the endpoint has no pages.
    ///
    /// # Errors
    /// When there is no whole, well-formed list. Never an empty list in its stead.
    pub async fn list(&self, account: &AccountId) -> Result<Listing, ReadError> {
        let decode = |reply: &Reply| {
            Ok(Listing {
                certificates: wire::list(&reply.result, &reply.result_info)?,
                date: reply.date,
            })
        };
        self.read(&certificates(account), decode)
            .await
            .map_err(read_error)
    }

    /// One certificate; `None` only when the API says that it does not exist: code 2027, or a 404
    /// with an envelope that is not about the route.
    ///
    /// # Errors
    /// When there is no well-formed answer, or it is about another certificate.
    pub async fn get(
        &self,
        account: &AccountId,
        id: &CertificateId,
    ) -> Result<Option<RemoteCertificate>, ReadError> {
        let decode = |reply: &Reply| {
            let certificate = wire::decode_certificate(&reply.result)?;
            if certificate.id == *id {
                Ok(certificate)
            } else {
                Err(Malformed::new("the response is about another certificate"))
            }
        };
        match self.read(&certificate(account, id), decode).await {
            Ok(certificate) => Ok(Some(certificate)),
            Err(Fault::Refused(refusal)) if refusal.kind() == RefusalKind::NotFound => Ok(None),
            Err(fault) => Err(read_error(fault)),
        }
    }

    /// The account's Gateway configuration.
    ///
    /// # Errors
    /// When there is no well-formed answer.
    pub async fn configuration(&self, account: &AccountId) -> Result<Configuration, ReadError> {
        self.read(&configuration(account), |reply| {
            wire::configuration(&reply.result)
        })
        .await
        .map_err(read_error)
    }

    /// Creates a certificate. The only input that the API knows is the validity.
    ///
    /// # Errors
    /// As [`WriteError`] says; an answer without a certificate that has an id is
    /// [`WriteError::Unknown`].
    pub async fn create(
        &self,
        account: &AccountId,
        days: ValidityDays,
    ) -> Result<Written, WriteError> {
        let body = json!({ "validity_period_days": days.days() });
        let reply = self
            .write(Method::POST, &certificates(account), body)
            .await?;
        match wire::decode_certificate(&reply.result) {
            Ok(certificate) => Ok(written(&reply, Some(certificate))),
            Err(why) => Err(write_error(reply.garbled(&why))),
        }
    }

    /// Starts to deploy a certificate to the edge; Cloudflare finishes that later.
    ///
    /// # Errors
    /// As [`WriteError`] says.
    pub async fn activate(
        &self,
        account: &AccountId,
        id: &CertificateId,
    ) -> Result<Written, WriteError> {
        let path = format!("{}/activate", certificate(account, id));
        self.change(Method::POST, &path, id).await
    }

    /// Starts to remove a certificate from the edge; Cloudflare finishes that later.
    ///
    /// # Errors
    /// As [`WriteError`] says.
    pub async fn deactivate(
        &self,
        account: &AccountId,
        id: &CertificateId,
    ) -> Result<Written, WriteError> {
        let path = format!("{}/deactivate", certificate(account, id));
        self.change(Method::POST, &path, id).await
    }

    /// Deletes a certificate.
    ///
    /// # Errors
    /// As [`WriteError`] says.
    pub async fn delete(
        &self,
        account: &AccountId,
        id: &CertificateId,
    ) -> Result<Written, WriteError> {
        let path = certificate(account, id);
        self.change(Method::DELETE, &path, id).await
    }

    /// Makes Gateway use a certificate. A PATCH of this one block, for a PUT would clear the rest of
    /// the configuration.
    ///
    /// # Errors
    /// As [`WriteError`] says.
    pub async fn set_in_use(
        &self,
        account: &AccountId,
        id: &CertificateId,
    ) -> Result<Written, WriteError> {
        let body = json!({ "settings": { "certificate": { "id": id } } });
        let path = configuration(account);
        let reply = self.write(Method::PATCH, &path, body).await?;
        Ok(written(&reply, None))
    }

    /// How many HTTP requests were sent, over all clones.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.inner.requests.load(Ordering::Relaxed)
    }

    /// Waits until the rate budget would let a request leave at once. To be called before an intent
    /// is written, so that nothing but the request stands between the two.
    pub async fn ready(&self) {
        self.inner.budget.ready().await;
    }

    async fn change(
        &self,
        method: Method,
        path: &str,
        id: &CertificateId,
    ) -> Result<Written, WriteError> {
        let reply = self.write(method, path, json!({})).await?;
        // The effect is Cloudflare's to finish and the caller's to look for: an answer without the
        // certificate, or about another one, is still a yes.
        let certificate = wire::decode_certificate(&reply.result).ok();
        Ok(written(&reply, certificate.filter(|c| c.id == *id)))
    }

    async fn write(&self, method: Method, path: &str, body: Value) -> Result<Reply, WriteError> {
        let body = Bytes::from(body.to_string());
        self.exchange(method, path, Some(body))
            .await
            .map_err(write_error)
    }

    async fn read<T>(
        &self,
        path: &str,
        decode: impl Fn(&Reply) -> Result<T, Malformed>,
    ) -> Result<T, Fault> {
        let options = &self.inner.options;
        let mut retry = Retry::new(options.read_attempts, options.patience);
        loop {
            let fault = match self.exchange(Method::GET, path, None).await {
                Ok(reply) => match decode(&reply) {
                    Ok(value) => return Ok(value),
                    Err(why) => reply.garbled(&why),
                },
                Err(fault) => fault,
            };
            if matches!(&fault, Fault::Refused(r) if r.kind() == RefusalKind::NotFound) {
                return Err(fault);
            }
            let Some(wait) = retry.after(&fault) else {
                return Err(fault);
            };
            tracing::debug!(path, ?wait, status = fault.status(), "repeating a read");
            tokio::time::sleep(wait).await;
        }
    }

    /// Sends one request, once, when the budget lets it.
    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Option<Bytes>,
    ) -> Result<Reply, Fault> {
        let inner = &*self.inner;
        let name = format!("{method} {path}");
        let request = inner.request(&name, method, path, body)?;
        inner.budget.take().await;
        inner.requests.fetch_add(1, Ordering::Relaxed);
        let start = Instant::now();
        let outcome = inner.transport.send(request).await;
        let elapsed = start.elapsed();
        let mut response = match outcome {
            Ok(response) => response,
            Err(error) => {
                if !error.sent {
                    inner.requests.fetch_sub(1, Ordering::Relaxed);
                }
                tracing::debug!(request = %name, sent = error.sent, ?elapsed, "no response");
                return Err(inner.scrubbed(Fault::transport(&name, error)));
            }
        };
        inner.scrub_headers(&mut response);
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
            inner.budget.learn(&left);
        }
        let answer = exchange::read(&name, &response).map_err(|fault| inner.scrubbed(fault));
        if status == 429 {
            let asked = answer.as_ref().err().and_then(Fault::retry_after);
            inner.budget.pause(asked.unwrap_or(PAUSE));
        }
        answer
    }
}

impl Inner {
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

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("endpoint", &self.inner.endpoint)
            .field("credentials", &self.inner.credentials)
            .field("requests", &self.requests())
            .finish_non_exhaustive()
    }
}

fn certificates(account: &AccountId) -> String {
    format!("/accounts/{account}/gateway/certificates")
}

fn certificate(account: &AccountId, id: &CertificateId) -> String {
    format!("/accounts/{account}/gateway/certificates/{id}")
}

fn configuration(account: &AccountId) -> String {
    format!("/accounts/{account}/gateway/configuration")
}

fn written(reply: &Reply, certificate: Option<RemoteCertificate>) -> Written {
    Written {
        certificate,
        audit_log_id: reply.audit_log_id.clone(),
        status: reply.status,
        date: reply.date,
    }
}

fn read_error(fault: Fault) -> ReadError {
    match fault {
        Fault::Refused(refusal) => ReadError::Refused(refusal),
        Fault::NotSent(failure) | Fault::Lost(failure) | Fault::Garbled(failure) => {
            ReadError::Failed(failure)
        }
    }
}

/// The one place that decides whether a write certainly had no effect.
fn write_error(fault: Fault) -> WriteError {
    match fault {
        Fault::NotSent(failure) => WriteError::NotSent(failure),
        Fault::Refused(refusal)
            if matches!(refusal.status, 400..=499)
                && refusal.status != 408
                && !refusal.is_internal() =>
        {
            WriteError::Refused(refusal)
        }
        Fault::Refused(refusal) => WriteError::Unknown(Failure::from(refusal)),
        Fault::Lost(failure) | Fault::Garbled(failure) => WriteError::Unknown(failure),
    }
}
