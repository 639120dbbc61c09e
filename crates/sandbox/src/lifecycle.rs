//! The life of a certificate: list, create, get, activate, deactivate, delete.
//!
//! Where the real answer is not known, the kinder one was chosen: what already is as it should be
//! is no error.

use jiff::SignedDuration;
use serde_json::Value;

use crate::authority::{self, Order};
use crate::certificate::{
    AVAILABLE, CUSTOM, Certificate, GATEWAY_MANAGED, INACTIVE, PENDING_DELETION, PENDING_DEPLOYMENT,
};
use crate::operation::Operation;
use crate::wire::{Outcome, Refusal, Reply};

/// How many certificates an account may create in 24 hours.
const QUOTA: usize = 3;
/// How many may be available at once.
const MOST_AVAILABLE: usize = 10;
const DEFAULT_DAYS: u32 = 1825;
const MOST_DAYS: u64 = 10_950;

/// All certificates on one page, without `result_info`.
pub(crate) fn list(operation: &Operation<'_>) -> Reply {
    let lag = operation
        .list_lag
        .and_then(|lag| SignedDuration::try_from(lag).ok())
        .unwrap_or(SignedDuration::ZERO);
    let listed = operation
        .account
        .certificates
        .iter()
        .filter(|c| lag.is_zero() || operation.now.duration_since(c.created_at) >= lag)
        .map(|c| c.as_gateway(operation.account.is_in_use(&c.id)));
    Reply::new(200, Value::Array(listed.collect()))
}

/// Issues a certificate, inactive.
pub(crate) fn create(operation: &mut Operation<'_>, body: &str) -> Outcome {
    let asked = asked_days(body)?;
    if operation.account.recent_creations(operation.now) >= QUOTA {
        return Err(Refusal::quota());
    }
    let oddity = operation.oddity.unwrap_or_default();
    let id = operation.new_id();
    // The first generation is Cloudflare's own, shared root.
    let generation = operation.account.generation.max(1) + 1;
    let days = asked.saturating_add_signed(oddity.days_off);
    let reading = authority::issue(&Order {
        account: operation.account_id,
        id: &id,
        generation,
        days,
        starts_later_days: oddity.starts_later_days,
        created_at: operation.now,
        is_ca: !oddity.not_a_ca,
    })
    .map_err(Refusal::internal)?;
    let mut certificate = Certificate::new(id.clone(), GATEWAY_MANAGED, operation.now, reading);
    if oddity.wrong_fingerprint {
        certificate.fingerprint = authority::fingerprint(id.as_bytes());
    }
    operation.account.generation = generation;
    operation.account.creations.push(operation.now);
    operation.account.certificates.push(certificate);
    operation.note_issued("created", &id, days);
    tell(operation, &id, 200)
}

/// One certificate.
pub(crate) fn get(operation: &Operation<'_>, id: &str) -> Outcome {
    tell(operation, id, 200)
}

/// Begins to bring a certificate to the edge.
pub(crate) fn activate(operation: &mut Operation<'_>, id: &str) -> Outcome {
    let found = operation.account.find(id).ok_or_else(Refusal::not_found)?;
    if !found.has_key {
        return Err(Refusal::no_private_key());
    }
    match found.status.as_str() {
        AVAILABLE | PENDING_DEPLOYMENT => {}
        INACTIVE | PENDING_DELETION => {
            let deployed = operation
                .account
                .certificates
                .iter()
                .filter(|c| c.is_deployed());
            if deployed.count() >= MOST_AVAILABLE {
                return Err(Refusal::too_many_available());
            }
            operation.begin(id, PENDING_DEPLOYMENT);
        }
        other => return Err(Refusal::unknown_status(other)),
    }
    tell(operation, id, 202)
}

/// Begins to take a certificate from the edge, unless it is in use.
pub(crate) fn deactivate(operation: &mut Operation<'_>, id: &str) -> Outcome {
    let found = operation.account.find(id).ok_or_else(Refusal::not_found)?;
    if operation.account.is_in_use(id) {
        return Err(Refusal::in_use());
    }
    match found.status.as_str() {
        INACTIVE | PENDING_DELETION => {}
        AVAILABLE | PENDING_DEPLOYMENT => operation.begin(id, PENDING_DELETION),
        other => return Err(Refusal::unknown_status(other)),
    }
    tell(operation, id, 201)
}

/// Removes an inactive certificate that Gateway made. The quota is not given back.
pub(crate) fn delete(operation: &mut Operation<'_>, id: &str) -> Outcome {
    let found = operation.account.find(id).ok_or_else(Refusal::not_found)?;
    if found.kind == CUSTOM {
        return Err(Refusal::not_gateway_managed());
    }
    if operation.account.is_in_use(id) {
        return Err(Refusal::in_use());
    }
    if !found.is(INACTIVE) {
        return Err(if operation.rules.delete_answers_500 {
            Refusal::internal("internal error")
        } else {
            Refusal::active()
        });
    }
    let told = tell(operation, id, 200);
    remove(operation, id);
    told
}

/// Takes a certificate out of the account, whatever its state.
pub(crate) fn remove(operation: &mut Operation<'_>, id: &str) {
    let before = operation.account.find(id).map(|c| c.status.clone());
    operation.account.certificates.retain(|c| c.id != id);
    operation.note("deleted", Some(id), before.as_deref(), None);
}

fn tell(operation: &Operation<'_>, id: &str, status: u16) -> Outcome {
    let found = operation.account.find(id).ok_or_else(Refusal::not_found)?;
    let in_use = operation.account.is_in_use(id);
    Ok(Reply::new(status, found.as_gateway(in_use)))
}

/// An empty body, `null` and a missing or null field mean the default; other fields are ignored.
fn asked_days(body: &str) -> Result<u32, Refusal> {
    if body.trim().is_empty() {
        return Ok(DEFAULT_DAYS);
    }
    let body: Value = serde_json::from_str(body).map_err(|e| Refusal::bad_json(&e.to_string()))?;
    let field = match &body {
        Value::Null => None,
        Value::Object(fields) => fields.get("validity_period_days"),
        _ => return Err(Refusal::bad_json("an object is expected")),
    };
    match field {
        None | Some(Value::Null) => Ok(DEFAULT_DAYS),
        Some(days) => days
            .as_u64()
            .filter(|days| (1..=MOST_DAYS).contains(days))
            .and_then(|days| u32::try_from(days).ok())
            .ok_or_else(Refusal::bad_validity),
    }
}
