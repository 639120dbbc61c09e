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

/// No run has any business to send more.
pub(crate) const MOST_REQUESTS: usize = 400;

/// What a run did on the wire, for whoever holds the other end.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    requests: AtomicUsize,
    writes: AtomicUsize,
}

impl Traffic {
    /// How many requests left.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    /// How many of them were no GET.
    pub(crate) fn writes(&self) -> usize {
        self.writes.load(Ordering::Relaxed)
    }
}

/// The wire of one run.
pub(crate) struct Wire {
    router: Router,
    traffic: Arc<Traffic>,
}

impl Wire {
    pub(crate) fn new(router: Router, traffic: Arc<Traffic>) -> Self {
        Self { router, traffic }
    }
}

#[async_trait]
impl Transport for Wire {
    /// Before and after the server acts there is a moment in which the process can die.
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let count = self.traffic.requests.fetch_add(1, Ordering::Relaxed);
        if request.method() != Method::GET {
            self.traffic.writes.fetch_add(1, Ordering::Relaxed);
        }
        if count >= MOST_REQUESTS {
            // Whoever watches the run sees the count.
            std::future::pending::<()>().await;
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
