//! The Gateway configuration, whose `certificate` block says what is in use.
//!
//! PATCH replaces the blocks that it names and leaves the others; `null` does nothing, so a block
//! once set stays. PUT replaces them all, and so unsets what it does not name.

use serde_json::{Map, Value, json};

use crate::certificate::{AVAILABLE, NIL_ID, ZERO_TIME};
use crate::operation::Operation;
use crate::wire::{Outcome, Refusal, Reply};

/// Blocks whose change asks again whether TLS decryption has a certificate.
const TLS_BLOCKS: [&str; 5] = [
    "tls_decrypt",
    "fips",
    "body_scanning",
    "certificate",
    "custom_certificate",
];

/// The configuration.
pub(crate) fn get(operation: &Operation<'_>) -> Reply {
    let account = &operation.account;
    let mut settings = Map::new();
    settings.insert("activity_log".to_owned(), json!({ "enabled": true }));
    settings.insert("custom_certificate".to_owned(), no_custom_certificate());
    settings.insert("tls_decrypt".to_owned(), json!({ "enabled": false }));
    for (block, value) in &account.settings {
        settings.insert(block.clone(), value.clone());
    }
    let told =
        |at: Option<jiff::Timestamp>| at.map_or_else(|| ZERO_TIME.to_owned(), |at| at.to_string());
    let result = json!({
        "created_at": told(account.settings_created_at),
        "settings": settings,
        "updated_at": told(account.settings_updated_at),
    });
    Reply::new(200, result)
}

/// The deprecated endpoint for BYO-PKI alone.
pub(crate) fn legacy(operation: &Operation<'_>) -> Reply {
    let block = operation
        .account
        .settings
        .get("custom_certificate")
        .cloned();
    Reply {
        bare: true,
        ..Reply::new(200, block.unwrap_or_else(no_custom_certificate))
    }
}

/// Changes the blocks that are named.
pub(crate) fn patch(operation: &mut Operation<'_>, body: &str) -> Outcome {
    let asked = asked_settings(body)?;
    let mut settings = operation.account.settings.clone();
    settings.extend(asked.clone());
    change(operation, settings, &asked)
}

/// Sets all blocks.
pub(crate) fn put(operation: &mut Operation<'_>, body: &str) -> Outcome {
    let asked = asked_settings(body)?;
    change(operation, asked.clone(), &asked)
}

/// Sets the settings as they are given, allowed or not: for the control plane.
pub(crate) fn overwrite(operation: &mut Operation<'_>, mut settings: Map<String, Value>) {
    if operation.rules.inspects && has_certificate(&settings) {
        let decryption = settings.entry("tls_decrypt");
        decryption.or_insert_with(|| json!({ "enabled": true }));
    }
    let before = operation.account.configured_id().map(str::to_owned);
    if operation.account.settings == settings {
        return;
    }
    operation.account.settings = settings;
    operation
        .account
        .settings_created_at
        .get_or_insert(operation.now);
    operation.account.settings_updated_at = Some(operation.now);
    operation.note("configuration", None, None, None);
    let after = operation.account.configured_id().map(str::to_owned);
    if before != after {
        operation.note(
            "in_use",
            after.as_deref(),
            before.as_deref(),
            after.as_deref(),
        );
    }
}

/// Makes one certificate, or none, the one in use: for the control plane.
pub(crate) fn overwrite_in_use(operation: &mut Operation<'_>, id: Option<&str>) {
    let mut settings = operation.account.settings.clone();
    match id {
        Some(id) => settings.insert("certificate".to_owned(), json!({ "id": id })),
        None => settings.remove("certificate"),
    };
    overwrite(operation, settings);
}

fn change(
    operation: &mut Operation<'_>,
    settings: Map<String, Value>,
    asked: &Map<String, Value>,
) -> Outcome {
    if let Some(block) = asked.get("certificate") {
        let id = block.get("id").and_then(Value::as_str);
        let id = id.ok_or_else(|| Refusal::bad_settings("settings.certificate.id is required"))?;
        check_available(operation, id)?;
    }
    if let Some(block) = asked.get("custom_certificate") {
        let enabled = block.get("enabled").and_then(Value::as_bool);
        let enabled = enabled.ok_or_else(|| {
            Refusal::bad_settings("settings.custom_certificate.enabled is required")
        })?;
        if enabled {
            check_available(
                operation,
                block.get("id").and_then(Value::as_str).unwrap_or(NIL_ID),
            )?;
        }
    }
    let names_tls = TLS_BLOCKS.iter().any(|block| asked.contains_key(*block));
    if names_tls && wants_decryption(&settings) && !has_certificate(&settings) {
        return Err(Refusal::no_certificate_for_tls());
    }
    overwrite(operation, settings);
    Ok(get(operation))
}

/// The nil UUID is always there: it stands for Cloudflare's shared root.
fn check_available(operation: &Operation<'_>, id: &str) -> Result<(), Refusal> {
    if id == NIL_ID {
        return Ok(());
    }
    let found = operation.account.find(id).ok_or_else(Refusal::not_found)?;
    if found.is(AVAILABLE) {
        Ok(())
    } else {
        Err(Refusal::not_available(&found.status))
    }
}

fn wants_decryption(settings: &Map<String, Value>) -> bool {
    let says = |block: &str, field: &str, value: Value| {
        settings.get(block).and_then(|block| block.get(field)) == Some(&value)
    };
    says("tls_decrypt", "enabled", Value::Bool(true))
        || says("fips", "tls", Value::Bool(true))
        || says("body_scanning", "inspection_mode", json!("deep"))
}

fn has_certificate(settings: &Map<String, Value>) -> bool {
    let legacy = settings.get("custom_certificate");
    settings.contains_key("certificate")
        || legacy.and_then(|block| block.get("enabled")) == Some(&Value::Bool(true))
}

/// The blocks of a request that are not null. An id is told back in lower case.
fn asked_settings(body: &str) -> Result<Map<String, Value>, Refusal> {
    let body: Value = serde_json::from_str(body).map_err(|e| Refusal::bad_json(&e.to_string()))?;
    let Value::Object(mut body) = body else {
        return Err(Refusal::bad_json("an object is expected"));
    };
    let settings = match body.remove("settings") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(settings)) => settings,
        Some(_) => return Err(Refusal::bad_settings("settings must be an object")),
    };
    let mut asked = Map::new();
    for (block, mut value) in settings {
        if value.is_null() {
            continue;
        }
        if block == "certificate" {
            // `in_use` stands in examples of the documentation and means nothing.
            let id = value.get("id").and_then(Value::as_str);
            value = id.map_or(json!({}), |id| json!({ "id": id.to_ascii_lowercase() }));
        }
        asked.insert(block, value);
    }
    Ok(asked)
}

/// What the deprecated block says where it was never set, recorded from the real API.
fn no_custom_certificate() -> Value {
    json!({
        "binding_status": "",
        "created_at": ZERO_TIME,
        "enabled": false,
        "expires_on": ZERO_TIME,
        "id": NIL_ID,
        "qs_pack_id": NIL_ID,
        "updated_at": ZERO_TIME,
        "uploaded_on": ZERO_TIME,
    })
}
