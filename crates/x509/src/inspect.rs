//! Looking into the PEM.
//!
//! *Purpose*: what the API calls a certificate is believed only when its own bytes agree: exactly
//! one X.509 CA whose SHA-256 is the reported fingerprint. *Invariants*: pure, total (any bytes give
//! an answer), bounded. *Non-goals*: whether the validity is what was asked; the signature (Gateway's
//! CAs are self-signed, so that it would prove nothing more than the fingerprint does).

use std::borrow::Cow;

use certctl_model::{CaFacts, Fingerprint, Inspection, Timestamp};
use sha2::{Digest, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::pem::parse_x509_pem;
use x509_parser::prelude::FromDer;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
pub(crate) const END: &str = "-----END CERTIFICATE-----";
/// No CA certificate comes near this many bytes.
pub(crate) const LONGEST_PEM: usize = 64 * 1024;

/// Looks into a certificate as the API gives it: `pem` as in the field `certificate`, `reported` as
/// in the field `fingerprint`.
#[must_use]
pub fn inspect(pem: &str, reported: Option<&str>) -> Inspection {
    match facts(pem).and_then(|facts| agrees(facts, reported)) {
        Ok(facts) => Inspection::Sound(facts),
        Err(why) => Inspection::Unsound(why),
    }
}

/// What one CA certificate says of itself, with nothing to compare it with: for a PEM that was
/// verified when it was kept.
///
/// # Errors
/// When it is not exactly one CA certificate.
pub fn facts(pem: &str) -> Result<CaFacts, String> {
    let pem = normalise(pem)?;
    let (_, block) = parse_x509_pem(pem.as_bytes()).map_err(|_| "the PEM is not base64")?;
    let der = block.contents;
    let (rest, certificate) =
        X509Certificate::from_der(&der).map_err(|_| "the certificate is not X.509")?;
    if !rest.is_empty() {
        return Err("there are bytes after the certificate".to_owned());
    }
    may_sign(&certificate)?;
    let instant = |time: x509_parser::time::ASN1Time| {
        Timestamp::from_second(time.timestamp()).map_err(|_| "its validity is out of range")
    };
    let facts = CaFacts {
        fingerprint: Fingerprint::from_bytes(Sha256::digest(&der).into()),
        not_before: instant(certificate.validity().not_before)?,
        not_after: instant(certificate.validity().not_after)?,
        chain: None,
        root: None,
        lax: None,
    };
    if facts.not_after <= facts.not_before {
        return Err("its validity ends before it begins".to_owned());
    }
    Ok(facts)
}

/// Holds a certificate against the fingerprint that the API reported.
pub(crate) fn agrees(facts: CaFacts, reported: Option<&str>) -> Result<CaFacts, String> {
    let reported: Fingerprint = reported
        .filter(|text| !text.trim().is_empty())
        .ok_or("the API reported no fingerprint")?
        .trim()
        .parse()
        .map_err(|_| "the fingerprint that the API reported is not a SHA-256")?;
    if facts.fingerprint != reported {
        let fingerprint = facts.fingerprint;
        return Err(format!(
            "its SHA-256 is {fingerprint} but the API reported {reported}"
        ));
    }
    Ok(facts)
}

/// The one certificate in this text as PEM with real newlines, in lines of 64 characters and with a
/// newline at its end.
///
/// The API's own examples hold the two characters `\` and `n` instead of line breaks, its real
/// answers hold line breaks; both are read, and so is CRLF.
///
/// # Errors
/// When there is not exactly one certificate, or something beside it.
pub fn normalise(pem: &str) -> Result<String, String> {
    if pem.len() > LONGEST_PEM {
        return Err(format!("the PEM is longer than {LONGEST_PEM} bytes"));
    }
    let text = with_real_newlines(pem);
    let blocks = text.matches("-----BEGIN ").count();
    if blocks > 1 {
        return Err(format!(
            "the PEM holds {blocks} blocks instead of one certificate"
        ));
    }
    let inner = text
        .trim()
        .strip_prefix(BEGIN)
        .and_then(|rest| rest.strip_suffix(END))
        .ok_or("the PEM is not one certificate and nothing else")?;
    let body: Vec<u8> = inner.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    if body.is_empty()
        || !body
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b))
    {
        return Err("the PEM is not base64".to_owned());
    }
    // Kept for as long as the account is: no room for more than there is.
    let lines = body.len().div_ceil(64);
    let mut out = String::with_capacity(BEGIN.len() + body.len() + lines + END.len() + 2);
    out.push_str(BEGIN);
    out.push('\n');
    for line in body.chunks(64) {
        out.extend(line.iter().map(|b| char::from(*b)));
        out.push('\n');
    }
    out.push_str(END);
    out.push('\n');
    Ok(out)
}

/// Escaped line breaks, however often the backslash was doubled, as real ones. Base64 has no
/// backslash, so nothing else can be meant.
pub(crate) fn with_real_newlines(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let escaped = after.trim_start_matches('\\');
        match escaped.as_bytes().first() {
            Some(b'n' | b'r') => {
                out.push('\n');
                rest = escaped.get(1..).unwrap_or_default();
            }
            _ => {
                out.push('\\');
                rest = escaped;
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Whether clients would take it for a CA (RFC 5280, 4.2.1.9 and 4.2.1.3).
fn may_sign(certificate: &X509Certificate<'_>) -> Result<(), &'static str> {
    match certificate.basic_constraints() {
        Ok(Some(constraints)) if constraints.value.ca => {}
        Ok(_) => return Err("it is not a CA: basicConstraints does not say CA:TRUE"),
        Err(_) => return Err("its basicConstraints cannot be read"),
    }
    match certificate.key_usage() {
        Ok(None) => Ok(()),
        Ok(Some(usage)) if usage.value.key_cert_sign() => Ok(()),
        Ok(Some(_)) => Err("it may not sign certificates: keyUsage has no keyCertSign"),
        Err(_) => Err("its keyUsage cannot be read"),
    }
}

#[cfg(test)]
mod tests;
