//! The JSON Schema of the plan document, as `certctl schema plan` prints it.
//!
//! Written by hand, for it is a promise to other programs and not a picture of our types. Objects
//! take fields that it does not name: minor versions add some, and readers ignore what they do not
//! know. For the same reason codes are words and not lists; `docs/codes.md` lists them.

use serde_json::{Value, json};

/// The schema, of draft 2020-12.
#[must_use]
pub fn json_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "certctl plan",
        "description": "What certctl would do, and why. Format version 1; minor versions add fields.",
        "type": "object",
        "required": [
            "format_version", "kind", "certctl_version", "planned_at", "options", "digest",
            "applyable", "has_changes", "summary", "accounts", "changes", "unmanaged", "diagnostics"
        ],
        "properties": {
            "format_version": { "type": "string", "pattern": "^1\\.[0-9]+$" },
            "kind": { "const": "plan" },
            "certctl_version": { "type": "string" },
            "planned_at": time(),
            "options": {
                "description": "The planning options, as words of the command line.",
                "type": "array", "items": { "type": "string" }
            },
            "digest": digest("Over the digests of the accounts."),
            "state": { "description": "Where the state was looked for. Since 1.1.", "type": "string" },
            "applyable": { "description": "Whether no error stands anywhere.", "type": "boolean" },
            "has_changes": {
                "description": "Whether a step is due now. Waiting alone is not a change.",
                "type": "boolean"
            },
            "summary": summary(),
            "accounts": { "type": "array", "items": account() },
            "changes": { "type": "array", "items": change() },
            "unmanaged": { "type": "array", "items": unmanaged() },
            "diagnostics": { "type": "array", "items": diagnostic() }
        },
        "$defs": {
            "name": { "type": "string", "pattern": "^[a-z0-9-]{1,63}$" },
            "address": { "type": "string", "pattern": "^[a-z0-9-]{1,63}/[a-z0-9-]{1,63}$" },
            "account_id": { "type": "string", "pattern": "^[0-9a-f]{32}$" },
            "certificate_id": { "type": "string", "pattern": "^[0-9a-z-]{1,36}$" },
            "code": { "type": "string", "pattern": "^[a-z0-9_]+$" },
            "period": { "type": "string", "pattern": "^[0-9]+[dhms]( [0-9]+[dhms])*$" },
            "action": { "enum": [
                "record", "adopt", "forget", "activate", "set_in_use", "create", "upload", "deactivate",
                "delete"
            ] },
            "attributes": attributes(),
            "waiting": waiting()
        }
    })
}

fn summary() -> Value {
    let counted = [
        "create",
        "adopt",
        "replace",
        "renew",
        "update",
        "move",
        "delete",
        "forget",
        "no_op",
        "waiting",
        "unmanaged",
    ];
    let properties: serde_json::Map<String, Value> = counted
        .iter()
        .map(|word| {
            (
                (*word).to_owned(),
                json!({ "type": "integer", "minimum": 0 }),
            )
        })
        .collect();
    json!({ "type": "object", "required": counted, "properties": properties })
}

fn account() -> Value {
    json!({
        "type": "object",
        "required": [
            "name", "account_id", "applyable", "digest", "state", "in_use_before", "in_use_after",
            "creations_left"
        ],
        "properties": {
            "name": reference("name"),
            "account_id": reference("account_id"),
            "applyable": { "type": "boolean" },
            "digest": digest(
                "Over its changes with all their steps and periods, and what decided them."
            ),
            "state": {
                "description": "The state document that it was planned from.",
                "type": "object",
                "required": ["lineage", "serial"],
                "properties": {
                    "lineage": { "type": ["string", "null"] },
                    "serial": { "type": "integer", "minimum": 0 }
                }
            },
            "in_use_before": {
                "description": "What Gateway uses: an address, or the id of what nothing claims.",
                "type": ["string", "null"]
            },
            "in_use_after": {
                "description": "What Gateway will use once all steps are done.",
                "type": ["string", "null"]
            },
            "creations_left": { "type": "integer", "minimum": 0 },
            "settings": changed("What is declared for it as a whole, where it differs from what was accepted."),
            "wave": wave()
        }
    })
}

fn wave() -> Value {
    json!({
        "description": "In which of policy.waves it is; absent where there are none. Since 1.1.",
        "type": "object",
        "required": ["number", "of", "waits_for"],
        "properties": {
            "number": { "type": "integer", "minimum": 1 },
            "of": { "type": "integer", "minimum": 1 },
            "waits_for": {
                "description": "The account of an earlier wave that a switch here waits for, if any.",
                "type": ["object", "null"],
                "required": ["wave", "account", "because", "since", "until"],
                "properties": {
                    "wave": { "type": "integer", "minimum": 1 },
                    "account": reference("name"),
                    "because": { "enum": ["unreadable", "went_back", "not_switched", "baking"] },
                    "since": or_null(time()),
                    "until": or_null(time())
                }
            }
        }
    })
}

fn change() -> Value {
    json!({
        "type": "object",
        "required": [
            "address", "account_id", "change", "reason", "before", "after", "certificates", "steps",
            "waiting", "blast_radius", "rollback_until"
        ],
        "properties": {
            "address": reference("address"),
            "account_id": reference("account_id"),
            "change": { "enum": [
                "no_op", "adopt", "create", "replace", "renew", "update", "move", "delete", "forget"
            ] },
            "reason": {
                "description": "Why; for people only.",
                "type": "object",
                "required": ["code", "message"],
                "properties": { "code": reference("code"), "message": { "type": "string" } }
            },
            "rule": {
                "description": "The rule that decided, as in docs/decisions.md. Since 1.1.",
                "type": "string"
            },
            "before": or_null(reference("attributes")),
            "after": or_null(reference("attributes")),
            "settings": changed("What is declared, where it differs from what was accepted."),
            "certificates": { "type": "array", "items": held() },
            "steps": {
                "description": "Everything that is left to do, in order.",
                "type": "array", "items": step()
            },
            "waiting": or_null(reference("waiting")),
            "blast_radius": { "enum": ["nobody", "unsynced_devices", "everybody"] },
            "rollback_until": or_null(time())
        }
    })
}

fn attributes() -> Value {
    json!({
        "description": "What a certificate is, in the words of the spec. `before` has no periods.",
        "type": "object",
        "required": ["validity_period_days", "activate", "in_use"],
        "properties": {
            "validity_period_days": { "type": ["integer", "null"], "minimum": 1, "maximum": 10_950 },
            "activate": { "type": "boolean" },
            "in_use": { "type": "boolean" },
            "renew_before": reference("period"),
            "trust_period": reference("period"),
            "trust_evidence": evidence(),
            "retire_after": reference("period"),
            "switch": { "const": "hold" },
            "windows": { "type": "array", "items": { "type": "string" } }
        }
    })
}

fn changed(description: &str) -> Value {
    json!({
        "description": description,
        "type": "object",
        "required": ["before", "after"],
        "properties": {
            "before": {
                "description": "What was accepted, in the words of the spec; null where nothing was.",
                "type": ["object", "null"]
            },
            "after": { "type": "object" }
        }
    })
}

fn held() -> Value {
    json!({
        "type": "object",
        "required": [
            "id", "role", "binding_status", "in_use", "expires_on", "available_since", "inferred"
        ],
        "properties": {
            "id": reference("certificate_id"),
            "role": { "enum": ["current", "successor", "retiring"] },
            "fingerprint": {
                "description": "SHA-256 of its DER; absent where it was not seen, or fails verification. Since 1.1.",
                "type": "string", "pattern": "^([0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2}$"
            },
            "binding_status": {
                "description": "As the API says it, unknown words included; null when it was not seen.",
                "type": ["string", "null"]
            },
            "in_use": { "type": "boolean" },
            "expires_on": or_null(time()),
            "available_since": or_null(time()),
            "inferred": {
                "description": "Whether `available_since` is only when it was first looked at.",
                "type": "boolean"
            },
            "evidence": counts()
        }
    })
}

fn evidence() -> Value {
    json!({
        "description": "The share of the devices that the switch waits for. Since 1.1.",
        "type": "object",
        "required": ["seen", "active_within", "sync_margin"],
        "properties": {
            "seen": { "type": "string", "pattern": "^[0-9]{1,3}(\\.[0-9]{1,2})?%$" },
            "active_within": reference("period"),
            "sync_margin": reference("period")
        }
    })
}

fn counts() -> Value {
    let number = json!({ "type": "integer", "minimum": 0 });
    json!({
        "description": "How many active devices had the time to fetch it; absent where that was not asked, \
                        or not answered. The share is seen / (active - old_clients - needs_mdm). Since 1.1.",
        "type": "object",
        "required": ["active", "seen", "not_seen", "old_clients", "needs_mdm"],
        "properties": {
            "active": number,
            "seen": number,
            "not_seen": number,
            "old_clients": number,
            "needs_mdm": number
        }
    })
}

/// What an upload makes.
fn ca() -> Value {
    let fingerprint = json!({ "type": "string", "pattern": "^[0-9A-F]{2}(:[0-9A-F]{2}){31}$" });
    json!({
        "description": "What an upload makes; of a chain, its last certificate. Only there; since 1.1.",
        "type": "object",
        "required": ["fingerprint", "not_before", "not_after"],
        "properties": {
            "fingerprint": fingerprint,
            "not_before": time(),
            "not_after": time(),
            "chain": fingerprint,
            "root": fingerprint
        }
    })
}

fn step() -> Value {
    json!({
        "type": "object",
        "required": ["action", "certificate_id", "not_before"],
        "properties": {
            "action": reference("action"),
            "certificate_id": or_null(reference("certificate_id")),
            "role": {
                "description": "What a create or upload makes is to the address. Only there; since 1.1.",
                "enum": ["current", "successor"]
            },
            "validity_period_days": {
                "description": "For how long what a create makes is valid. Only there; since 1.1.",
                "type": "integer", "minimum": 1, "maximum": 10950
            },
            "ca": ca(),
            "not_before": or_null(time()),
            "lane": {
                "description": "The steps of a lane follow each other; only the first can be due. Since 1.1.",
                "type": "integer", "minimum": 0
            },
            "due": {
                "description": "Whether it can be done now; an executor decides that afresh. Since 1.1.",
                "type": "boolean"
            },
            "waits_for": {
                "description": "What the first step of a lane waits for. Since 1.1.",
                "anyOf": [wait_for(), { "type": "null" }]
            }
        }
    })
}

fn waiting() -> Value {
    json!({
        "type": "object",
        "required": ["until", "for", "next"],
        "properties": {
            "until": or_null(time()),
            "for": wait_for(),
            "next": reference("action")
        }
    })
}

fn wait_for() -> Value {
    json!({ "enum": [
        "trust_period", "evidence", "retire_after", "deploying", "creation_quota", "available_cap", "settling",
        "window", "hold", "paused", "unattended", "policy_limit", "wave", "stale_state"
    ] })
}

fn unmanaged() -> Value {
    json!({
        "type": "object",
        "required": ["account", "certificate_id", "type", "in_use", "expires_on"],
        "properties": {
            "account": reference("name"),
            "certificate_id": reference("certificate_id"),
            "type": { "type": "string" },
            "in_use": { "type": "boolean" },
            "expires_on": or_null(time())
        }
    })
}

fn diagnostic() -> Value {
    json!({
        "type": "object",
        "required": [
            "severity", "code", "account", "address", "file", "line", "column", "message", "hint"
        ],
        "properties": {
            "severity": { "enum": ["error", "warning"] },
            "code": reference("code"),
            "account": or_null(reference("name")),
            "address": or_null(reference("address")),
            "file": { "type": ["string", "null"] },
            "line": { "type": ["integer", "null"], "minimum": 1 },
            "column": { "type": ["integer", "null"], "minimum": 1 },
            "message": { "type": "string" },
            "hint": { "type": ["string", "null"] },
            "blocks": {
                "description": "What an error stops. Since 1.1.",
                "enum": ["account", "address", "new_changes", "nothing"]
            },
            "candidates": {
                "description": "The certificates between which a person has to choose. Since 1.1.",
                "type": "array", "items": candidate()
            }
        }
    })
}

fn candidate() -> Value {
    json!({
        "type": "object",
        "required": ["certificate_id", "in_use", "binding_status", "why"],
        "properties": {
            "certificate_id": reference("certificate_id"),
            "in_use": { "type": "boolean" },
            "binding_status": { "type": "string" },
            "validity_period_days": { "type": ["integer", "null"] },
            "created_at": or_null(time()),
            "expires_on": or_null(time()),
            "fingerprint": { "type": ["string", "null"] },
            "why": { "type": "string" }
        }
    })
}

fn digest(description: &str) -> Value {
    json!({
        "description": description,
        "type": "string",
        "pattern": "^sha256:[0-9a-f]{64}$"
    })
}

fn time() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn or_null(schema: Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

#[cfg(test)]
mod tests;
