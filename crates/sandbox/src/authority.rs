//! Issuing certificate authorities as Cloudflare does, and reading those that people upload.
//!
//! What Gateway hands out is a self-signed ECDSA P-256 CA whose validity starts five minutes before
//! the minute of its creation, so `expires_on - created_at` is a little less than what was asked
//! for. The private key is thrown away: nothing here ever intercepts anything.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rcgen::string::PrintableString;
use rcgen::{
    BasicConstraints, CertificateParams, CrlDistributionPoint, DistinguishedName, DnType, DnValue,
    IsCa, KeyPair, KeyUsagePurpose,
};
use sha2::{Digest, Sha256};
use x509_parser::prelude::{FromDer, Pem, X509Certificate, X509Name};

const MINUTE: i64 = 60;
const DAY: i64 = 86_400;

/// What a certificate says about itself, in the words of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) pem: String,
    pub(crate) fingerprint: String,
    pub(crate) issuer_raw: String,
    pub(crate) issuer_org: String,
    pub(crate) common_name: String,
    pub(crate) serial_number: String,
    pub(crate) signature: String,
    pub(crate) expires_on: Timestamp,
    pub(crate) is_ca: bool,
}

/// What to issue.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order<'a> {
    pub(crate) account: &'a str,
    pub(crate) id: &'a str,
    pub(crate) generation: u32,
    pub(crate) days: u32,
    /// How long after its creation it becomes valid; 0 as the real ones.
    pub(crate) starts_later_days: u32,
    pub(crate) created_at: Timestamp,
    pub(crate) is_ca: bool,
}

/// Issues a certificate with a fresh key.
///
/// # Errors
/// In words, when the validity leaves the calendar or the key cannot be made.
pub(crate) fn issue(order: &Order<'_>) -> Result<Reading, String> {
    let (not_before, not_after) = validity(order)?;
    let mut params = CertificateParams::default();
    // Through the one constructor that rcgen exports, so that no second time library is needed.
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = epoch + since_epoch(not_before)?;
    params.not_after = epoch + since_epoch(not_after)?;
    params.distinguished_name = subject(order)?;
    if order.is_ca {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    } else {
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    }
    params.crl_distribution_points = vec![CrlDistributionPoint {
        uris: vec![format!("http://crl.cloudflare.com/{}.crl", order.id)],
    }];
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).map_err(|e| e.to_string())?;
    let certificate = params.self_signed(&key).map_err(|e| e.to_string())?;
    read(&certificate.pem())
}

/// Reads the first certificate of a PEM text.
///
/// # Errors
/// In words, when there is none.
pub(crate) fn read(text: &str) -> Result<Reading, String> {
    let (pem, _) = Pem::read(std::io::Cursor::new(text.as_bytes())).map_err(|e| e.to_string())?;
    if pem.label != "CERTIFICATE" {
        return Err(format!("a certificate is expected, not a {}", pem.label));
    }
    let (_, parsed) = X509Certificate::from_der(&pem.contents).map_err(|e| e.to_string())?;
    let seconds = parsed.validity().not_after.timestamp();
    Ok(Reading {
        pem: format!("{}\n", text.replace("\r\n", "\n").trim_end()),
        fingerprint: fingerprint(&pem.contents),
        issuer_raw: distinguished_name(parsed.issuer()),
        issuer_org: first(parsed.issuer().iter_organization()),
        common_name: first(parsed.subject().iter_common_name()),
        serial_number: parsed.serial.to_string(),
        signature: signature_name(&parsed.signature_algorithm.algorithm.to_id_string()),
        expires_on: Timestamp::from_second(seconds).map_err(|e| e.to_string())?,
        is_ca: parsed.is_ca(),
    })
}

/// From five minutes before the nearest minute, for exactly so many days.
fn validity(order: &Order<'_>) -> Result<(Timestamp, Timestamp), String> {
    let minute = (order.created_at.as_second() + MINUTE / 2).div_euclid(MINUTE) * MINUTE;
    let start = minute - 5 * MINUTE + i64::from(order.starts_later_days) * DAY;
    let start = Timestamp::from_second(start).map_err(|e| e.to_string())?;
    let length = SignedDuration::from_secs(i64::from(order.days) * DAY);
    let end = start.checked_add(length).map_err(|e| e.to_string())?;
    Ok((start, end))
}

fn since_epoch(at: Timestamp) -> Result<Duration, String> {
    let seconds = u64::try_from(at.as_second()).map_err(|_| format!("{at} is before 1970"))?;
    Ok(Duration::from_secs(seconds))
}

fn subject(order: &Order<'_>) -> Result<DistinguishedName, String> {
    let common_name = format!(
        "Gateway CA - Cloudflare Managed G{} {}",
        order.generation, order.account
    );
    let parts = [
        (DnType::CountryName, "US"),
        (DnType::StateOrProvinceName, "California"),
        (DnType::LocalityName, "San Francisco"),
        (DnType::OrganizationName, "Cloudflare, Inc."),
        (DnType::OrganizationalUnitName, "www.cloudflare.com"),
        (DnType::CommonName, common_name.as_str()),
    ];
    let mut name = DistinguishedName::new();
    for (kind, text) in parts {
        let text = PrintableString::try_from(text).map_err(|e| e.to_string())?;
        name.push(kind, DnValue::PrintableString(text));
    }
    Ok(name)
}

/// SHA-256 of the DER as Cloudflare writes it: upper case, and **no** leading zero in a byte.
pub(crate) fn fingerprint(der: &[u8]) -> String {
    let bytes: Vec<String> = Sha256::digest(der)
        .iter()
        .map(|byte| format!("{byte:X}"))
        .collect();
    bytes.join(":")
}

/// A name as Go prints it, and so Cloudflare: last part first, RFC 2253 escapes.
fn distinguished_name(name: &X509Name<'_>) -> String {
    let mut parts: Vec<String> = Vec::new();
    for attribute in name.iter_attributes() {
        let oid = attribute.attr_type().to_id_string();
        let label = match oid.as_str() {
            "2.5.4.3" => "CN",
            "2.5.4.5" => "SERIALNUMBER",
            "2.5.4.6" => "C",
            "2.5.4.7" => "L",
            "2.5.4.8" => "ST",
            "2.5.4.9" => "STREET",
            "2.5.4.10" => "O",
            "2.5.4.11" => "OU",
            "2.5.4.17" => "POSTALCODE",
            other => other,
        };
        parts.push(format!(
            "{label}={}",
            escape(attribute.as_str().unwrap_or_default())
        ));
    }
    parts.reverse();
    parts.join(",")
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if ",+\"\\<>;".contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

fn first<'a>(
    mut attributes: impl Iterator<Item = &'a x509_parser::x509::AttributeTypeAndValue<'a>>,
) -> String {
    attributes
        .next()
        .and_then(|attribute| attribute.as_str().ok())
        .unwrap_or_default()
        .to_owned()
}

fn signature_name(oid: &str) -> String {
    match oid {
        "1.2.840.10045.4.3.2" => "ECDSAWithSHA256".to_owned(),
        "1.2.840.10045.4.3.3" => "ECDSAWithSHA384".to_owned(),
        "1.2.840.113549.1.1.11" => "SHA256WithRSA".to_owned(),
        "1.2.840.113549.1.1.12" => "SHA384WithRSA".to_owned(),
        "1.3.101.112" => "Ed25519".to_owned(),
        other => other.to_owned(),
    }
}
