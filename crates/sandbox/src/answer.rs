//! One request to the API: read, delayed, struck by a fault, answered.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use futures::StreamExt;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::account::LateCall;
use crate::accounts::Heading;
use crate::admission::Rate;
use crate::call::{Call, PREFIX, without_key};
use crate::control;
use crate::fault::{Fault, FaultKind};
use crate::global;
use crate::journal::Cause;
use crate::link::{ConnectionId, Disruption};
use crate::operation::Operation;
use crate::route;
use crate::sandbox::Sandbox;
use crate::wire::{Outcome, Refusal, Reply, envelope};

/// More than any certificate needs.
const LARGEST_BODY: usize = 1 << 20;

/// What goes into every response.
struct Stamp {
    audit_log_id: String,
    at: Timestamp,
    rate: Rate,
}

/// Answers a request below `/client/v4`, and those to nowhere.
pub(crate) async fn answer(State(sandbox): State<Sandbox>, request: Request) -> Response {
    let connection = request.extensions().get::<ConnectionId>().copied();
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, LARGEST_BODY).await;
    if !sandbox.latency().is_zero() {
        tokio::time::sleep(sandbox.latency()).await;
    }

    let path = parts.uri.path();
    let call = Call {
        method: parts.method.to_string(),
        path: path.strip_prefix(PREFIX).unwrap_or_default().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        body: without_key(
            String::from_utf8_lossy(body.as_deref().unwrap_or_default()).into_owned(),
        ),
    };
    let claim = sandbox
        .faults()
        .claim(&call.method, &call.path, connection.is_some());
    if let Some(duration) = claim.then_refuse {
        sandbox.doors().close(duration, connection).await;
    }
    for hand in &claim.hands {
        control::act(&sandbox, hand).await;
    }
    let (passes, rate) = sandbox.gate().admit(&parts.headers, sandbox.now());
    let passes = passes.and(body.map(|_| ()).map_err(|_| Refusal::too_large()));
    let stamp = Stamp {
        audit_log_id: Uuid::new_v4().to_string(),
        at: sandbox.conditions().date(sandbox.now()),
        rate,
    };
    let outcome = perform(&sandbox, &call, passes, claim.fault.as_ref(), &stamp);
    let mut response = match claim.fault {
        Some(fault) => strike(&fault, outcome, &stamp).await,
        None => respond(&outcome.unwrap_or_else(unanswered), &stamp),
    };
    if claim.then_refuse.is_some() {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}

/// Does what is asked, unless the fault keeps it from happening, and writes it down.
fn perform(
    sandbox: &Sandbox,
    call: &Call,
    passes: Result<(), Refusal>,
    fault: Option<&Fault>,
    stamp: &Stamp,
) -> Option<Outcome> {
    let heading = Heading {
        cause: Cause::Request,
        method: call.method.clone(),
        path: match &call.query {
            Some(query) => format!("{}?{query}", call.path),
            None => call.path.clone(),
        },
        certificate_id: call.certificate(),
        fault: fault.map(Fault::name),
        audit_log_id: Some(stamp.audit_log_id.clone()),
    };
    if global::is_global(&call.path) {
        let work = fault.is_none_or(Fault::acts).then_some(|accounts: &_| {
            passes?;
            global::dispatch(accounts, &call.method, &call.path, call.query.as_deref())
        });
        return match sandbox.attend_globally(heading, work) {
            Ok(outcome) => outcome,
            Err(error) => Some(Err(Refusal::internal(error.to_string()))),
        };
    }
    let account = call.account();
    let late = fault.filter(|fault| fault.kind == FaultKind::LateEffect);
    let acts = fault.is_none_or(Fault::acts) || late.is_some();
    let discards = fault.is_some_and(|fault| fault.kind == FaultKind::NoEffect);
    let lag = sandbox.conditions().lag(call);
    let work = acts.then_some(|operation: &mut Operation<'_>| {
        passes?;
        if let Some(late) = late {
            let due = operation
                .now
                .checked_add(late.duration())
                .unwrap_or(operation.now);
            let call = call.clone();
            operation.account.late.push(LateCall { due, call });
            return Ok(Reply::new(200, Value::Null));
        }
        let lagging = fault.filter(|fault| fault.kind == FaultKind::ListLag);
        operation.list_lag = lagging.map(Fault::duration);
        operation.oddity = fault.and_then(Fault::oddity);
        if discards {
            let mut copy = operation.account.clone();
            let mut draft = Operation::new(
                operation.account_id,
                &mut copy,
                operation.now,
                operation.rules,
            );
            return route::dispatch(&mut draft, call);
        }
        route::dispatch(operation, call)
    });
    match sandbox.attend(heading, &account, lag, work) {
        Ok(outcome) => outcome,
        Err(error) => {
            tracing::error!(error = %error, "the sandbox cannot write its data");
            Some(Err(Refusal::internal(error.to_string())))
        }
    }
}

/// Answers as the fault has it.
async fn strike(fault: &Fault, outcome: Option<Outcome>, stamp: &Stamp) -> Response {
    match fault.kind {
        FaultKind::RefuseConnection => disrupted(Disruption::Refused),
        FaultKind::ResetBefore | FaultKind::ResetAfter | FaultKind::LateEffect => {
            disrupted(Disruption::Reset)
        }
        FaultKind::TimeoutBefore | FaultKind::TimeoutAfter => {
            tokio::time::sleep(fault.duration()).await;
            disrupted(Disruption::Reset)
        }
        FaultKind::CutAfter => cut(&outcome.unwrap_or_else(unanswered), stamp),
        FaultKind::Status => custom(fault, stamp),
        FaultKind::Error500Before | FaultKind::Error500After => {
            respond(&Err(Refusal::internal("internal error")), stamp)
        }
        FaultKind::SuccessFalse => {
            let refusal = Refusal::new(200, 10003, "The request could not be processed");
            respond(&Err(refusal), stamp)
        }
        FaultKind::NullResult => {
            let outcome = outcome.unwrap_or_else(|| Ok(Reply::new(200, Value::Null)));
            let emptied = outcome.map(|reply| Reply {
                result: Value::Null,
                ..reply
            });
            respond(&emptied, stamp)
        }
        FaultKind::WrongId => {
            let id = fault.id.clone();
            let id = id.unwrap_or_else(|| Uuid::new_v4().to_string());
            let mut outcome = outcome.unwrap_or_else(unanswered);
            if let Ok(Reply {
                result: Value::Object(fields),
                ..
            }) = &mut outcome
            {
                fields.insert("id".to_owned(), Value::String(id));
            }
            respond(&outcome, stamp)
        }
        FaultKind::Problem => problem(fault, stamp),
        FaultKind::ListLag | FaultKind::OddCertificate | FaultKind::NoEffect | FaultKind::Hand => {
            respond(&outcome.unwrap_or_else(unanswered), stamp)
        }
    }
}

fn unanswered() -> Outcome {
    Err(Refusal::internal("nothing was decided"))
}

/// An envelope with all headers.
fn respond(outcome: &Outcome, stamp: &Stamp) -> Response {
    let (status, body) = envelope(outcome);
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status_code(status);
    let headers = response.headers_mut();
    put_stamp(headers, stamp);
    put(
        headers,
        header::CONTENT_TYPE,
        "application/json; charset=UTF-8",
    );
    let retry_after = outcome
        .as_ref()
        .err()
        .and_then(|refusal| refusal.retry_after);
    if let Some(seconds) = retry_after {
        put(headers, header::RETRY_AFTER, &seconds.to_string());
    }
    response
}

/// The status, headers and body that the test asked for.
fn custom(fault: &Fault, stamp: &Stamp) -> Response {
    let body = match &fault.body {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(json) => json.to_string(),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status_code(fault.status.unwrap_or(500));
    let headers = response.headers_mut();
    put_stamp(headers, stamp);
    for (name, value) in &fault.headers {
        if let Ok(name) = HeaderName::try_from(name.as_str()) {
            put(headers, name, value);
        }
    }
    response
}

/// What Cloudflare's edge says by itself: RFC 9457, without an envelope.
fn problem(fault: &Fault, stamp: &Stamp) -> Response {
    let status = fault.status.unwrap_or(502);
    let reason = status_code(status).canonical_reason();
    let mut body = json!({
        "type": format!("https://developers.cloudflare.com/support/errors/{status}"),
        "title": format!("Error {status}: {}", reason.unwrap_or("the origin is not reached")),
        "status": status,
        "detail": "The edge answered in place of the API.",
        "instance": stamp.audit_log_id,
        "error_code": status,
        "ray_id": stamp.audit_log_id.replace('-', "").get(..16),
        "retryable": true,
        "retry_after": fault.seconds,
        "owner_action_required": false,
    });
    if let (Value::Object(fields), Some(Value::Object(more))) = (&mut body, &fault.body) {
        fields.extend(more.clone());
    }
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status_code(status);
    let headers = response.headers_mut();
    put_stamp(headers, stamp);
    put(headers, header::CONTENT_TYPE, "application/problem+json");
    if let Some(seconds) = fault.seconds {
        put(headers, header::RETRY_AFTER, &format!("{seconds:.0}"));
    }
    for (name, value) in &fault.headers {
        if let Ok(name) = HeaderName::try_from(name.as_str()) {
            put(headers, name, value);
        }
    }
    response
}

/// Promises the whole body and breaks off after half of it.
fn cut(outcome: &Outcome, stamp: &Stamp) -> Response {
    let (status, body) = envelope(outcome);
    let mut text = body.to_string().into_bytes();
    let length = text.len();
    text.truncate(length / 2);
    let half = futures::stream::iter([Ok(Bytes::from(text))]);
    let end = futures::stream::once(async {
        // Long enough for the half to leave.
        tokio::time::sleep(Duration::from_millis(20)).await;
        Err(io::Error::from(io::ErrorKind::ConnectionReset))
    });
    let mut response = Response::new(Body::from_stream(half.chain(end)));
    *response.status_mut() = status_code(status);
    let headers = response.headers_mut();
    put_stamp(headers, stamp);
    put(
        headers,
        header::CONTENT_TYPE,
        "application/json; charset=UTF-8",
    );
    put(headers, header::CONTENT_LENGTH, &length.to_string());
    response.extensions_mut().insert(Disruption::Cut);
    response
}

fn disrupted(disruption: Disruption) -> Response {
    let mut response = Response::new(Body::from("the connection is disrupted by a fault"));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response.extensions_mut().insert(disruption);
    response
}

fn put_stamp(headers: &mut HeaderMap, stamp: &Stamp) {
    put(
        headers,
        HeaderName::from_static("cf-auditlog-id"),
        &stamp.audit_log_id,
    );
    let rate = stamp.rate;
    let remaining = format!("\"default\";r={};t={}", rate.remaining, rate.seconds);
    put(headers, HeaderName::from_static("ratelimit"), &remaining);
    let policy = format!("\"default\";q={};w=300", rate.limit);
    put(
        headers,
        HeaderName::from_static("ratelimit-policy"),
        &policy,
    );
    if let Ok(date) = http_date(stamp.at) {
        put(headers, header::DATE, &date);
    }
}

/// The sandbox's time, as a `Date` header.
pub(crate) fn http_date(at: Timestamp) -> Result<String, jiff::Error> {
    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at)
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
