use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd};

use super::*;

fn reference() -> (String, String) {
    let page: serde_json::Value =
        serde_json::from_str(include_str!("../testdata/reference.json")).unwrap();
    let field = |name: &str| page["result"][name].as_str().unwrap().to_owned();
    (field("certificate"), field("fingerprint"))
}

fn why(inspection: Inspection) -> String {
    match inspection {
        Inspection::Sound(_) => "sound".to_owned(),
        Inspection::Unsound(why) => why,
    }
}

/// A certificate made to order, and its fingerprint as the API writes it.
fn made(change: impl FnOnce(&mut CertificateParams)) -> (String, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2056, 1, 1);
    change(&mut params);
    let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
    let digest: [u8; 32] = Sha256::digest(certificate.der()).into();
    let unpadded: Vec<String> = digest.iter().map(|b| format!("{b:X}")).collect();
    (certificate.pem(), unpadded.join(":"))
}

#[test]
fn every_way_to_write_the_same_pem_is_the_same() {
    let (escaped, fingerprint) = reference();
    assert!(escaped.contains("\\n") && !escaped.contains('\n'));
    let real = escaped.replace("\\n", "\n");
    let canonical = normalise(&real).unwrap();
    for pem in [
        escaped.clone(),
        real.clone(),
        real.trim_end().to_owned(),
        format!("\n\n{real}\n\n"),
        real.replace('\n', "\r\n"),
        real.replace('\n', "\r"),
        escaped.replace("\\n", "\\\\n"),
        escaped.replace("\\n", "\\r\\n"),
        canonical.clone(),
        canonical.replace('\n', "\\n"),
        canonical.replace('\n', " \n "),
    ] {
        assert_eq!(why(inspect(&pem, Some(&fingerprint))), "sound", "{pem:?}");
        assert_eq!(normalise(&pem).unwrap(), canonical);
    }
}

#[test]
fn what_is_not_one_certificate_is_unsound() {
    let (pem, fingerprint) = reference();
    let pem = pem.replace("\\n", "\n");
    for (text, reason) in [
        (
            String::new(),
            "the PEM is not one certificate and nothing else",
        ),
        (
            "MIID".to_owned(),
            "the PEM is not one certificate and nothing else",
        ),
        (
            format!("{pem}{pem}"),
            "the PEM holds 2 blocks instead of one certificate",
        ),
        (
            format!("{pem}-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n"),
            "the PEM holds 2 blocks instead of one certificate",
        ),
        (
            format!("{pem}trailing"),
            "the PEM is not one certificate and nothing else",
        ),
        (
            format!("leading\n{pem}"),
            "the PEM is not one certificate and nothing else",
        ),
        (
            pem.replace("CERTIFICATE", "PUBLIC KEY"),
            "the PEM is not one certificate and nothing else",
        ),
        (pem.replace("MIID", "M!ID"), "the PEM is not base64"),
        (pem.replace("MIID", "MII"), "the PEM is not base64"),
        (format!("{BEGIN}\n{END}"), "the PEM is not base64"),
        (
            format!("{BEGIN}\n{END}").replace('\n', ""),
            "the PEM is not base64",
        ),
        (
            BEGIN.to_owned(),
            "the PEM is not one certificate and nothing else",
        ),
        (
            "x".repeat(LONGEST_PEM + 1),
            "the PEM is longer than 65536 bytes",
        ),
    ] {
        assert_eq!(why(inspect(&text, Some(&fingerprint))), reason, "{text}");
    }
}

#[test]
fn the_fingerprint_must_be_there_and_agree() {
    let (pem, fingerprint) = reference();
    for (reported, reason) in [
        (None, "the API reported no fingerprint"),
        (Some(" "), "the API reported no fingerprint"),
        (
            Some("E9:19"),
            "the fingerprint that the API reported is not a SHA-256",
        ),
    ] {
        assert_eq!(why(inspect(&pem, reported)), reason);
    }
    let padded = fingerprint.replace(":0:", ":00:").to_lowercase();
    assert_eq!(why(inspect(&pem, Some(&padded))), "sound");
    let other = fingerprint.replacen("E9", "E8", 1);
    assert!(why(inspect(&pem, Some(&other))).starts_with("its SHA-256 is E9:19:49:AA"));
}

#[test]
fn only_a_ca_that_may_sign_is_sound() {
    for (name, (pem, fingerprint), reason) in [
        ("no keyUsage", made(|_| {}), "sound"),
        (
            "keyCertSign",
            made(|p| p.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign]),
            "sound",
        ),
        (
            "crlSign alone",
            made(|p| p.key_usages = vec![KeyUsagePurpose::CrlSign]),
            "it may not sign certificates: keyUsage has no keyCertSign",
        ),
        (
            "a leaf",
            made(|p| p.is_ca = IsCa::NoCa),
            "it is not a CA: basicConstraints does not say CA:TRUE",
        ),
        (
            "CA:FALSE",
            made(|p| p.is_ca = IsCa::ExplicitNoCa),
            "it is not a CA: basicConstraints does not say CA:TRUE",
        ),
        (
            "backwards",
            made(|p| p.not_after = date_time_ymd(2025, 1, 1)),
            "its validity ends before it begins",
        ),
        (
            "no time at all",
            made(|p| p.not_after = p.not_before),
            "its validity ends before it begins",
        ),
    ] {
        assert_eq!(why(inspect(&pem, Some(&fingerprint))), reason, "{name}");
    }
}

#[test]
fn thirty_years_are_counted_in_days() {
    let (pem, fingerprint) = made(|_| {});
    let Inspection::Sound(facts) = inspect(&pem, Some(&fingerprint)) else {
        panic!("unsound");
    };
    assert_eq!(facts.days(), 10_957);
    assert_eq!(facts.not_after.to_string(), "2056-01-01T00:00:00Z");
}

#[test]
fn bytes_that_are_no_certificate_or_more_than_one_are_unsound() {
    let pem_of = |der: &[u8]| {
        let body = base64(der);
        let digest: [u8; 32] = Sha256::digest(der).into();
        (
            format!("{BEGIN}\n{body}\n{END}\n"),
            Fingerprint::from_bytes(digest).to_string(),
        )
    };
    let (pem, fingerprint) = pem_of(&[0x30, 0x03, 0x02, 0x01, 0x05]);
    assert_eq!(
        why(inspect(&pem, Some(&fingerprint))),
        "the certificate is not X.509"
    );

    let (_, block) = parse_x509_pem(normalise(&reference().0).unwrap().as_bytes())
        .map(|(rest, block)| (rest.len(), block))
        .unwrap();
    let mut der = block.contents;
    der.extend_from_slice(b"more");
    let (pem, fingerprint) = pem_of(&der);
    assert_eq!(
        why(inspect(&pem, Some(&fingerprint))),
        "there are bytes after the certificate"
    );
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, b| word << 8 | u32::from(*b));
        let word = word << (8 * (3 - chunk.len()));
        for n in 0..4 {
            if n <= chunk.len() {
                out.push(char::from(ALPHABET[(word >> (18 - 6 * n)) as usize & 63]));
            } else {
                out.push('=');
            }
        }
    }
    out
}
