//! The JSON Schema of the forecast document, as `certctl schema forecast` prints it.
//!
//! Written by hand, for it is a promise to other programs and not a picture of our types. Objects
//! take fields that it does not name: minor versions add some, and readers ignore what they do not
//! know.

use serde_json::{Value, json};

/// The schema, of draft 2020-12.
#[must_use]
pub fn json_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "certctl forecast",
        "description": "What runs of certctl apply will do, and what will go wrong. Format version 1; minor versions add fields.",
        "type": "object",
        "required": ["format_version", "kind", "from", "until", "every", "events", "findings"],
        "properties": {
            "format_version": { "type": "string", "pattern": "^1\\.[0-9]+$" },
            "kind": { "const": "forecast" },
            "from": time(),
            "until": time(),
            "every": {
                "description": "Between two runs.",
                "type": "string", "pattern": "^[0-9]+[dhms]( [0-9]+[dhms])*$"
            },
            "events": { "type": "array", "items": event() },
            "findings": { "type": "array", "items": finding() }
        },
        "$defs": {
            "name": { "type": "string", "pattern": "^[a-z0-9-]{1,63}$" },
            "address": { "type": "string", "pattern": "^[a-z0-9-]{1,63}/[a-z0-9-]{1,63}$" }
        }
    })
}

fn event() -> Value {
    json!({
        "type": "object",
        "required": ["at", "address", "event", "account", "certificate_id"],
        "properties": {
            "at": time(),
            "address": {
                "description": "None where nothing claims what expires while Gateway uses it.",
                "oneOf": [{ "$ref": "#/$defs/address" }, { "type": "null" }]
            },
            "event": { "enum": [
                "create", "activate", "available", "set_in_use", "deactivate", "delete", "expire"
            ] },
            "account": { "$ref": "#/$defs/name" },
            "certificate_id": {
                "description": "None for what is yet to be created.",
                "type": ["string", "null"], "pattern": "^[0-9a-z-]{1,36}$"
            }
        }
    })
}

fn finding() -> Value {
    let text = json!({ "type": ["string", "null"] });
    json!({
        "type": "object",
        "required": ["severity", "code", "account", "address", "at", "message", "hint"],
        "properties": {
            "severity": { "enum": ["error", "warning"] },
            "code": {
                "description": "One of those in docs/codes.md.",
                "type": "string", "pattern": "^[a-z0-9_]+$"
            },
            "account": { "oneOf": [{ "$ref": "#/$defs/name" }, { "type": "null" }] },
            "address": { "oneOf": [{ "$ref": "#/$defs/address" }, { "type": "null" }] },
            "at": time(),
            "message": { "type": "string" },
            "hint": text
        }
    })
}

fn time() -> Value {
    json!({ "type": "string", "format": "date-time" })
}
