use certctl_model::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};

use super::*;

/// A certificate of a chain, its key, and what it was made from.
struct Made {
    params: CertificateParams,
    key: KeyPair,
    pem: String,
    fingerprint: String,
}

fn params(name: &str, until: i32) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(until, 1, 1);
    params
}

fn made(params: CertificateParams, by: Option<&Made>) -> Made {
    let key = KeyPair::generate().unwrap();
    let certificate = match by {
        None => params.self_signed(&key).unwrap(),
        Some(by) => {
            let issuer = Issuer::from_params(&by.params, &by.key);
            params.signed_by(&key, &issuer).unwrap()
        }
    };
    let digest: [u8; 32] = Sha256::digest(certificate.der()).into();
    Made {
        params,
        key,
        pem: certificate.pem(),
        fingerprint: Fingerprint::from_bytes(digest).to_string(),
    }
}

fn why(pems: &[&str], reported: &str) -> String {
    match inspect_uploaded(&pems.concat(), Some(reported)) {
        Inspection::Sound(facts) => format!("sound until {}", facts.not_after),
        Inspection::Unsound(why) => why,
    }
}

#[test]
fn a_chain_expires_with_the_first_of_its_certificates() {
    let root = made(params("root", 2046), None);
    let inner = made(params("inner", 2031), Some(&root));
    let chain = format!("{}{}", root.pem, inner.pem);
    for reported in [&root.fingerprint, &inner.fingerprint] {
        let Inspection::Sound(facts) = inspect_uploaded(&chain, Some(reported)) else {
            panic!("unsound");
        };
        assert_eq!(&facts.fingerprint.to_string(), reported);
        let under = facts.root.map(|root| root.to_string());
        assert_eq!(under.as_ref(), Some(&root.fingerprint));
        assert_eq!(
            facts.not_after,
            "2031-01-01T00:00:00Z".parse::<Timestamp>().unwrap()
        );
    }
    assert_eq!(
        normalise_uploaded(&chain.replace('\n', "\\n")).unwrap(),
        chain.replace('\r', "")
    );
    assert_eq!(
        why(&[&root.pem], &root.fingerprint),
        "sound until 2046-01-01T00:00:00Z"
    );
}

#[test]
fn a_chain_is_no_longer_than_each_of_its_certificates_allows() {
    let under = |allowed: u8, depth: usize| {
        let mut root = params("root", 2046);
        root.is_ca = IsCa::Ca(BasicConstraints::Constrained(allowed));
        let mut chain = vec![made(root, None)];
        for n in 0..depth {
            let last = chain.last();
            let inner = made(params(&format!("inner {n}"), 2040), last);
            chain.push(inner);
        }
        let pem: String = chain.iter().map(|one| one.pem.as_str()).collect();
        let reported = Some(chain[0].fingerprint.as_str());
        let Inspection::Sound(facts) = inspect_uploaded(&pem, reported) else {
            panic!("unsound")
        };
        let lax = facts.lax.unwrap_or_default();
        lax.contains("its pathLenConstraint allows fewer")
    };
    for (allowed, depth, long) in [
        (0, 0, false),
        (0, 1, true),
        (1, 1, false),
        (1, 2, true),
        (2, 2, false),
    ] {
        assert_eq!(under(allowed, depth), long, "{allowed} {depth}");
    }
}

#[test]
fn a_chain_that_does_not_hold_is_unsound() {
    let root = made(params("root", 2046), None);
    let inner = made(params("inner", 2031), Some(&root));
    let twin = made(params("root", 2046), None);
    let leaf = {
        let mut leaf = params("leaf", 2031);
        leaf.is_ca = IsCa::ExplicitNoCa;
        made(leaf, Some(&root))
    };
    let late = {
        let mut late = params("late", 2060);
        late.not_before = date_time_ymd(2050, 1, 1);
        made(late, Some(&root))
    };
    for (pems, reported, reason) in [
        (
            vec![&inner.pem, &root.pem],
            &root.fingerprint,
            "certificate 2 of the chain: the one before it did not issue it; the root comes first",
        ),
        (
            vec![&twin.pem, &inner.pem],
            &inner.fingerprint,
            "certificate 2 of the chain: the one before it did not sign it",
        ),
        (
            vec![&root.pem, &leaf.pem],
            &root.fingerprint,
            "certificate 2 of the chain: it is not a CA: basicConstraints does not say CA:TRUE",
        ),
        (
            vec![&root.pem, &late.pem],
            &root.fingerprint,
            "its certificates are never valid at the same time",
        ),
        (
            vec![&root.pem; MOST_BLOCKS + 1],
            &root.fingerprint,
            "the chain has 9 certificates, more than 8",
        ),
    ] {
        let pems: Vec<&str> = pems.into_iter().map(String::as_str).collect();
        assert_eq!(why(&pems, reported), reason);
    }
    let said = why(&[&root.pem, &inner.pem], &twin.fingerprint);
    assert!(said.contains("but the API reported"), "{said}");
    let empty = inspect_uploaded("", Some("00"));
    assert!(matches!(empty, Inspection::Unsound(_)));
    let key = "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
    assert_eq!(
        why(&[&root.pem, key], &root.fingerprint),
        "the PEM is not one certificate and nothing else"
    );
}

#[test]
fn only_a_root_of_its_own_proves_what_devices_trust() {
    let root = made(params("root", 2046), None);
    let inner = made(params("inner", 2031), Some(&root));
    let last = made(params("last", 2030), Some(&inner));
    let root_of = |pems: &[&Made]| {
        let text: String = pems.iter().map(|made| made.pem.as_str()).collect();
        match inspect_uploaded(&text, Some(&pems[0].fingerprint)) {
            Inspection::Sound(facts) => facts.root.map(|root| root.to_string()),
            Inspection::Unsound(why) => panic!("{why}"),
        }
    };
    assert_eq!(root_of(&[&root]), Some(root.fingerprint.clone()));
    assert_eq!(
        root_of(&[&root, &inner, &last]),
        Some(root.fingerprint.clone())
    );
    assert_eq!(root_of(&[&inner, &last]), None);
    assert_eq!(root_of(&[&inner]), None);
}

#[test]
fn what_strict_verifiers_miss_is_named() {
    let lax = |change: fn(&mut CertificateParams)| {
        let mut ca = params("root", 2046);
        change(&mut ca);
        let root = made(ca, None);
        match inspect_uploaded(&root.pem, Some(&root.fingerprint)) {
            Inspection::Sound(facts) => facts.lax,
            Inspection::Unsound(why) => panic!("{why}"),
        }
    };
    assert_eq!(lax(|_| {}), None);
    let without = lax(|ca| ca.key_usages = Vec::new());
    assert_eq!(without.as_deref(), Some("it has no keyUsage"));
    let root = made(params("root", 2046), None);
    let inner = made(params("inner", 2031), Some(&root));
    let chain = format!("{}{}", root.pem, inner.pem);
    let Inspection::Sound(facts) = inspect_uploaded(&chain, Some(&root.fingerprint)) else {
        panic!("unsound");
    };
    let missing = "certificate 2 of the chain: it has no authorityKeyIdentifier";
    assert_eq!(facts.lax.as_deref(), Some(missing));
}

#[test]
fn what_is_too_weak_is_named() {
    // Made with OpenSSL: a root with a key of 1024 bits; a chain whose second certificate is signed with SHA-1.
    for (pem, weakness) in [
        (
            include_str!("../testdata/weak.pem"),
            "its RSA key is shorter than 2048 bits",
        ),
        (
            include_str!("../testdata/sha1.pem"),
            "certificate 2 of the chain: it is signed with SHA-1",
        ),
    ] {
        let refused = crate::OwnCa::read(pem).unwrap_err().to_string();
        assert_eq!(refused, format!("strict verifiers reject it: {weakness}"));
    }
}
