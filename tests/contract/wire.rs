//! The client on the sandbox's router, and a record of everything that passed between them.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use certctl_cloudflare::{Client, ClientOptions, Credentials, Endpoint, Transport, TransportError};
use certctl_sandbox::{Options, Sandbox};
use http::{Request, Response};
use serde_json::Value;
use tower::ServiceExt;

/// One exchange.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) status: u16,
    pub(crate) request: Value,
    pub(crate) response: Value,
}

/// The wire.
pub(crate) struct Wire {
    sandbox: Sandbox,
    seen: Mutex<Vec<Exchange>>,
}

impl Wire {
    /// A client, and the wire that it speaks over.
    pub(crate) fn new() -> (Client, Arc<Self>) {
        let sandbox = Sandbox::open(Options::default()).unwrap();
        let wire = Arc::new(Self {
            sandbox,
            seen: Mutex::default(),
        });
        let endpoint = Endpoint::parse("http://127.0.0.1/client/v4").unwrap();
        let token = Credentials::token("a-token-for-tests").unwrap();
        let client =
            Client::with_transport(endpoint, token, ClientOptions::default(), wire.clone());
        (client, wire)
    }

    pub(crate) fn seen(&self) -> Vec<Exchange> {
        self.seen.lock().unwrap().clone()
    }
}

#[async_trait]
impl Transport for Wire {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let (method, path) = (
            request.method().to_string(),
            request.uri().path().to_owned(),
        );
        let sent = request.body().clone();
        let request = request.map(axum::body::Body::from);
        let response = self.sandbox.router().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 1 << 24).await.unwrap();
        self.seen.lock().unwrap().push(Exchange {
            method: method.to_lowercase(),
            path,
            status: head.status.as_u16(),
            request: serde_json::from_slice(&sent).unwrap_or(Value::Null),
            response: serde_json::from_slice(&body).unwrap_or(Value::Null),
        });
        Ok(Response::from_parts(head, body))
    }
}
