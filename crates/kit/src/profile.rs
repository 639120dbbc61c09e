//! A configuration profile for macOS and iOS, with the certificates as trusted roots.
//!
//! *Invariants*: its identifiers name the account, so that a newer profile replaces an older one on
//! the device; its UUIDs follow from what it holds.

use certctl_model::Name;
use plist::{Dictionary, Value};
use sha2::{Digest, Sha256};

use crate::entry::{Certificate, KitError};

/// The profile, as XML.
pub(crate) fn profile(account: &Name, certificates: &[Certificate]) -> Result<Vec<u8>, KitError> {
    let identifier = format!("certctl.gateway-ca.{account}");
    let payloads = certificates
        .iter()
        .map(|certificate| root(&identifier, certificate));
    let prints: Vec<String> = certificates
        .iter()
        .map(|certificate| certificate.fingerprint.to_string())
        .collect();
    let mut profile = Dictionary::new();
    put(
        &mut profile,
        "PayloadContent",
        Value::Array(payloads.collect()),
    );
    put(
        &mut profile,
        "PayloadDescription",
        text("Lets this device trust the certificates with which Cloudflare Gateway inspects TLS."),
    );
    put(
        &mut profile,
        "PayloadDisplayName",
        text(&format!("Cloudflare Gateway CA ({account})")),
    );
    put(&mut profile, "PayloadIdentifier", text(&identifier));
    put(
        &mut profile,
        "PayloadRemovalDisallowed",
        Value::Boolean(false),
    );
    put(&mut profile, "PayloadScope", text("System"));
    put(&mut profile, "PayloadType", text("Configuration"));
    put(
        &mut profile,
        "PayloadUUID",
        text(&uuid(&format!("{identifier} {}", prints.join(" ")))),
    );
    put(&mut profile, "PayloadVersion", Value::Integer(1.into()));
    let mut bytes = Vec::new();
    Value::Dictionary(profile)
        .to_writer_xml(&mut bytes)
        .map_err(|error| KitError::Profile(error.to_string()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn root(profile: &str, certificate: &Certificate) -> Value {
    let identifier = format!("{profile}.{}", certificate.stem);
    let mut payload = Dictionary::new();
    put(
        &mut payload,
        "PayloadCertificateFileName",
        text(&format!("{}.der", certificate.stem)),
    );
    put(
        &mut payload,
        "PayloadContent",
        Value::Data(certificate.der.clone()),
    );
    put(
        &mut payload,
        "PayloadDescription",
        text(&format!("SHA-256 {}", certificate.fingerprint)),
    );
    put(
        &mut payload,
        "PayloadDisplayName",
        text(&format!(
            "{} (expires {})",
            certificate.entry.name,
            certificate.expires()
        )),
    );
    put(&mut payload, "PayloadIdentifier", text(&identifier));
    put(&mut payload, "PayloadType", text("com.apple.security.root"));
    put(
        &mut payload,
        "PayloadUUID",
        text(&uuid(&format!("{identifier} {}", certificate.fingerprint))),
    );
    put(&mut payload, "PayloadVersion", Value::Integer(1.into()));
    Value::Dictionary(payload)
}

fn put(dictionary: &mut Dictionary, key: &str, value: Value) {
    dictionary.insert(key.to_owned(), value);
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

/// A UUID of version 8 (RFC 9562: made by one's own rule), from the SHA-256 of a text.
fn uuid(of: &str) -> String {
    let mut bytes: [u8; 32] = Sha256::digest(of.as_bytes()).into();
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex: String = bytes.iter().take(16).map(|b| format!("{b:02X}")).collect();
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32];
    let parts: Vec<&str> = parts.into_iter().filter_map(|part| hex.get(part)).collect();
    parts.join("-")
}
