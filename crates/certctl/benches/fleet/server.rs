//! A server of one certificate for each account: it answers at once, or after a latency, and counts.
//!
//! Not the sandbox: whatever time the server takes itself is no part of what is measured.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Json, Router};
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, KeyUsagePurpose};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

const ZERO_TIME: &str = "0001-01-01T00:00:00Z";

/// A running server; it ends when dropped.
pub(crate) struct Server {
    pub(crate) url: String,
    said: Arc<Said>,
    _runtime: Runtime,
}

/// What every answer is made of.
struct Said {
    pem: String,
    fingerprint: String,
    latency: AtomicU64,
    requests: AtomicUsize,
}

impl Server {
    pub(crate) fn start() -> Self {
        let runtime = Runtime::new().expect("a runtime can be made");
        let pem = authority();
        let facts = certctl_x509::facts(&pem).expect("it is a CA");
        let said = Arc::new(Said {
            pem,
            fingerprint: facts.fingerprint.to_string(),
            latency: AtomicU64::new(0),
            requests: AtomicUsize::new(0),
        });
        let routes = Router::new()
            .route(
                "/accounts/{account}/gateway/certificates",
                get(certificates),
            )
            .route(
                "/accounts/{account}/gateway/configuration",
                get(configuration),
            )
            .with_state(Arc::clone(&said));
        let listening = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let listener = runtime.block_on(listening).expect("a port is free");
        let port = listener.local_addr().expect("it has an address").port();
        runtime.spawn(async move { axum::serve(listener, routes).await });
        Self {
            url: format!("http://127.0.0.1:{port}"),
            said,
            _runtime: runtime,
        }
    }

    /// How long each answer takes from now on, in milliseconds.
    pub(crate) fn delay(&self, milliseconds: u64) {
        self.said.latency.store(milliseconds, Ordering::Relaxed);
    }

    /// How many requests there were since this was asked last.
    pub(crate) fn requests(&self) -> usize {
        self.said.requests.swap(0, Ordering::Relaxed)
    }
}

async fn certificates(State(said): State<Arc<Said>>, Path(account): Path<String>) -> Json<Value> {
    answer(
        &said,
        json!([{
            "id": id(&account),
            "type": "gateway_managed",
            "binding_status": "available",
            "in_use": true,
            "certificate": said.pem,
            "fingerprint": said.fingerprint,
            "issuer_org": "Bench",
            "issuer_raw": "O=Bench",
            "created_at": "2026-01-01T00:00:00Z",
            "expires_on": "2055-12-25T00:00:00Z",
            "updated_at": ZERO_TIME,
            "uploaded_on": ZERO_TIME,
        }]),
    )
    .await
}

async fn configuration(State(said): State<Arc<Said>>, Path(account): Path<String>) -> Json<Value> {
    answer(
        &said,
        json!({"settings": {"certificate": {"id": id(&account)}}}),
    )
    .await
}

async fn answer(said: &Said, result: Value) -> Json<Value> {
    said.requests.fetch_add(1, Ordering::Relaxed);
    let latency = Duration::from_millis(said.latency.load(Ordering::Relaxed));
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    Json(json!({"success": true, "errors": [], "messages": [], "result": result}))
}

/// An id of its own for the certificate of each account.
fn id(account: &str) -> String {
    let end = account.len().saturating_sub(12);
    let last = account.get(end..).unwrap_or_default();
    format!("f174e90a-fafe-4643-bbbc-{last}")
}

/// A CA as Cloudflare makes them, of 10,950 days.
fn authority() -> String {
    let mut params = CertificateParams::default();
    params.not_before = rcgen::date_time_ymd(2026, 1, 1);
    params.not_after = params.not_before + Duration::from_secs(10_950 * 86_400);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).expect("a key can be made");
    params.self_signed(&key).expect("it can be signed").pem()
}
