//! The mTLS certificate store, through which people bring their own CA (BYO-PKI).
//!
//! One store, two views: what is uploaded here appears among Gateway's certificates under the same
//! id, and what Gateway makes appears here. Of a private key only this is known: that one came along.

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::authority;
use crate::call::has_text;
use crate::certificate::{CUSTOM, Certificate, INACTIVE};
use crate::lifecycle::remove;
use crate::operation::Operation;
use crate::wire::{Outcome, Refusal, Reply};

/// How many certificates of its own an account may have.
const MOST_CUSTOM: usize = 5;

/// The body of an upload. Other fields are ignored.
#[derive(Deserialize)]
struct Upload {
    certificates: Option<String>,
    ca: Option<bool>,
    name: Option<String>,
    /// Something in place of the key.
    private_key: Option<Value>,
}

/// All certificates, or those of the types in `?type=`.
pub(crate) fn list(operation: &Operation<'_>, query: Option<&str>) -> Reply {
    let types = query
        .unwrap_or_default()
        .split('&')
        .find_map(|pair| pair.strip_prefix("type="))
        .map(|types| types.replace("%2C", ",").replace("%2c", ","));
    let wanted = |kind: &str| {
        types
            .as_deref()
            .is_none_or(|types| types.split(',').any(|t| t == kind))
    };
    let listed: Vec<Value> = operation
        .account
        .certificates
        .iter()
        .filter(|c| wanted(&c.kind))
        .map(Certificate::as_mtls)
        .collect();
    let count = listed.len();
    Reply {
        result_info: Some(json!({
            "page": 1, "per_page": 50, "count": count, "total_count": count, "total_pages": 1,
        })),
        ..Reply::new(200, Value::Array(listed))
    }
}

/// Stores a CA of the account's own.
pub(crate) fn upload(operation: &mut Operation<'_>, body: &str) -> Outcome {
    let upload: Upload =
        serde_json::from_str(body).map_err(|e| Refusal::bad_json(&e.to_string()))?;
    let text = upload
        .certificates
        .ok_or_else(|| Refusal::bad_upload("certificates is required"))?;
    if upload.ca != Some(true) {
        return Err(Refusal::bad_upload(
            "ca is required, and must be true for Gateway",
        ));
    }
    let reading = authority::read(&text)
        .map_err(|why| Refusal::bad_upload(format!("certificates cannot be read: {why}")))?;
    if !reading.is_ca {
        return Err(Refusal::bad_upload("the certificate is not a CA"));
    }
    // Identical content, which may be a chain of which only the first certificate was read.
    let known = |c: &Certificate| c.pem == reading.pem;
    if operation.account.certificates.iter().any(known) {
        return Err(Refusal::mtls_exists());
    }
    if operation.account.count_custom() >= MOST_CUSTOM {
        return Err(Refusal::too_many_custom());
    }
    let id = Uuid::new_v4().to_string();
    let mut certificate = Certificate::new(id.clone(), CUSTOM, operation.now, reading);
    certificate.has_key = upload.private_key.as_ref().is_some_and(has_text);
    if let Some(name) = upload.name {
        certificate.name = name;
    }
    let mut told = certificate.as_mtls();
    if let Value::Object(fields) = &mut told {
        fields.insert("updated_at".to_owned(), json!(operation.now.to_string()));
    }
    operation.account.certificates.push(certificate);
    operation.note("uploaded", Some(&id), None, Some(INACTIVE));
    Ok(Reply::new(200, told))
}

/// One certificate.
pub(crate) fn get(operation: &Operation<'_>, id: &str) -> Outcome {
    let found = operation
        .account
        .find(id)
        .ok_or_else(Refusal::mtls_not_found)?;
    Ok(Reply::new(200, found.as_mtls()))
}

/// Removes a custom certificate that no service uses.
pub(crate) fn delete(operation: &mut Operation<'_>, id: &str) -> Outcome {
    let found = operation
        .account
        .find(id)
        .ok_or_else(Refusal::mtls_deleted)?;
    if found.kind != CUSTOM {
        return Err(Refusal::unauthorized());
    }
    if !found.is(INACTIVE) || operation.account.is_in_use(id) {
        return Err(Refusal::mtls_in_use());
    }
    let told = Reply::new(200, found.as_mtls());
    remove(operation, id);
    Ok(told)
}

/// The services that use a certificate: Gateway, from its activation on.
pub(crate) fn associations(operation: &Operation<'_>, id: &str) -> Outcome {
    let found = operation
        .account
        .find(id)
        .ok_or_else(Refusal::mtls_not_found)?;
    let result = if found.is(INACTIVE) && !operation.account.is_in_use(id) {
        json!([])
    } else {
        json!([{ "service": "gateway", "status": found.status }])
    };
    Ok(Reply::new(200, result))
}
