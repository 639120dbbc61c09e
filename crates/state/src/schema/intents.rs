//! What was asked and has no certain outcome yet, in a state document.

use serde_json::{Value, json};

/// The definitions of an intent and of the requests.
pub(super) fn schema() -> Value {
    json!({
        "intent": {
            "type": "object",
            "additionalProperties": false,
            "required": ["mutation", "at", "sent_at"],
            "properties": {
                "mutation": {
                    "type": "object",
                    "additionalProperties": false,
                    "minProperties": 1,
                    "maxProperties": 1,
                    "properties": {
                        "create": {"$ref": "#/$defs/create"},
                        "upload": {"$ref": "#/$defs/upload"},
                        "activate": {"$ref": "#/$defs/of_id"},
                        "set_in_use": {"$ref": "#/$defs/of_id"},
                        "deactivate": {"$ref": "#/$defs/of_id"},
                        "delete": {"$ref": "#/$defs/of_id"}
                    }
                },
                "at": {"$ref": "#/$defs/time"},
                "sent_at": {"$ref": "#/$defs/time"},
                "sent_on": {
                    "description": "The machine whose clock `sent_at` is of.",
                    "type": ["string", "null"]
                },
                "sent_date": {
                    "description": "The same moment by the API's clock.",
                    "$ref": "#/$defs/time_or_null"
                },
                "answer": {
                    "description": "What it was answered with, where that says nothing certain.",
                    "type": ["string", "null"]
                }
            }
        },
        "create": {
            "type": "object",
            "additionalProperties": false,
            "required": ["certificate", "role", "days", "known"],
            "properties": {
                "certificate": {"$ref": "#/$defs/name"},
                "role": {"$ref": "#/$defs/role"},
                "days": {"$ref": "#/$defs/days"},
                "known": {
                    "description": "Every id that the account had before.",
                    "type": "array",
                    "uniqueItems": true,
                    "items": {"$ref": "#/$defs/certificate_id"}
                }
            }
        },
        "upload": {
            "type": "object",
            "additionalProperties": false,
            "required": ["certificate", "role", "content"],
            "properties": {
                "certificate": {"$ref": "#/$defs/name"},
                "role": {"$ref": "#/$defs/role"},
                "content": {
                    "description": "By what it is known: its SHA-256, or that over those of a chain.",
                    "$ref": "#/$defs/fingerprint"
                }
            }
        },
        "fingerprint": {"type": "string", "pattern": "^[0-9A-F]{2}(:[0-9A-F]{2}){31}$"},
        "of_id": {
            "type": "object",
            "additionalProperties": false,
            "required": ["id"],
            "properties": {"id": {"$ref": "#/$defs/certificate_id"}}
        }
    })
}
