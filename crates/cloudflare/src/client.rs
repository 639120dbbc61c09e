//! The client: one method per operation of the API.
//!
//! *Guarantees*: a read repeats itself by the rule of `retry.rs` and ends in a whole answer or an
//! error; a write is sent at most once and says which of "not sent", "refused" and "unknown" it was.
//! *Non-goals*: looking for the effect of a write; that is `apply`'s.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use certctl_model::{
    AccountId, CertificateId, Configuration, RemoteCertificate, Timestamp, ValidityDays,
};
use http::Method;
use serde_json::{Value, json};

use crate::credentials::Credentials;
use crate::endpoint::Endpoint;
use crate::envelope::Malformed;
use crate::error::{ClientError, ReadError, RefusalKind, WriteError};
use crate::exchange::{self, Fault, Reply};
use crate::keyring::{Keyring, Signer, Single};
use crate::options::ClientOptions;
use crate::payload::Payload;
use crate::seat::{self, Seat, Seats};
use crate::sender::Sender;
use crate::transport::{Network, Transport};
use crate::wire;

/// The API client. Clones share connections, rate budgets and request count.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Sender>,
    admission: Arc<Admission>,
    /// Whose seat is given up while a request has to wait.
    seat: Option<Arc<Seat>>,
}

/// What the rate budget let leave and has not left yet; it goes back to the budget when the last
/// clone that holds it is gone.
#[derive(Default)]
struct Admission {
    signer: Option<Arc<Signer>>,
    left: AtomicU32,
}

impl Drop for Admission {
    fn drop(&mut self) {
        if let Some(signer) = &self.signer {
            signer.budget.give_back(*self.left.get_mut());
        }
    }
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
        Self::with_keyring(endpoint, Arc::new(Single(credentials)), options)
    }

    /// A client over the network that asks for the credentials of each account.
    ///
    /// # Errors
    /// When the CA bundle cannot be read.
    pub fn with_keyring(
        endpoint: Endpoint,
        keyring: Arc<dyn Keyring>,
        options: ClientOptions,
    ) -> Result<Self, ClientError> {
        let network = Arc::new(Network::new(endpoint.clone(), options.clone())?);
        Ok(Self::over(endpoint, keyring, options, network))
    }

    /// A client over a transport of one's own, such as a server's router called in process.
    #[must_use]
    pub fn with_transport(
        endpoint: Endpoint,
        credentials: Credentials,
        options: ClientOptions,
        transport: Arc<dyn Transport>,
    ) -> Self {
        Self::over(endpoint, Arc::new(Single(credentials)), options, transport)
    }

    /// A client of these parts.
    #[must_use]
    pub fn over(
        endpoint: Endpoint,
        keyring: Arc<dyn Keyring>,
        options: ClientOptions,
        transport: Arc<dyn Transport>,
    ) -> Self {
        Self {
            inner: Arc::new(Sender::new(endpoint, keyring, options, transport)),
            admission: Arc::default(),
            seat: None,
        }
    }

    /// Waits until the work on this account may begin. The client that it returns has a seat for that: it
    /// gives it up while it waits for the rate budget, or between two attempts, and takes it again before
    /// anything leaves.
    ///
    /// Accounts with the same token begin one after the other, each once the budget would let it: so as
    /// many of them have begun as the token can serve, and the others hold up nobody who has another.
    pub async fn begin(&self, seats: &Seats, account: &AccountId) -> Self {
        let _turn = self.inner.turn(account).await;
        Self {
            seat: Some(Arc::new(seats.begin().await)),
            ..self.clone()
        }
    }

    /// What `wait` comes to; the seat is given up meanwhile, as [`Seat::rest`] says.
    pub async fn rest<T>(&self, wait: impl Future<Output = T>) -> T {
        seat::rest(self.seat(), wait).await
    }

    /// Takes the seat again after a wait that was dropped.
    pub async fn take_seat(&self) {
        if let Some(seat) = self.seat() {
            seat.take().await;
        }
    }

    fn seat(&self) -> Option<&Seat> {
        self.seat.as_deref()
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
        self.read(account, &certificates(account), decode)
            .await
            .map_err(ReadError::from)
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
        match self.read(account, &certificate(account, id), decode).await {
            Ok(certificate) => Ok(Some(certificate)),
            Err(Fault::Refused(refusal)) if refusal.kind() == RefusalKind::NotFound => Ok(None),
            Err(fault) => Err(fault.into()),
        }
    }

    /// The account's Gateway configuration.
    ///
    /// # Errors
    /// When there is no well-formed answer.
    pub async fn configuration(&self, account: &AccountId) -> Result<Configuration, ReadError> {
        self.read(account, &configuration(account), |reply| {
            wire::configuration(&reply.result)
        })
        .await
        .map_err(ReadError::from)
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
            .write_json(account, Method::POST, &certificates(account), body)
            .await?;
        match wire::decode_certificate(&reply.result) {
            Ok(certificate) => Ok(written(&reply, Some(certificate))),
            Err(why) => Err(reply.garbled(&why).into()),
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
        self.change(account, Method::POST, &path, id).await
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
        self.change(account, Method::POST, &path, id).await
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
        self.change(account, Method::DELETE, &path, id).await
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
        let reply = self.write_json(account, Method::PATCH, &path, body).await?;
        Ok(written(&reply, None))
    }

    /// Where the API is.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        self.inner.endpoint()
    }

    /// How many HTTP requests were sent, over all clones.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.inner.requests()
    }

    /// Waits until the rate budget lets so many requests about this account leave. The client that it
    /// returns sends that many without waiting again, whatever the API says of its limits meanwhile: so
    /// what is read of an account, and the write that rests on it, leave one right after the other.
    ///
    /// # Errors
    /// When there are no credentials for the account, or the API makes everything wait for longer than
    /// `patience`.
    pub async fn admitted(&self, account: &AccountId, requests: u32) -> Result<Self, ReadError> {
        let signer = self.inner.admit(self.seat(), account, requests).await;
        let admission = Admission {
            signer: Some(signer.map_err(ReadError::from)?),
            left: AtomicU32::new(requests),
        };
        Ok(Self {
            inner: self.inner.clone(),
            admission: Arc::new(admission),
            seat: self.seat.clone(),
        })
    }

    /// Whether the next request of this client leaves without waiting.
    #[must_use]
    pub fn is_admitted(&self) -> bool {
        self.admission.left.load(Ordering::Relaxed) > 0
    }

    /// For how long nothing about this account leaves now, because the API said so; none when requests
    /// may leave.
    #[must_use]
    pub fn pause_left(&self, account: &AccountId) -> Option<Duration> {
        self.inner.pause_left(account)
    }

    /// One request, once.
    pub(crate) async fn exchange(
        &self,
        account: &AccountId,
        method: Method,
        path: &str,
        body: Option<Bytes>,
    ) -> Result<Reply, Fault> {
        let admitted = AtomicU32::new(0);
        let body = body.map(Payload::from);
        let seat = self.seat();
        let sent = self
            .inner
            .exchange(&admitted, seat, account, method, path, body);
        sent.await
    }

    pub(crate) async fn change(
        &self,
        account: &AccountId,
        method: Method,
        path: &str,
        id: &CertificateId,
    ) -> Result<Written, WriteError> {
        let reply = self.write_json(account, method, path, json!({})).await?;
        // The effect is Cloudflare's to finish and the caller's to look for: an answer without the
        // certificate, or about another one, is still a yes.
        let certificate = wire::decode_certificate(&reply.result).ok();
        Ok(written(&reply, certificate.filter(|c| c.id == *id)))
    }

    async fn write_json(
        &self,
        account: &AccountId,
        method: Method,
        path: &str,
        body: Value,
    ) -> Result<Reply, WriteError> {
        let body = Bytes::from(body.to_string());
        self.write(account, method, path, body.into()).await
    }

    pub(crate) async fn write(
        &self,
        account: &AccountId,
        method: Method,
        path: &str,
        body: Payload,
    ) -> Result<Reply, WriteError> {
        let (admitted, seat) = (&self.admission.left, self.seat());
        self.inner
            .exchange(admitted, seat, account, method, path, Some(body))
            .await
            .map_err(WriteError::from)
    }

    pub(crate) async fn read<T>(
        &self,
        account: &AccountId,
        path: &str,
        decode: impl Fn(&Reply) -> Result<T, Malformed>,
    ) -> Result<T, Fault> {
        let mut retry = self.inner.retry();
        loop {
            let (admitted, seat, get) = (&self.admission.left, self.seat(), Method::GET);
            let sent = self
                .inner
                .exchange(admitted, seat, account, get, path, None);
            let fault = match sent.await {
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
            let path = exchange::shown(path);
            tracing::debug!(path, ?wait, status = fault.status(), "repeating a read");
            seat::rest(seat, tokio::time::sleep(wait)).await;
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Client").field(&self.inner).finish()
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
