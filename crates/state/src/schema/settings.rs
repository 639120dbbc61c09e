//! What was accepted of a spec, and what Gateway uses, in a state document.

use serde_json::{Value, json};

/// The definitions of settings, of an address and of an account, and of what is in use.
pub(super) fn schema() -> Value {
    json!({
        "in_use": {
            "type": "object",
            "additionalProperties": false,
            "required": ["id", "at"],
            "properties": {
                "id": {"$ref": "#/$defs/certificate_id"},
                "at": {"$ref": "#/$defs/time"},
                "set": {"description": "Whether certctl asked for it.", "type": "boolean"},
                "motive": {
                    "description": "Why certctl asked for it.",
                    "enum": ["renewal", "replacement", "declared"]
                }
            }
        },
        "dispute": {
            "type": "object",
            "additionalProperties": false,
            "required": ["certificate", "listed", "configured"],
            "properties": {
                "certificate": {"$ref": "#/$defs/name"},
                "listed": {
                    "type": "array",
                    "uniqueItems": true,
                    "items": {"$ref": "#/$defs/certificate_id"}
                },
                "configured": {
                    "anyOf": [{"$ref": "#/$defs/certificate_id"}, {"type": "null"}]
                }
            }
        },
        "allowed_switch": {
            "type": "object",
            "additionalProperties": false,
            "required": ["certificate", "guard", "from"],
            "properties": {
                "certificate": {"$ref": "#/$defs/name"},
                "guard": {"enum": ["in_use_moved", "from_unmanaged"]},
                "from": {"$ref": "#/$defs/certificate_id"}
            }
        },
        "period": {"description": "Such as `7d` or `36h`.", "type": "string"},
        "period_or_null": {"type": ["string", "null"]},
        "limit": {"type": ["integer", "null"], "minimum": 0},
        "lifecycle": {
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "prevent_destroy": {"type": "boolean"},
                "deletion_policy": {"enum": ["delete", "deactivate", "retain"]}
            }
        },
        "settings": {
            "type": "object",
            "additionalProperties": false,
            "required": ["validity_period_days", "activate", "in_use", "rotation", "lifecycle"],
            "properties": {
                "custom": {
                    "description": "The id of an uploaded certificate, or the SHA-256 of what is uploaded.",
                    "anyOf": [
                        {"$ref": "#/$defs/certificate_id"},
                        {"$ref": "#/$defs/fingerprint"}
                    ]
                },
                "validity_period_days": {"$ref": "#/$defs/days_or_null"},
                "activate": {"type": ["boolean", "null"]},
                "in_use": {"type": ["boolean", "null"]},
                "rotation": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["renew_before", "trust_period", "retire_after", "switch", "windows"],
                    "properties": {
                        "renew_before": {"$ref": "#/$defs/period_or_null"},
                        "trust_period": {"$ref": "#/$defs/period"},
                        "trust_evidence": {
                            "type": "object",
                            "additionalProperties": false,
                            "required": ["seen", "active_within", "sync_margin"],
                            "properties": {
                                "seen": {"type": "string"},
                                "active_within": {"$ref": "#/$defs/period"},
                                "sync_margin": {"$ref": "#/$defs/period"}
                            }
                        },
                        "retire_after": {"$ref": "#/$defs/period"},
                        "switch": {"enum": ["auto", "hold"]},
                        "windows": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "additionalProperties": false,
                                "required": ["cron", "timezone", "window_duration"],
                                "properties": {
                                    "cron": {"type": "string"},
                                    "timezone": {"type": "string"},
                                    "window_duration": {"$ref": "#/$defs/period"}
                                }
                            }
                        }
                    }
                },
                "lifecycle": {"$ref": "#/$defs/lifecycle"}
            }
        },
        "account_settings": {
            "type": "object",
            "additionalProperties": false,
            "required": ["adopt", "policy"],
            "properties": {
                "adopt": {"enum": ["ask", "matching", "never"]},
                "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                "policy": {
                    "type": "object",
                    "additionalProperties": false,
                    "properties": {
                        "max_deletes": {"$ref": "#/$defs/limit"},
                        "max_replaces": {"$ref": "#/$defs/limit"},
                        "max_in_use_switches": {"$ref": "#/$defs/limit"},
                        "max_validity_days": {"$ref": "#/$defs/days_or_null"},
                        "min_validity_days": {"$ref": "#/$defs/days_or_null"},
                        "require_renewal": {"type": "boolean"},
                        "last_resort": {"type": "string"},
                        "waves": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "additionalProperties": false,
                                "properties": {
                                    "labels": {
                                        "type": "object",
                                        "additionalProperties": {"type": "string"}
                                    },
                                    "bake": {"$ref": "#/$defs/period"}
                                }
                            }
                        },
                        "protected": {
                            "type": "array",
                            "uniqueItems": true,
                            "items": {"$ref": "#/$defs/name"}
                        }
                    }
                }
            }
        }
    })
}
