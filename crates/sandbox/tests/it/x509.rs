//! What is issued is a real CA, and what is told about it is true.

use certctl_sandbox::Options;
use serde_json::{Value, json};
use x509_parser::extensions::{DistributionPointName, GeneralName, ParsedExtension};
use x509_parser::prelude::{FromDer, Pem, X509Certificate};

use crate::client::{ACCOUNT, Local};

async fn issued(start: &str, days: u32) -> Value {
    let local = Local::at(start);
    let body = json!({ "validity_period_days": days });
    local
        .call("POST", "gateway/certificates", body)
        .await
        .result()
}

fn der(result: &Value) -> Vec<u8> {
    let text = result["certificate"].as_str().unwrap();
    assert!(text.starts_with("-----BEGIN CERTIFICATE-----\n"));
    assert!(text.ends_with("-----END CERTIFICATE-----\n"));
    assert!(!text.contains('\r') && !text.contains('\\'));
    Pem::read(std::io::Cursor::new(text)).unwrap().0.contents
}

#[tokio::test(start_paused = true)]
async fn it_is_a_self_signed_p256_ca() {
    let result = issued("2026-11-23T10:00:00Z", 1825).await;
    let der = der(&result);
    let (rest, certificate) = X509Certificate::from_der(&der).unwrap();
    assert!(rest.is_empty());
    assert_eq!(certificate.issuer(), certificate.subject());
    assert_eq!(
        certificate.signature_algorithm.algorithm.to_id_string(),
        "1.2.840.10045.4.3.2"
    );
    let key = certificate.public_key();
    assert_eq!(key.algorithm.algorithm.to_id_string(), "1.2.840.10045.2.1");
    let basic = certificate.basic_constraints().unwrap().unwrap();
    assert!(basic.critical && basic.value.ca);
    assert_eq!(basic.value.path_len_constraint, None);
    let usage = certificate.key_usage().unwrap().unwrap();
    assert!(usage.critical && usage.value.key_cert_sign() && usage.value.crl_sign());
    assert!(!usage.value.digital_signature());
    let points = certificate
        .extensions()
        .iter()
        .find_map(|e| match e.parsed_extension() {
            ParsedExtension::CRLDistributionPoints(points) => Some(points),
            _ => None,
        });
    let Some(DistributionPointName::FullName(names)) =
        &points.unwrap().points[0].distribution_point
    else {
        panic!("a CRL distribution point is expected");
    };
    let id = result["id"].as_str().unwrap();
    let uri = format!("http://crl.cloudflare.com/{id}.crl");
    assert_eq!(names, &[GeneralName::URI(&uri)]);
}

#[tokio::test(start_paused = true)]
async fn issuer_and_fingerprint_are_told_as_cloudflare_does() {
    use sha2::{Digest, Sha256};
    let result = issued("2026-11-23T10:00:00Z", 1825).await;
    let issuer = format!(
        "CN=Gateway CA - Cloudflare Managed G2 {ACCOUNT},OU=www.cloudflare.com,\
         O=Cloudflare\\, Inc.,L=San Francisco,ST=California,C=US"
    );
    assert_eq!(result["issuer_raw"], issuer);
    assert_eq!(result["issuer_org"], "Cloudflare, Inc.");
    let expected: Vec<String> = Sha256::digest(der(&result))
        .iter()
        .map(|byte| format!("{byte:X}"))
        .collect();
    assert_eq!(result["fingerprint"], expected.join(":"));
}

#[tokio::test(start_paused = true)]
async fn validity_starts_five_minutes_before_the_nearest_minute() {
    for (created, not_before) in [
        ("2024-09-04T23:07:14.46176Z", "2024-09-04T23:02:00Z"),
        ("2024-09-04T22:52:30.310385Z", "2024-09-04T22:48:00Z"),
        ("2024-09-04T08:28:34Z", "2024-09-04T08:24:00Z"),
    ] {
        let result = issued(created, 1826).await;
        assert_eq!(result["created_at"], created);
        let der = der(&result);
        let (_, certificate) = X509Certificate::from_der(&der).unwrap();
        let seconds = certificate.validity().not_before.timestamp();
        assert_eq!(
            jiff::Timestamp::from_second(seconds).unwrap().to_string(),
            not_before
        );
        let length = certificate.validity().not_after.timestamp() - seconds;
        assert_eq!(length, 1826 * 86_400);
        let end = jiff::Timestamp::from_second(seconds + length).unwrap();
        assert_eq!(result["expires_on"], end.to_string());
    }
}

#[tokio::test(start_paused = true)]
async fn times_that_do_not_apply_are_zero() {
    let zero = "0001-01-01T00:00:00Z";
    let managed = issued("2026-11-23T10:00:00Z", 30).await;
    assert_eq!(managed["type"], "gateway_managed");
    assert_eq!(
        (&managed["updated_at"], &managed["uploaded_on"]),
        (&json!(zero), &json!(zero))
    );
    assert_eq!(managed["created_at"], "2026-11-23T10:00:00Z");
    assert_eq!(
        managed["qs_pack_id"],
        "00000000-0000-0000-0000-000000000000"
    );
    let local = Local::at("2026-11-23T10:00:00Z");
    local.seed(json!({ "type": "custom" })).await;
    let custom = local.get("gateway/certificates").await.result()[0].clone();
    assert_eq!(
        (&custom["created_at"], &custom["updated_at"]),
        (&json!(zero), &json!(zero))
    );
    assert_eq!(custom["uploaded_on"], "2026-11-23T10:00:00Z");
}

#[tokio::test]
async fn thirty_years_reach_beyond_two_digit_years() {
    let local = Local::new(Options::default());
    let body = json!({ "validity_period_days": 10_950 });
    let result = local
        .call("POST", "gateway/certificates", body)
        .await
        .result();
    let der = der(&result);
    let (_, certificate) = X509Certificate::from_der(&der).unwrap();
    assert!(certificate.validity().not_after.to_datetime().year() > 2050);
}
