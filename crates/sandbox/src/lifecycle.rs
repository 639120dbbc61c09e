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
use crate::turn::Turn;
use crate::wire::{Outcome, Refusal, Reply};

/// How many certificates an account may create in 24 hours.
const QUOTA: usize = 3;
/// How many may be available at once.
const MOST_AVAILABLE: usize = 10;
const DEFAULT_DAYS: u32 = 1825;
const MOST_DAYS: u64 = 10_950;

/// All certificates on one page, without `result_info`.
pub(crate) fn list(turn: &Turn<'_>) -> Reply {
    let lag = turn
        .list_lag
        .and_then(|lag| SignedDuration::try_from(lag).ok())
        .unwrap_or(SignedDuration::ZERO);
    let listed = turn
        .account
        .certificates
        .iter()
        .filter(|c| lag.is_zero() || turn.now.duration_since(c.created_at) >= lag)
        .map(|c| c.as_gateway(turn.account.is_in_use(&c.id)));
    Reply::new(200, Value::Array(listed.collect()))
}

/// Issues a certificate, inactive.
pub(crate) fn create(turn: &mut Turn<'_>, body: &str) -> Outcome {
    let asked = asked_days(body)?;
    if turn.account.recent_creations(turn.now) >= QUOTA {
        return Err(Refusal::quota());
    }
    let oddity = turn.oddity.unwrap_or_default();
    let id = turn.new_id();
    // The first generation is Cloudflare's own, shared root.
    let generation = turn.account.generation.max(1) + 1;
    let days = asked.saturating_add_signed(oddity.days_off);
    let reading = authority::issue(&Order {
        account: turn.account_id,
        id: &id,
        generation,
        days,
        starts_later_days: oddity.starts_later_days,
        created_at: turn.now,
        is_ca: !oddity.not_a_ca,
    })
    .map_err(Refusal::internal)?;
    let mut certificate = Certificate::new(id.clone(), GATEWAY_MANAGED, turn.now, reading);
    if oddity.wrong_fingerprint {
        certificate.fingerprint = authority::fingerprint(id.as_bytes());
    }
    turn.account.generation = generation;
    turn.account.creations.push(turn.now);
    turn.account.certificates.push(certificate);
    turn.note_issued("created", &id, days);
    tell(turn, &id, 200)
}

/// One certificate.
pub(crate) fn get(turn: &Turn<'_>, id: &str) -> Outcome {
    tell(turn, id, 200)
}

/// Begins to bring a certificate to the edge.
pub(crate) fn activate(turn: &mut Turn<'_>, id: &str) -> Outcome {
    let found = turn.account.find(id).ok_or_else(Refusal::not_found)?;
    match found.status.as_str() {
        AVAILABLE | PENDING_DEPLOYMENT => {}
        INACTIVE | PENDING_DELETION => {
            let deployed = turn.account.certificates.iter().filter(|c| c.is_deployed());
            if deployed.count() >= MOST_AVAILABLE {
                return Err(Refusal::too_many_available());
            }
            turn.begin(id, PENDING_DEPLOYMENT);
        }
        other => return Err(Refusal::unknown_status(other)),
    }
    tell(turn, id, 202)
}

/// Begins to take a certificate from the edge, unless it is in use.
pub(crate) fn deactivate(turn: &mut Turn<'_>, id: &str) -> Outcome {
    let found = turn.account.find(id).ok_or_else(Refusal::not_found)?;
    if turn.account.is_in_use(id) {
        return Err(Refusal::in_use());
    }
    match found.status.as_str() {
        INACTIVE | PENDING_DELETION => {}
        AVAILABLE | PENDING_DEPLOYMENT => turn.begin(id, PENDING_DELETION),
        other => return Err(Refusal::unknown_status(other)),
    }
    tell(turn, id, 201)
}

/// Removes an inactive certificate that Gateway made. The quota is not given back.
pub(crate) fn delete(turn: &mut Turn<'_>, id: &str) -> Outcome {
    let found = turn.account.find(id).ok_or_else(Refusal::not_found)?;
    if found.kind == CUSTOM {
        return Err(Refusal::not_gateway_managed());
    }
    if turn.account.is_in_use(id) {
        return Err(Refusal::in_use());
    }
    if !found.is(INACTIVE) {
        return Err(if turn.rules.delete_answers_500 {
            Refusal::internal("internal error")
        } else {
            Refusal::active()
        });
    }
    let told = tell(turn, id, 200);
    remove(turn, id);
    told
}

/// Takes a certificate out of the account, whatever its state.
pub(crate) fn remove(turn: &mut Turn<'_>, id: &str) {
    let before = turn.account.find(id).map(|c| c.status.clone());
    turn.account.certificates.retain(|c| c.id != id);
    turn.note("deleted", Some(id), before.as_deref(), None);
}

fn tell(turn: &Turn<'_>, id: &str, status: u16) -> Outcome {
    let found = turn.account.find(id).ok_or_else(Refusal::not_found)?;
    let in_use = turn.account.is_in_use(id);
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
