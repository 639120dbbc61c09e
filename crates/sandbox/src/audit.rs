//! The audit log, version 2: who changed what, from where, when. Only what succeeded and changed something
//! stands there.
//!
//! It is told from the journal. Requests come from one token; what the control plane did, a colleague did
//! in the dashboard. Which words `resource` really holds was never recorded; those here are made up.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::journal::{Cause, Effect, Entry};
use crate::operation::Operation;
use crate::wire::{Outcome, Refusal, Reply};

/// What one answer holds where nobody says how much, and the most that it can hold.
const LIMIT: usize = 100;
const MOST: usize = 1000;

/// One change, as the log has it.
struct Act<'e> {
    entry: &'e Entry,
    method: &'e str,
    uri: String,
    certificate_id: Option<&'e str>,
    /// What was set in use.
    in_use: Option<&'e str>,
}

/// The entries of a span, which has to be given.
pub(crate) fn list(operation: &Operation<'_>, query: Option<&str>) -> Outcome {
    let asked = |key: &str| {
        let pairs = query.unwrap_or_default().split('&');
        let mut values = pairs.filter_map(|pair| pair.strip_prefix(key)?.strip_prefix('='));
        values.next().map(|value| value.replace("%3A", ":"))
    };
    let time = |key: &str| asked(key)?.parse::<Timestamp>().ok();
    let (Some(since), Some(before)) = (time("since"), time("before")) else {
        // The refusal is real, its code and text are made up.
        return Err(Refusal::new(400, 2912, "since and before are required"));
    };
    let limit = asked("limit").and_then(|limit| limit.parse().ok());
    let limit: usize = limit.unwrap_or(LIMIT);
    let within = |entry: &&Entry| {
        let here = entry.account_id.as_deref() == Some(operation.account_id);
        let done = entry.status.is_some_and(|status| status < 300);
        here && done && (since..=before).contains(&entry.at)
    };
    let entries = operation.journal.iter().filter(within);
    let mut told: Vec<Value> = entries
        .flat_map(|entry| acts(entry, operation.account_id))
        .map(|act| tell(&act, operation))
        .collect();
    if asked("direction").as_deref() != Some("asc") {
        told.reverse();
    }
    told.truncate(limit.clamp(1, MOST));
    let info = json!({ "count": told.len(), "cursor": "" });
    Ok(Reply {
        result_info: Some(info),
        ..Reply::new(200, Value::Array(told))
    })
}

/// What an entry of the journal is in the log: nothing where it only read.
fn acts<'e>(entry: &'e Entry, account: &str) -> Vec<Act<'e>> {
    let in_use = entry.effects.iter().find(|e| e.effect == "in_use");
    let in_use = in_use.and_then(|effect| effect.to.as_deref());
    match entry.cause {
        Cause::Time => Vec::new(),
        Cause::Request if entry.method == "GET" => Vec::new(),
        Cause::Request => {
            let uri = entry.path.split('?').next().unwrap_or_default();
            vec![Act {
                entry,
                method: &entry.method,
                uri: uri.to_owned(),
                certificate_id: entry.certificate_id.as_deref(),
                in_use,
            }]
        }
        Cause::Control => {
            let effects = entry.effects.iter();
            effects
                .filter_map(|effect| by_hand(entry, effect, account))
                .collect()
        }
    }
}

/// What the dashboard sends for a change that somebody makes there.
fn by_hand<'e>(entry: &'e Entry, effect: &'e Effect, account: &str) -> Option<Act<'e>> {
    let id = effect.certificate_id.as_deref();
    let certificates = format!("/accounts/{account}/gateway/certificates");
    let (method, uri) = match effect.effect.as_str() {
        "seeded" => ("POST", certificates),
        "deleted" => ("DELETE", format!("{certificates}/{}", id?)),
        "in_use" => (
            "PATCH",
            format!("/accounts/{account}/gateway/configuration"),
        ),
        _ => return None,
    };
    let in_use = (effect.effect == "in_use").then_some(effect.to.as_deref());
    Some(Act {
        entry,
        method,
        uri,
        certificate_id: id,
        in_use: in_use.flatten(),
    })
}

fn tell(act: &Act<'_>, operation: &Operation<'_>) -> Value {
    let (entry, colleague) = (act.entry, &operation.account.colleague);
    let kind = match act.method {
        "POST" if act.uri.ends_with("/certificates") => "create",
        "DELETE" => "delete",
        _ => "update",
    };
    let actor = match entry.cause {
        Cause::Control => json!({
            "id": "f6b5de0326bb5182b8a4840ee01ec774", "type": "user", "context": "dash",
            "email": colleague.email, "ip_address": colleague.ip_address,
            "token_id": null, "token_name": null,
        }),
        Cause::Request | Cause::Time => json!({
            "id": "9f86d081884c7d659a2feaa0c55ad015", "type": "account", "context": "api_token",
            "email": null, "ip_address": "198.51.100.7",
            "token_id": "a3bf4f1b2b0b822cd15d6c15b0f00a08", "token_name": "sandbox",
        }),
    };
    let request = act
        .in_use
        .map(|id| json!({ "settings": { "certificate": { "id": id } } }));
    json!({
        "id": entry.audit_log_id.clone().unwrap_or_else(|| format!("hand-{}", entry.seq)),
        "account": { "id": operation.account_id, "name": operation.account.name },
        "action": {
            "description": "", "result": "success", "time": entry.at.to_string(), "type": kind,
        },
        "actor": actor,
        "raw": {
            "cf_ray_id": format!("{:016x}", entry.seq), "method": act.method,
            "status_code": entry.status, "uri": act.uri, "user_agent": "sandbox",
        },
        "resource": {
            "id": act.certificate_id, "product": "gateway", "scope": "accounts",
            "type": "certificates", "request": request, "response": null,
        },
    })
}
