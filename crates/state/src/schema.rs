//! The JSON Schema of a state document.
//!
//! Written by hand, so that the model needs no schema library; tests hold it to documents with every
//! field filled in, and to the names that the model gives them.

use serde_json::{Value, json};

use crate::version::{FORMAT_VERSION, KIND};

mod intents;
mod settings;

/// The JSON Schema (draft 2020-12) of the state document that this version writes.
#[must_use]
pub fn json_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "certctl state document",
        "description": "What certctl remembers of one account. Written by certctl alone: `checksum` \
                        finds every edit.",
        "type": "object",
        "additionalProperties": false,
        "required": [
            "format_version", "kind", "certctl_version", "origin", "account_id", "lineage",
            "serial", "write_id", "written_at", "checksum", "state"
        ],
        "properties": {
            "format_version": {"const": FORMAT_VERSION},
            "kind": {"const": KIND},
            "certctl_version": {"type": "string"},
            "origin": {
                "description": "The API's host, with its port if there is one, or `sandbox`.",
                "type": "string"
            },
            "account_id": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            "lineage": {
                "description": "The same in every version of this document.",
                "$ref": "#/$defs/uuid"
            },
            "serial": {"description": "Counts the versions.", "type": "integer", "minimum": 1},
            "write_id": {
                "description": "Different in every version of every document.",
                "$ref": "#/$defs/uuid"
            },
            "written_at": {"$ref": "#/$defs/time"},
            "checksum": {
                "description": "SHA-256 of the document without this field: members sorted, no \
                                white space.",
                "type": "string",
                "pattern": "^sha256:[0-9a-f]{64}$"
            },
            "state": {"$ref": "#/$defs/state"}
        },
        "$defs": definitions()
    })
}

/// What this version knows of a document: without the members that are not in the schema.
pub(crate) fn known_part(document: &Value) -> Value {
    let schema = json_schema();
    known(document, &schema, &schema)
}

fn known(value: &Value, by: &Value, root: &Value) -> Value {
    let by = match by.get("$ref").and_then(Value::as_str) {
        Some(reference) => root
            .pointer(reference.trim_start_matches('#'))
            .unwrap_or(by),
        None => by,
    };
    if let Some(choices) = by.get("anyOf").and_then(Value::as_array) {
        // One of them is null, which has no members.
        return match choices.first() {
            Some(first) => known(value, first, root),
            None => value.clone(),
        };
    }
    match value {
        Value::Object(members) => {
            let named = by.get("properties");
            let others = by
                .get("additionalProperties")
                .filter(|others| others.is_object());
            let rule = |name: &str| named.and_then(|named| named.get(name)).or(others);
            let kept = members.iter().filter_map(|(name, member)| {
                Some((name.clone(), known(member, rule(name)?, root)))
            });
            kept.collect()
        }
        Value::Array(items) => match by.get("items") {
            Some(by) => items.iter().map(|item| known(item, by, root)).collect(),
            None => value.clone(),
        },
        scalar => scalar.clone(),
    }
}

fn definitions() -> Value {
    let mut definitions = records();
    for more in [intents::schema(), settings::schema()] {
        if let (Value::Object(all), Value::Object(more)) = (&mut definitions, more) {
            all.extend(more);
        }
    }
    definitions
}

fn records() -> Value {
    json!({
        "uuid": {"type": "string", "format": "uuid"},
        "time": {"type": "string", "format": "date-time"},
        "time_or_null": {"type": ["string", "null"], "format": "date-time"},
        "name": {"type": "string", "pattern": "^[a-z0-9-]{1,63}$"},
        "name_or_null": {"type": ["string", "null"], "pattern": "^[a-z0-9-]{1,63}$"},
        "certificate_id": {"type": "string", "pattern": "^[0-9a-z-]{1,36}$"},
        "days": {"type": "integer", "minimum": 1, "maximum": 10950},
        "days_or_null": {"type": ["integer", "null"], "minimum": 1, "maximum": 10950},
        "action": {
            "enum": [
                "adopt", "create", "upload", "activate", "set_in_use", "deactivate", "delete", "record",
                "forget"
            ]
        },
        "role": {"enum": ["current", "successor", "retiring"]},
        "state": {
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "account_name": {"$ref": "#/$defs/name_or_null"},
                "spec_name": {"$ref": "#/$defs/name_or_null"},
                "certificates": {
                    "description": "What each certificate name is bound to.",
                    "type": "object",
                    "propertyNames": {"$ref": "#/$defs/name"},
                    "additionalProperties": {"$ref": "#/$defs/entry"}
                },
                "intents": {
                    "description": "Mutations whose outcome is not known yet.",
                    "type": "array",
                    "items": {"$ref": "#/$defs/intent"}
                },
                "creations": {
                    "description": "Creations of the last 24 hours.",
                    "type": "array",
                    "items": {"$ref": "#/$defs/id_at"}
                },
                "abandoned": {
                    "description": "Creates of the last 24 hours of which no effect was seen.",
                    "type": "array",
                    "items": {"$ref": "#/$defs/intent"}
                },
                "in_use": {
                    "description": "What certctl last set in use.",
                    "anyOf": [{"$ref": "#/$defs/in_use"}, {"type": "null"}]
                },
                "allowed_disputes": {
                    "description": "Disputes about what Gateway uses in which a person let certctl switch.",
                    "type": "array",
                    "items": {"$ref": "#/$defs/dispute"}
                },
                "allowed_switches": {
                    "description": "Switches away from what somebody else chose, which a person let certctl make.",
                    "type": "array",
                    "items": {"$ref": "#/$defs/allowed_switch"}
                },
                "seen_at": {
                    "description": "When the account was read last before this was written, by the API's clock.",
                    "$ref": "#/$defs/time_or_null"
                },
                "suspects": {
                    "description": "Found, younger than this document and claimed by nothing.",
                    "type": "array",
                    "items": {"$ref": "#/$defs/certificate_id"}
                },
                "strangers": {
                    "description": "Of which a person said that they are nobody's of ours.",
                    "type": "array",
                    "items": {"$ref": "#/$defs/certificate_id"}
                },
                "settings": {
                    "description": "What was accepted of what is declared for the account.",
                    "anyOf": [{"$ref": "#/$defs/account_settings"}, {"type": "null"}]
                },
                "accepted": {
                    "description": "A digest that was accepted and is not done yet.",
                    "anyOf": [{"$ref": "#/$defs/accepted"}, {"type": "null"}]
                }
            }
        },
        "entry": {
            "type": "object",
            "additionalProperties": false,
            "required": ["bindings"],
            "properties": {
                "bindings": {"type": "array", "items": {"$ref": "#/$defs/binding"}},
                "settings": {
                    "description": "What was accepted of what is declared for it.",
                    "anyOf": [{"$ref": "#/$defs/settings"}, {"type": "null"}]
                },
                "removed": {
                    "description": "Whether it was accepted that the spec names it no longer.",
                    "type": "boolean"
                },
                "lifecycle": {"$ref": "#/$defs/lifecycle"},
                "retire_after": {"$ref": "#/$defs/period_or_null"},
                "cause": {"enum": ["replace", "requested", "renew", "compromised", null]},
                "begun": {"enum": ["activate", "set_in_use", "deactivate", "delete", null]},
                "had": {
                    "description": "What it held once and no longer does.",
                    "type": "array",
                    "items": {"$ref": "#/$defs/certificate_id"}
                }
            }
        },
        "binding": {
            "type": "object",
            "additionalProperties": false,
            "required": ["id", "role", "origin", "bound_at"],
            "properties": {
                "id": {"$ref": "#/$defs/certificate_id"},
                "role": {"$ref": "#/$defs/role"},
                "origin": {"enum": ["created", "adopted", "uploaded"]},
                "days": {"$ref": "#/$defs/days_or_null"},
                "bound_at": {"$ref": "#/$defs/time"},
                "sent_at": {"$ref": "#/$defs/time_or_null"},
                "sent_on": {"type": ["string", "null"]},
                "sent_date": {"$ref": "#/$defs/time_or_null"},
                "available_since": {"$ref": "#/$defs/time_or_null"},
                "inferred": {"type": "boolean"},
                "in_use": {"type": "boolean"},
                "in_use_until": {"$ref": "#/$defs/time_or_null"},
                "retiring_since": {"$ref": "#/$defs/time_or_null"},
                "pending_since": {"$ref": "#/$defs/time_or_null"},
                "compromised": {"type": "boolean"},
                "hold": {"enum": ["held", "released", null]},
                "pem": {"type": "string"}
            }
        },
        "id_at": {
            "type": "object",
            "additionalProperties": false,
            "required": ["id", "at"],
            "properties": {
                "id": {"$ref": "#/$defs/certificate_id"},
                "at": {"$ref": "#/$defs/time"}
            }
        },
        "accepted": {
            "type": "object",
            "additionalProperties": false,
            "required": ["digest", "at", "steps"],
            "properties": {
                "digest": {"type": "string"},
                "at": {"$ref": "#/$defs/time"},
                "basis": {
                    "description": "What it was accepted from.",
                    "type": ["string", "null"]
                },
                "steps": {
                    "type": "array",
                    "items": {
                        "type": "array",
                        "minItems": 3,
                        "maxItems": 3,
                        "prefixItems": [
                            {"$ref": "#/$defs/name"},
                            {"$ref": "#/$defs/action"},
                            {
                                "anyOf": [
                                    {"$ref": "#/$defs/certificate_id"},
                                    {"type": "null"}
                                ]
                            }
                        ]
                    }
                }
            }
        }
    })
}
