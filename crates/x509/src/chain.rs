//! Looking into what somebody uploaded: one CA certificate, or a whole chain, root first.
//!
//! *Purpose*: a chain is believed only when each of its certificates is a CA that the one before it
//! signed, and one of them is what the API reports. It is valid while all of them are. *Invariants*: as
//! of [`crate::inspect()`]. *Non-goals*: the private key, which the API never returns; whether the first
//! certificate is what devices trust.

use certctl_model::{CaFacts, Fingerprint, Inspection};
use sha2::{Digest, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::ParsedExtension;
use x509_parser::pem::Pem;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::AlgorithmIdentifier;

use crate::inspect::{END, LONGEST_PEM, agrees, facts, normalise, with_real_newlines};

/// No chain of CAs is longer than this.
const MOST_BLOCKS: usize = 8;
/// Signatures with SHA-1: by RSA (RFC 3279) and ECDSA.
const SHA1: [&str; 2] = ["1.2.840.113549.1.1.5", "1.2.840.10045.4.1"];

/// Looks into an uploaded certificate as the API gives it: `pem` as in the field `certificate`, `reported`
/// as in the field `fingerprint`. Which certificate of a chain that is the API does not say.
#[must_use]
pub fn inspect_uploaded(pem: &str, reported: Option<&str>) -> Inspection {
    let judged = blocks(pem).and_then(|blocks| chain_facts(&blocks, reported));
    match judged {
        Ok(facts) => Inspection::Sound(facts),
        Err(why) => Inspection::Unsound(why),
    }
}

/// All certificates of an uploaded PEM, each with real newlines, one after the other: as the client gives
/// the PEM of a custom certificate.
///
/// # Errors
/// When something in it is no certificate, or there are too many.
pub fn normalise_uploaded(pem: &str) -> Result<String, String> {
    blocks(pem).map(|blocks| blocks.concat())
}

/// Each certificate of the text, normalised.
pub(crate) fn blocks(pem: &str) -> Result<Vec<String>, String> {
    if pem.len() > LONGEST_PEM {
        return Err(format!("the PEM is longer than {LONGEST_PEM} bytes"));
    }
    let text = with_real_newlines(pem);
    let parts: Vec<&str> = text.trim().split_inclusive(END).collect();
    if parts.len() > MOST_BLOCKS {
        let count = parts.len();
        return Err(format!(
            "the chain has {count} certificates, more than {MOST_BLOCKS}"
        ));
    }
    match parts.is_empty() {
        // The same words as for any other certificate.
        true => normalise("").map(|one| vec![one]),
        false => parts.into_iter().map(normalise).collect(),
    }
}

pub(crate) fn chain_facts(blocks: &[String], reported: Option<&str>) -> Result<CaFacts, String> {
    let all: Vec<CaFacts> = match blocks {
        [only] => {
            let facts = facts(only)?;
            let links = links(blocks)?;
            let root = links.proven.then_some(facts.fingerprint);
            let lax = links.lax;
            return agrees(CaFacts { root, lax, ..facts }, reported);
        }
        several => {
            let each = several.iter().enumerate();
            each.map(|(at, block)| facts(block).map_err(|why| of(at, &why)))
                .collect::<Result<_, _>>()?
        }
    };
    let links = links(blocks)?;
    let wanted: Option<Fingerprint> = reported.and_then(|text| text.trim().parse().ok());
    let named = all
        .iter()
        .find(|facts| Some(facts.fingerprint) == wanted)
        .or_else(|| all.last());
    let fingerprint = named.map(|facts| facts.fingerprint);
    let begins = all.iter().map(|facts| facts.not_before).max();
    let ends = all.iter().map(|facts| facts.not_after).min();
    let (Some(fingerprint), Some(not_before), Some(not_after)) = (fingerprint, begins, ends) else {
        return Err("the chain is empty".to_owned());
    };
    if not_after <= not_before {
        return Err("its certificates are never valid at the same time".to_owned());
    }
    let facts = CaFacts {
        fingerprint,
        not_before,
        not_after,
        chain: Some(together(&all)),
        root: all
            .first()
            .map(|root| root.fingerprint)
            .filter(|_| links.proven),
        lax: links.lax,
    };
    agrees(facts, reported)
}

/// Whether a certificate names itself as its issuer.
pub(crate) fn is_root(block: &str) -> bool {
    let Ok((pem, _)) = Pem::read(std::io::Cursor::new(block.as_bytes())) else {
        return false;
    };
    let certificate = pem.parse_x509();
    certificate.is_ok_and(|one| one.issuer().as_raw() == one.subject().as_raw())
}

/// By what a whole chain is known: the SHA-256 over the fingerprints of all its certificates, in order.
fn together(all: &[CaFacts]) -> Fingerprint {
    let mut digest = Sha256::new();
    for facts in all {
        digest.update(facts.fingerprint.as_bytes());
    }
    Fingerprint::from_bytes(digest.finalize().into())
}

/// How the certificates of a chain hold together.
struct Links {
    /// Whether every signature was checked, and the first certificate is a root.
    proven: bool,
    /// Why strict verifiers reject one of them.
    lax: Option<String>,
}

/// That each certificate was signed by the one before it, as far as that can be checked.
fn links(blocks: &[String]) -> Result<Links, String> {
    let ders: Vec<Vec<u8>> = blocks
        .iter()
        .map(|block| Pem::read(std::io::Cursor::new(block.as_bytes())))
        .map(|read| read.map(|(pem, _)| pem.contents))
        .collect::<Result<_, _>>()
        .map_err(|_| "the PEM is not base64")?;
    let parsed: Vec<X509Certificate<'_>> = ders
        .iter()
        .map(|der| X509Certificate::from_der(der).map(|(_, parsed)| parsed))
        .collect::<Result<_, _>>()
        .map_err(|_| "the certificate is not X.509")?;
    let root = parsed.first();
    let mut proven = root.is_some_and(|root| root.issuer().as_raw() == root.subject().as_raw());
    for (at, pair) in parsed.windows(2).enumerate() {
        let [issuer, issued] = pair else { continue };
        if issued.issuer().as_raw() != issuer.subject().as_raw() {
            let why = "the one before it did not issue it; the root comes first";
            return Err(of(at + 1, why));
        }
        match is_signed_by(issued, issuer) {
            Some(true) => {}
            Some(false) => return Err(of(at + 1, "the one before it did not sign it")),
            None => proven = false,
        }
    }
    let several = parsed.len() > 1;
    let lax = parsed.iter().enumerate().find_map(|(at, one)| {
        let below = parsed.get(at + 1..).unwrap_or_default();
        let why = rejected(one).or_else(|| is_too_long(one, below))?;
        Some(if several { of(at, why) } else { why.to_owned() })
    });
    Ok(Links { proven, lax })
}

/// What a CA lacks by RFC 5280 (4.2.1) that OpenSSL's `-x509_strict`, and with it Python, insist on; and what
/// OpenSSL and browsers take for too weak.
fn rejected(ca: &X509Certificate<'_>) -> Option<&'static str> {
    let critical = matches!(ca.basic_constraints(), Ok(Some(found)) if found.critical);
    let has = |wanted: fn(&ParsedExtension<'_>) -> bool| {
        ca.iter_extensions()
            .any(|one| wanted(one.parsed_extension()))
    };
    let is_root = ca.issuer().as_raw() == ca.subject().as_raw();
    if !critical {
        Some("basicConstraints is not critical")
    } else if !has(|one| matches!(one, ParsedExtension::KeyUsage(_))) {
        Some("it has no keyUsage")
    } else if !has(|one| matches!(one, ParsedExtension::SubjectKeyIdentifier(_))) {
        Some("it has no subjectKeyIdentifier")
    } else if !is_root && !has(|one| matches!(one, ParsedExtension::AuthorityKeyIdentifier(_))) {
        Some("it has no authorityKeyIdentifier")
    } else if has_weak_key(ca) {
        Some("its RSA key is shorter than 2048 bits")
    } else if !is_root && is_signed_with_sha1(ca) {
        Some("it is signed with SHA-1")
    } else {
        None
    }
}

/// Whether OpenSSL's usual security level would not take its key.
fn has_weak_key(ca: &X509Certificate<'_>) -> bool {
    match ca.public_key().parsed() {
        Ok(PublicKey::RSA(key)) => key.key_size() < 2048,
        _ => false,
    }
}

/// Of a root the signature says nothing.
fn is_signed_with_sha1(ca: &X509Certificate<'_>) -> bool {
    let algorithm = ca.signature_algorithm.algorithm.to_id_string();
    SHA1.contains(&algorithm.as_str())
}

/// That more certificates are below a CA than it allows (RFC 5280, 4.2.1.9). What Gateway issues for a site
/// does not count, and neither does what was issued by itself.
fn is_too_long(ca: &X509Certificate<'_>, below: &[X509Certificate<'_>]) -> Option<&'static str> {
    let allowed = ca.basic_constraints().ok()??.value.path_len_constraint?;
    let issued = |one: &&X509Certificate<'_>| one.issuer().as_raw() != one.subject().as_raw();
    let deep = below.iter().filter(issued).count();
    let fits = u32::try_from(deep).is_ok_and(|deep| deep <= allowed);
    (!fits).then_some("its pathLenConstraint allows fewer certificates below it")
}

/// Whether the issuer's key made the signature; none where nothing can be said, for TLS here does not know
/// the algorithm. Then browsers have the last word.
fn is_signed_by(issued: &X509Certificate<'_>, issuer: &X509Certificate<'_>) -> Option<bool> {
    let key = issuer.public_key();
    let (signed_with, key_of) = (der(&issued.signature_algorithm)?, der(&key.algorithm)?);
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let all = provider.signature_verification_algorithms.all.iter();
    let mut known = all
        .filter(|one| {
            *one.signature_alg_id() == *signed_with && *one.public_key_alg_id() == *key_of
        })
        .peekable();
    let (message, signature) = (
        issued.tbs_certificate.as_ref(),
        &issued.signature_value.data,
    );
    known.peek()?;
    Some(known.any(|one| {
        one.verify_signature(&key.subject_public_key.data, message, signature)
            .is_ok()
    }))
}

/// The contents of an algorithm's identifier in DER; none where they are longer than the usual ones.
fn der(algorithm: &AlgorithmIdentifier<'_>) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut push = |tag: u8, bytes: &[u8]| {
        let length = u8::try_from(bytes.len()).ok().filter(|n| *n < 0x80)?;
        out.extend([tag, length]);
        out.extend_from_slice(bytes);
        Some(())
    };
    push(0x06, algorithm.algorithm.as_bytes())?;
    if let Some(parameters) = &algorithm.parameters {
        let tag = u8::try_from(parameters.tag().0)
            .ok()
            .filter(|n| *n < 0x1f)?;
        let constructed = if parameters.header.is_constructed() {
            0x20
        } else {
            0
        };
        push(tag | constructed, parameters.data)?;
    }
    Some(out)
}

/// What is wrong with one certificate of a chain.
fn of(at: usize, why: &str) -> String {
    format!("certificate {} of the chain: {why}", at + 1)
}

#[cfg(test)]
mod tests;
