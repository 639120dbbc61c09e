//! The published schema against documents as they are written.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test says what it expects by panicking"
)]

use certctl_state::{Key, json_schema, parse_document, render_document};
use serde_json::{Value, json};

const ID: &str = "f174e90a-fafe-4643-bbbc-4a0ed4fc8415";
const AT: &str = "2026-11-23T00:00:00Z";

fn sha256() -> String {
    ["AB"; 32].join(":")
}

/// A state with every field filled in.
fn full() -> Value {
    let mutations = [
        json!({"create": {"certificate": "inspection", "role": "successor", "days": 1825, "known": [ID]}}),
        json!({"upload": {"certificate": "inspection", "role": "current", "content": sha256()}}),
        json!({"activate": {"id": ID}}),
        json!({"set_in_use": {"id": ID}}),
        json!({"deactivate": {"id": ID}}),
        json!({"delete": {"id": ID}}),
    ];
    let intents: Vec<Value> = mutations
        .into_iter()
        .map(|mutation| json!({"mutation": mutation, "at": AT, "sent_at": AT}))
        .collect();
    json!({
        "account_name": "acme",
        "spec_name": "acme-inspection",
        "certificates": {"inspection": {
            "bindings": [{
                "id": ID, "role": "retiring", "origin": "created", "days": 1825, "bound_at": AT,
                "sent_at": AT, "available_since": AT, "inferred": true, "in_use": true,
                "in_use_until": AT, "retiring_since": AT, "pending_since": AT,
                "compromised": true, "hold": "held"
            }],
            "settings": {
                "custom": sha256(),
                "validity_period_days": 365, "activate": true, "in_use": true,
                "rotation": {
                    "renew_before": "90d", "trust_period": "7d", "retire_after": "7d", "switch": "hold",
                    "windows": [{"cron": "0 2 * * 6", "timezone": "UTC", "window_duration": "4h"}]
                },
                "lifecycle": {"prevent_destroy": true, "deletion_policy": "retain"}
            },
            "removed": true,
            "lifecycle": {"prevent_destroy": true, "deletion_policy": "retain"},
            "retire_after": "7d",
            "cause": "renew",
            "begun": "set_in_use",
            "had": [ID]
        }},
        "intents": intents,
        "creations": [{"at": AT, "id": ID}],
        "abandoned": [intents[0]],
        "in_use": {"id": ID, "at": AT, "set": true},
        "allowed_disputes": [{"certificate": "inspection", "listed": [ID], "configured": ID}],
        "allowed_switches": [{"certificate": "inspection", "guard": "in_use_moved", "from": ID}],
        "seen_at": AT,
        "suspects": [ID],
        "strangers": [ID],
        "settings": {"adopt": "matching", "labels": {"tier": "canary"}, "policy": {
            "max_deletes": 1, "max_replaces": 2, "max_in_use_switches": 3,
            "max_validity_days": 730, "min_validity_days": 30, "require_renewal": true,
            "protected": ["inspection"]
        }},
        "accepted": {"digest": "sha256:00", "at": AT, "basis": "sha256:00", "steps": [["inspection", "create", null]]}
    })
}

fn key() -> Key {
    Key {
        origin: "api.cloudflare.com".to_owned(),
        account_id: "699d98642c564d2e855e9661899b7252".parse().unwrap(),
    }
}

fn written(state: Value) -> Vec<u8> {
    let document = certctl_state::Document {
        lineage: ID.to_owned(),
        serial: 3,
        write_id: ID.to_owned(),
        written_at: AT.parse().unwrap(),
        certctl_version: "0.1.0".to_owned(),
        state: serde_json::from_value(state).expect("the model's field names"),
        newer: None,
    };
    let bytes = render_document(&document, &key());
    assert_eq!(parse_document(&bytes, &key()).unwrap(), document);
    bytes
}

#[test]
fn a_written_document_fits_the_schema() {
    let schema = json_schema();
    jsonschema::meta::validate(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for state in [json!({}), full()] {
        let document: Value = serde_json::from_slice(&written(state)).unwrap();
        validator.validate(&document).unwrap();
    }
}

/// Every field that the model writes is in the schema and in `full`: a new one fails here first.
#[test]
fn the_schema_names_every_field() {
    let document: Value = serde_json::from_slice(&written(full())).unwrap();
    assert_eq!(document["state"], full());
}

#[test]
fn what_no_document_holds_does_not_fit() {
    let validator = jsonschema::validator_for(&json_schema()).unwrap();
    let good: Value = serde_json::from_slice(&written(full())).unwrap();
    for (pointer, value) in [
        ("/serial", json!(0)),
        ("/kind", json!("plan")),
        ("/checksum", json!("md5:0")),
        (
            "/state/certificates/inspection/bindings/0/role",
            json!("boss"),
        ),
        ("/state/intents/0/mutation/create/days", json!(0)),
        ("/state/in_use/id", json!("../x")),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).expect(pointer) = value;
        assert!(!validator.is_valid(&bad), "{pointer}");
    }
}

/// Bytes that only look like a document are refused, whatever they are.
#[test]
fn every_cut_and_every_flipped_byte_is_noticed() {
    let good = written(full());
    for length in 0..good.len() - 1 {
        parse_document(&good[..length], &key()).expect_err("cut");
    }
    for index in 0..good.len() {
        let mut bad = good.clone();
        bad[index] ^= 0x01;
        // A flipped blank between members is another blank, or no JSON.
        if let Ok(document) = parse_document(&bad, &key()) {
            assert_eq!(render_document(&document, &key()), good, "byte {index}");
        }
    }
}
