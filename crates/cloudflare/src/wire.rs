//! From JSON to the model.
//!
//! *Purpose*: read the `result` of each operation as the API really writes it: zero times for "none",
//! unpadded fingerprints, words and fields that nobody has seen yet. *Invariants*: what could be
//! acted upon wrongly if it were guessed at (an id, `in_use`, whether the list is whole) is an
//! error; what is unknown and safe (a time, a status word) is kept as unknown.

use std::collections::BTreeMap;

use certctl_model::{
    BindingStatus, CertificateId, CertificateType, Configuration, Inspection, RemoteCertificate,
    Timestamp,
};
use certctl_x509::{inspect, inspect_uploaded, normalise, normalise_uploaded};
use serde_json::{Map, Value};

use crate::envelope::{Envelope, Kind, Malformed};

/// Reads one certificate.
///
/// # Errors
/// When it is not an object, has no usable `id`, or an `in_use` that is not a boolean.
pub fn decode_certificate(value: &Value) -> Result<RemoteCertificate, Malformed> {
    let object = object(value, "certificate")?;
    let id = id(object.get("id"))?
        .filter(|id| !id.is_nil())
        .ok_or_else(|| Malformed::new("a certificate has no id"))?;
    let in_use = match object.get("in_use") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(in_use)) => *in_use,
        Some(_) => return Err(Malformed::new("a certificate's `in_use` is not a boolean")),
    };
    let kind = word(object.get("type"));
    let kind = kind.parse().unwrap_or(CertificateType::Unknown(kind));
    let uploaded = kind == CertificateType::Custom;
    let status = word(object.get("binding_status"));
    let pem = object.get("certificate").and_then(Value::as_str);
    let reported = object.get("fingerprint").and_then(Value::as_str);
    let inspection = match pem {
        None | Some("") => Inspection::Unsound("the API returned no certificate".to_owned()),
        Some(pem) if uploaded => inspect_uploaded(pem, reported),
        Some(pem) => inspect(pem, reported),
    };
    let pem = pem.and_then(|pem| match uploaded {
        true => normalise_uploaded(pem).ok(),
        false => normalise(pem).ok(),
    });
    Ok(RemoteCertificate {
        id,
        kind,
        binding_status: status.parse().unwrap_or(BindingStatus::Unknown(status)),
        in_use,
        created_at: time(object.get("created_at")).or_else(|| time(object.get("uploaded_on"))),
        expires_on: time(object.get("expires_on")),
        inspection,
        pem,
    })
}

/// Reads the body of a list: every certificate, ordered by id.
///
/// # Errors
/// When it is no envelope, a refusal, has no array as its result, holds a certificate that cannot be
/// read or the same id twice, or is not the whole list.
pub fn decode_list(body: &[u8]) -> Result<Vec<RemoteCertificate>, Malformed> {
    let (result, info) = success(body)?;
    list(&result, &info)
}

/// Reads the body of an answer that holds one certificate.
///
/// # Errors
/// When it is no envelope, a refusal, or holds no certificate that can be read.
pub fn decode_single(body: &[u8]) -> Result<RemoteCertificate, Malformed> {
    decode_certificate(&success(body)?.0)
}

/// Reads the body of a Gateway configuration.
///
/// # Errors
/// When it is no envelope, a refusal, or its settings cannot be read.
pub fn decode_configuration(body: &[u8]) -> Result<Configuration, Malformed> {
    configuration(&success(body)?.0)
}

fn success(body: &[u8]) -> Result<(Value, Value), Malformed> {
    match Envelope::parse(body)? {
        Envelope::Success {
            result,
            result_info,
        } => Ok((result, result_info)),
        Envelope::Refused(_) => Err(Malformed::new("the response has success: false")),
    }
}

pub(crate) fn list(result: &Value, info: &Value) -> Result<Vec<RemoteCertificate>, Malformed> {
    let Value::Array(items) = result else {
        return Err(Malformed::new(format!(
            "the result is {} instead of an array",
            Kind(result)
        )));
    };
    whole(items.len(), info)?;
    let mut found = BTreeMap::new();
    for item in items {
        let certificate = decode_certificate(item)?;
        let id = certificate.id.clone();
        if found.insert(id.clone(), certificate).is_some() {
            return Err(Malformed::new(format!("the list holds {id} twice")));
        }
    }
    Ok(found.into_values().collect())
}

/// Whether a list of so many items is all there is.
///
/// The endpoint has no parameters for paging and its real answers no `result_info` at all. Where one
/// is present it must not speak of more: not by `count`, nor by `total_pages`, nor by `total_count`
/// on a page that is empty or full. A `total_count` above a page that is neither is let pass: such a
/// page is the last one, and the official schema describes the number as "without any search
/// parameters" and its example is one result with a `total_count` of 2000.
fn whole(items: usize, info: &Value) -> Result<(), Malformed> {
    let number = |key: &str| info.get(key).and_then(Value::as_f64);
    #[expect(
        clippy::cast_precision_loss,
        reason = "no list has 2^53 items, and a body has a size limit"
    )]
    let items = items as f64;
    let full = number("per_page").is_none_or(|size| items >= size);
    let more = number("count").is_some_and(|count| count > items)
        || number("page").is_some_and(|page| page > 1.0)
        || number("total_pages").is_some_and(|pages| pages > 1.0)
        || (number("total_count").is_some_and(|total| total > items) && (full || items < 1.0));
    if more {
        Err(Malformed::new(
            "the list is not whole: its result_info speaks of more",
        ))
    } else {
        Ok(())
    }
}

pub(crate) fn configuration(result: &Value) -> Result<Configuration, Malformed> {
    let settings = match object(result, "configuration")?.get("settings") {
        None | Some(Value::Null) => return Ok(empty()),
        Some(settings) => object(settings, "configuration's settings")?,
    };
    let certificate_id = match settings.get("certificate") {
        None | Some(Value::Null) => legacy(settings)?,
        Some(block) => id(object(block, "settings.certificate")?.get("id"))?,
    };
    let tls_decrypt = settings.get("tls_decrypt");
    Ok(Configuration {
        certificate_id,
        tls_decrypt: tls_decrypt.and_then(|b| b.get("enabled")?.as_bool()),
    })
}

fn empty() -> Configuration {
    Configuration {
        certificate_id: None,
        tls_decrypt: None,
    }
}

/// The deprecated `custom_certificate {enabled, id}`, whose nil id means "none" and no more.
fn legacy(settings: &Map<String, Value>) -> Result<Option<CertificateId>, Malformed> {
    match settings.get("custom_certificate") {
        Some(block) if block.get("enabled") == Some(&Value::Bool(true)) => {
            Ok(id(block.get("id"))?.filter(|id| !id.is_nil()))
        }
        _ => Ok(None),
    }
}

fn object<'a>(value: &'a Value, what: &str) -> Result<&'a Map<String, Value>, Malformed> {
    value.as_object().ok_or_else(|| {
        Malformed::new(format!(
            "the {what} is {} instead of an object",
            Kind(value)
        ))
    })
}

/// An id; none where it is absent, null or empty.
fn id(value: Option<&Value>) -> Result<Option<CertificateId>, Malformed> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => text
            .parse()
            .map(Some)
            .map_err(|_| Malformed::new("a certificate's id is not a UUID")),
        Some(other) => Err(Malformed::new(format!(
            "a certificate's id is {} instead of a text",
            Kind(other)
        ))),
    }
}

/// A word of an open-ended set; empty where there is none.
fn word(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(word)) => word.chars().take(80).collect(),
        Some(other) => Kind(other).to_string(),
    }
}

/// An instant; none for the zero time and for what is no instant at all: an unknown time is safe.
fn time(value: Option<&Value>) -> Option<Timestamp> {
    let time: Timestamp = value?.as_str()?.trim().parse().ok()?;
    (time >= Timestamp::UNIX_EPOCH).then_some(time)
}

#[cfg(test)]
mod tests;
