//! The control plane below `/sandbox`: the clock, the journal, the faults, the conditions.
//!
//! It asks for no credentials. Who changes certificates by hand is in [`dashboard`].

use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Extension, RawQuery, Request, State};
use axum::response::Response;
use axum::routing::get;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::conditions::Conditions;
use crate::dashboard;
use crate::fault::{ControlCall, Fault};
use crate::journal::summarise;
use crate::link::ConnectionId;
use crate::plain::{parse, told, wrong};
use crate::sandbox::Sandbox;

/// The routes, below `/sandbox`.
pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/clock", get(read_clock).post(move_clock))
        .route("/log", get(log))
        .route(
            "/faults",
            get(list_faults).post(add_fault).delete(clear_faults),
        )
        .route("/conditions", get(read_conditions).put(set_conditions))
        .nest("/accounts/{account}", dashboard::routes())
}

/// Does a call without a connection. Whether it was of use stands in the journal.
pub(crate) async fn act(sandbox: &Sandbox, call: &ControlCall) {
    let body = match &call.body {
        Value::Null => Body::empty(),
        body => Body::from(body.to_string()),
    };
    let request = Request::builder()
        .method(call.method.as_str())
        .uri(call.path.as_str())
        .body(body);
    match request {
        Ok(request) => {
            let Ok(_answered) = routes().with_state(sandbox.clone()).oneshot(request).await;
        }
        Err(error) => tracing::warn!(error = %error, "a hand has no such call"),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Move {
    now: Option<Timestamp>,
    advance_seconds: Option<f64>,
}

async fn read_clock(State(sandbox): State<Sandbox>) -> Response {
    told(200, &json!({ "now": sandbox.now().to_string() }))
}

async fn move_clock(State(sandbox): State<Sandbox>, body: Bytes) -> Response {
    let moved = match parse::<Move>(&body) {
        Ok(Move {
            now: Some(now),
            advance_seconds: None,
        }) => sandbox.set_clock(now),
        Ok(Move {
            now: None,
            advance_seconds: Some(seconds),
        }) => match Duration::try_from_secs_f64(seconds) {
            Ok(by) => sandbox.advance(by),
            Err(error) => return wrong(400, &error.to_string()),
        },
        Ok(_) => return wrong(400, "give either now or advance_seconds"),
        Err(response) => return *response,
    };
    match moved {
        Ok(()) => read_clock(State(sandbox)).await,
        Err(error) => wrong(500, &error.to_string()),
    }
}

async fn read_conditions(State(sandbox): State<Sandbox>) -> Response {
    told(200, &json!(sandbox.conditions()))
}

async fn set_conditions(State(sandbox): State<Sandbox>, body: Bytes) -> Response {
    let conditions = match parse::<Conditions>(&body) {
        Ok(conditions) => conditions,
        Err(response) => return *response,
    };
    match sandbox.set_conditions(conditions) {
        Ok(()) => read_conditions(State(sandbox)).await,
        Err(error) => wrong(500, &error.to_string()),
    }
}

async fn log(State(sandbox): State<Sandbox>, RawQuery(query): RawQuery) -> Response {
    let entries = match sandbox.journal() {
        Ok(entries) => entries,
        Err(error) => return wrong(500, &error.to_string()),
    };
    let query = query.unwrap_or_default();
    let asked = |key: &str| {
        query
            .split('&')
            .find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='))
    };
    let since: u64 = asked("since").and_then(|seq| seq.parse().ok()).unwrap_or(0);
    let account = asked("account");
    let accounts = summarise(&entries);
    let entries: Vec<_> = entries
        .into_iter()
        .filter(|entry| entry.seq > since)
        .filter(|entry| account.is_none() || entry.account_id.as_deref() == account)
        .collect();
    told(
        200,
        &json!({
            "now": sandbox.now().to_string(), "accounts": accounts, "entries": entries,
        }),
    )
}

async fn list_faults(State(sandbox): State<Sandbox>) -> Response {
    let queue = sandbox.faults();
    let faults: Vec<Value> = queue
        .list()
        .iter()
        .map(|(fault, seen)| json!({ "fault": fault, "seen": seen }))
        .collect();
    told(200, &json!({ "faults": faults }))
}

async fn add_fault(
    State(sandbox): State<Sandbox>,
    connection: Option<Extension<ConnectionId>>,
    body: Bytes,
) -> Response {
    match parse::<Fault>(&body) {
        Ok(fault) => {
            let connection = connection.map(|Extension(id)| id);
            sandbox.inject_from(fault, connection).await;
            told(200, &json!({}))
        }
        Err(response) => *response,
    }
}

async fn clear_faults(State(sandbox): State<Sandbox>) -> Response {
    sandbox.clear_faults();
    told(200, &json!({}))
}
