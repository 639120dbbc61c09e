//! The network between one run and the sandbox, in process and on a paused clock: every request goes
//! to the server's router, whose faults become faults of the transport.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use certctl_cloudflare::{ClientOptions, Transport, TransportError};
use certctl_sandbox::Disruption;
use http::{Method, Request, Response};
use tokio::task::yield_now;
use tower::ServiceExt as _;

use crate::declared::ACCOUNTS;

/// No run has any business to send more in one account.
pub(crate) const MOST_REQUESTS: usize = 400;

/// What a run did on the wire in each account, for whoever holds the other end.
#[derive(Debug)]
pub(crate) struct Traffic {
    accounts: Vec<Counts>,
}

#[derive(Debug)]
struct Counts {
    id: &'static str,
    requests: AtomicUsize,
    writes: AtomicUsize,
}

impl Traffic {
    /// Of so many accounts, nothing yet.
    pub(crate) fn of(accounts: usize) -> Self {
        let counts = |(_, id): &(&str, &'static str)| Counts {
            id,
            requests: AtomicUsize::new(0),
            writes: AtomicUsize::new(0),
        };
        Self {
            accounts: ACCOUNTS.iter().take(accounts).map(counts).collect(),
        }
    }

    /// How many requests left for an account.
    pub(crate) fn requests(&self, account: usize) -> usize {
        self.accounts[account].requests.load(Ordering::Relaxed)
    }

    /// How many of them were no GET.
    pub(crate) fn writes(&self, account: usize) -> usize {
        self.accounts[account].writes.load(Ordering::Relaxed)
    }

    /// Counts a request; says how many there were before.
    fn count(&self, request: &Request<Bytes>) -> usize {
        let path = request.uri().path();
        let of = self.accounts.iter().find(|one| path.contains(one.id));
        let of = of.unwrap_or_else(|| panic!("whose is {path}?"));
        if request.method() != Method::GET {
            of.writes.fetch_add(1, Ordering::Relaxed);
        }
        of.requests.fetch_add(1, Ordering::Relaxed)
    }
}

/// The wire of one run.
#[derive(Clone)]
pub(crate) struct Wire {
    router: Router,
    traffic: Arc<Traffic>,
    /// The ids of the accounts for which nobody answers.
    silent: Vec<&'static str>,
}

impl Wire {
    pub(crate) fn new(router: Router, traffic: Arc<Traffic>, silent: Vec<&'static str>) -> Self {
        Self {
            router,
            traffic,
            silent,
        }
    }
}

#[async_trait]
impl Transport for Wire {
    /// Before and after the server acts there is a moment in which the process can die.
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        if self.traffic.count(&request) >= MOST_REQUESTS {
            // Whoever watches the run sees the count.
            std::future::pending::<()>().await;
        }
        let path = request.uri().path();
        if self.silent.iter().any(|id| path.contains(id)) {
            return Err(error(false, "connection refused"));
        }
        yield_now().await;
        let answer = self.router.clone().oneshot(request.map(Body::from));
        let answer = tokio::time::timeout(ClientOptions::default().timeout, answer).await;
        yield_now().await;
        let Ok(Ok(response)) = answer else {
            return Err(error(true, "no complete response in time"));
        };
        match response.extensions().get::<Disruption>() {
            Some(Disruption::Refused) => return Err(error(false, "connection refused")),
            Some(_) => return Err(error(true, "connection reset by peer")),
            None => {}
        }
        let (parts, body) = response.into_parts();
        match to_bytes(body, usize::MAX).await {
            Ok(body) => Ok(Response::from_parts(parts, body)),
            Err(_) => Err(error(true, "the body ended early")),
        }
    }
}

fn error(sent: bool, message: &str) -> TransportError {
    TransportError {
        sent,
        message: message.to_owned(),
        hint: None,
    }
}
