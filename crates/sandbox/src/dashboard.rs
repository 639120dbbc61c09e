//! The colleague in the dashboard: certificates and settings that somebody else put there,
//! changed or removed, whatever the rules of the API.

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, patch, post, put};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::account::Colleague;
use crate::accounts::Heading;
use crate::authority::{self, Order};
use crate::certificate::{
    CUSTOM, Certificate, GATEWAY_MANAGED, PENDING_DELETION, PENDING_DEPLOYMENT,
};
use crate::conditions::seconds;
use crate::error::SandboxError;
use crate::journal::Cause;
use crate::operation::Operation;
use crate::plain::{parse, told, wrong};
use crate::sandbox::Sandbox;
use crate::wire::{Outcome, Refusal, Reply};
use crate::{call, configuration, devices, lifecycle};

/// The routes of one account.
pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/", get(show))
        .route("/certificates", post(seed))
        .route("/certificates/{id}", patch(edit).delete(remove))
        .route("/configuration", put(configure))
        .route("/devices", put(set_devices))
        .route("/colleague", put(set_colleague))
        .route("/name", put(name))
}

/// A certificate that just is there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    id: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    binding_status: Option<String>,
    validity_period_days: Option<u32>,
    created_at: Option<Timestamp>,
    #[serde(default)]
    in_use: bool,
    /// The status turns after so long; without it a pending one does after the usual delay.
    settles_in_seconds: Option<f64>,
    /// What it turns to; without it, what it is pending for.
    settles_to: Option<String>,
    /// A pending status never ends.
    #[serde(default)]
    stuck: bool,
    name: Option<String>,
    /// Whether its creation counts as one of the three of these 24 hours.
    #[serde(default)]
    spends_quota: bool,
    /// Told instead of a PEM text that was issued for it.
    certificate: Option<String>,
    fingerprint: Option<String>,
}

/// What somebody changes by hand. What is left out stays.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    #[serde(rename = "type")]
    kind: Option<String>,
    binding_status: Option<String>,
    in_use: Option<bool>,
    settles_in_seconds: Option<f64>,
    settles_to: Option<String>,
    #[serde(default)]
    stuck: bool,
    created_at: Option<Timestamp>,
    expires_on: Option<Timestamp>,
    certificate: Option<String>,
    fingerprint: Option<String>,
    /// Said instead of the truth, until it is null again.
    #[serde(default, deserialize_with = "given")]
    reports_in_use: Option<Option<bool>>,
}

/// Tells null from left out.
fn given<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Option<bool>>, D::Error> {
    Option::<bool>::deserialize(from).map(Some)
}

async fn show(State(sandbox): State<Sandbox>, Path(account): Path<String>) -> Response {
    told(200, &json!(sandbox.account(&account.to_ascii_lowercase())))
}

async fn seed(
    State(sandbox): State<Sandbox>,
    Path(account): Path<String>,
    body: Bytes,
) -> Response {
    let seed = match parse::<Seed>(&body) {
        Ok(seed) => seed,
        Err(response) => return *response,
    };
    let path = format!("/sandbox/accounts/{account}/certificates");
    attend(&sandbox, "POST", path, &account, None, |operation| {
        plant(operation, seed)
    })
}

async fn edit(
    State(sandbox): State<Sandbox>,
    Path((account, id)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let edit = match parse::<Edit>(&body) {
        Ok(edit) => edit,
        Err(response) => return *response,
    };
    let path = format!("/sandbox/accounts/{account}/certificates/{id}");
    attend(&sandbox, "PATCH", path, &account, Some(&id), |operation| {
        change(operation, &id, edit)
    })
}

async fn remove(
    State(sandbox): State<Sandbox>,
    Path((account, id)): Path<(String, String)>,
) -> Response {
    let path = format!("/sandbox/accounts/{account}/certificates/{id}");
    attend(&sandbox, "DELETE", path, &account, Some(&id), |operation| {
        operation.is_known(&id)?;
        lifecycle::remove(operation, &id);
        Ok(Reply::new(200, json!({})))
    })
}

async fn configure(
    State(sandbox): State<Sandbox>,
    Path(account): Path<String>,
    body: Bytes,
) -> Response {
    let settings = match parse::<Map<String, Value>>(&body) {
        Ok(settings) => settings,
        Err(response) => return *response,
    };
    let path = format!("/sandbox/accounts/{account}/configuration");
    attend(&sandbox, "PUT", path, &account, None, |operation| {
        configuration::overwrite(operation, settings);
        Ok(configuration::get(operation))
    })
}

async fn set_devices(
    State(sandbox): State<Sandbox>,
    Path(account): Path<String>,
    body: Bytes,
) -> Response {
    let settings = match parse::<devices::Settings>(&body) {
        Ok(settings) => settings,
        Err(response) => return *response,
    };
    let path = format!("/sandbox/accounts/{account}/devices");
    attend(&sandbox, "PUT", path, &account, None, |operation| {
        devices::overwrite(operation, settings);
        Ok(devices::get(operation))
    })
}

async fn set_colleague(
    State(sandbox): State<Sandbox>,
    Path(account): Path<String>,
    body: Bytes,
) -> Response {
    let colleague = match parse::<Colleague>(&body) {
        Ok(colleague) => colleague,
        Err(response) => return *response,
    };
    let path = format!("/sandbox/accounts/{account}/colleague");
    attend(&sandbox, "PUT", path, &account, None, |operation| {
        operation.account.colleague = colleague;
        Ok(Reply::new(200, json!({})))
    })
}

/// What the account is called from now on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Called {
    name: String,
}

async fn name(
    State(sandbox): State<Sandbox>,
    Path(account): Path<String>,
    body: Bytes,
) -> Response {
    let called = match parse::<Called>(&body) {
        Ok(called) => called,
        Err(response) => return *response,
    };
    let path = format!("/sandbox/accounts/{account}/name");
    attend(&sandbox, "PUT", path, &account, None, |operation| {
        operation.account.name = Some(called.name);
        Ok(Reply::new(200, json!({})))
    })
}

fn plant(operation: &mut Operation<'_>, seed: Seed) -> Outcome {
    let id = seed.id.unwrap_or_else(|| operation.new_id());
    if operation.account.find(&id).is_some() {
        return Err(Refusal::new(409, 2990, "this id is taken"));
    }
    let kind = seed.kind.as_deref().unwrap_or(GATEWAY_MANAGED);
    let created_at = seed.created_at.unwrap_or(operation.now);
    let generation = operation.account.generation.max(1) + 1;
    let days = seed.validity_period_days.unwrap_or(1825);
    let reading = authority::issue(&Order {
        account: operation.account_id,
        id: &id,
        generation,
        days,
        starts_later_days: 0,
        created_at,
        is_ca: true,
    });
    let reading = reading.map_err(|why| Refusal::new(400, 2991, why))?;
    operation.account.generation = generation;
    let mut certificate = Certificate::new(id.clone(), kind, created_at, reading);
    if let Some(name) = seed.name.filter(|_| kind == CUSTOM) {
        certificate.name = name;
    }
    if let Some(pem) = seed.certificate {
        certificate.pem = pem;
    }
    if let Some(fingerprint) = seed.fingerprint {
        certificate.fingerprint = fingerprint;
    }
    operation.account.certificates.push(certificate);
    operation.note_issued("seeded", &id, days);
    if seed.spends_quota {
        operation.account.creations.push(operation.now);
    }
    if let Some(status) = seed.binding_status {
        let turns = Turns {
            stuck: seed.stuck,
            seconds: seed.settles_in_seconds,
            to: seed.settles_to,
        };
        set_status(operation, &id, &status, turns);
    }
    if seed.in_use {
        configuration::overwrite_in_use(operation, Some(&id));
    }
    lifecycle::get(operation, &id)
}

fn change(operation: &mut Operation<'_>, id: &str, edit: Edit) -> Outcome {
    operation.is_known(id)?;
    let status = operation.account.find(id).map(|c| c.status.clone());
    let turns = edit.settles_in_seconds.is_some() || edit.settles_to.is_some();
    if let Some(status) = edit.binding_status.or(status.filter(|_| turns)) {
        let turns = Turns {
            stuck: edit.stuck,
            seconds: edit.settles_in_seconds,
            to: edit.settles_to,
        };
        set_status(operation, id, &status, turns);
    }
    match edit.in_use {
        Some(true) => configuration::overwrite_in_use(operation, Some(id)),
        Some(false) if operation.account.is_in_use(id) => {
            configuration::overwrite_in_use(operation, None)
        }
        _ => {}
    }
    if let Some(certificate) = operation.account.find_mut(id) {
        let before = certificate.clone();
        let Edit {
            kind,
            created_at,
            expires_on,
            certificate: pem,
            ..
        } = edit;
        certificate.kind = kind.unwrap_or_else(|| before.kind.clone());
        certificate.created_at = created_at.unwrap_or(before.created_at);
        certificate.expires_on = expires_on.unwrap_or(before.expires_on);
        certificate.pem = pem.unwrap_or_else(|| before.pem.clone());
        certificate.fingerprint = edit
            .fingerprint
            .unwrap_or_else(|| before.fingerprint.clone());
        certificate.reports_in_use = edit.reports_in_use.unwrap_or(before.reports_in_use);
        if *certificate != before {
            operation.note("edited", Some(id), None, None);
        }
    }
    lifecycle::get(operation, id)
}

/// When and to what a status turns by itself.
struct Turns {
    stuck: bool,
    seconds: Option<f64>,
    to: Option<String>,
}

fn set_status(operation: &mut Operation<'_>, id: &str, status: &str, turns: Turns) {
    let delay = turns.seconds.map_or(operation.rules.deploy_delay, seconds);
    let at = operation.now.checked_add(delay).ok();
    let pending = status == PENDING_DEPLOYMENT || status == PENDING_DELETION;
    let turning = !turns.stuck && (pending || turns.to.is_some());
    operation.set_status(id, status, at.filter(|_| turning));
    if let Some(to) = turns.to.filter(|_| turning) {
        operation.settles_to(id, &to);
    }
}

fn attend(
    sandbox: &Sandbox,
    method: &str,
    path: String,
    account: &str,
    id: Option<&str>,
    work: impl FnOnce(&mut Operation<'_>) -> Outcome,
) -> Response {
    let heading = Heading {
        cause: Cause::Control,
        method: method.to_owned(),
        path,
        certificate_id: id.map(str::to_owned),
        fault: None,
        audit_log_id: None,
    };
    let account = call::account_id(account);
    answered(sandbox.attend(heading, &account, Duration::ZERO, Some(work)))
}

fn answered(outcome: Result<Option<Outcome>, SandboxError>) -> Response {
    match outcome {
        Ok(Some(Ok(reply))) => told(reply.status, &reply.result),
        Ok(Some(Err(refusal))) => wrong(refusal.status, &refusal.message),
        Ok(None) => told(200, &json!({})),
        Err(error) => wrong(500, &error.to_string()),
    }
}
