use serde_json::json;

use super::*;

const NIL: &str = "00000000-0000-0000-0000-000000000000";
const ZERO: &str = "0001-01-01T00:00:00Z";

fn body(result: &Value) -> String {
    json!({"result": result, "success": true, "messages": [], "errors": []}).to_string()
}

#[test]
fn the_reference_page_is_read_and_verifies() {
    let certificate =
        decode_single(include_bytes!("../../../x509/src/testdata/reference.json")).unwrap();
    assert_eq!(
        certificate.id.as_str(),
        "f174e90a-fafe-4643-bbbc-4a0ed4fc8415"
    );
    assert_eq!(certificate.kind, CertificateType::GatewayManaged);
    assert_eq!(certificate.binding_status, BindingStatus::PendingDeployment);
    assert!(certificate.in_use);
    assert_eq!(
        certificate.created_at.unwrap().to_string(),
        "2014-01-01T05:20:00.12345Z"
    );
    let facts = certificate.facts().unwrap();
    assert_eq!(facts.not_after.to_string(), "2122-10-29T16:59:47Z");
    assert_eq!(facts.days(), 36_500);
    let pem = certificate.pem.unwrap();
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----\nMIID"));
    assert!(pem.ends_with("\n-----END CERTIFICATE-----\n"));
    assert!(pem.lines().all(|line| line.len() <= 64));
}

#[test]
fn a_recorded_list_is_read() {
    // Shapes and quirks as recorded from the real API; there is no `result_info`.
    let list = json!([
        {"id": "5d083f37-f9f9-4e75-9459-2682a07ab79e", "binding_status": "inactive",
         "type": "gateway_managed", "created_at": "2025-03-18T23:07:14.46176Z", "updated_at": ZERO,
         "uploaded_on": ZERO, "expires_on": "2030-03-18T23:02:00Z", "in_use": false,
         "qs_pack_id": NIL, "issuer_org": "Cloudflare, Inc.", "fingerprint": "0:1"},
        {"id": "0a0a0a0a-f9f9-4e75-9459-2682a07ab79e", "binding_status": "inactive", "type": "custom",
         "created_at": ZERO, "uploaded_on": "2024-01-02T03:04:05Z", "updated_at": ZERO},
    ]);
    let found = decode_list(body(&list).as_bytes()).unwrap();
    assert_eq!(found[0].kind, CertificateType::Custom);
    assert_eq!(
        found[0].created_at.unwrap().to_string(),
        "2024-01-02T03:04:05Z"
    );
    assert_eq!(
        found[1].created_at.unwrap().to_string(),
        "2025-03-18T23:07:14.46176Z"
    );
    assert!(
        found
            .iter()
            .all(|c| matches!(c.inspection, Inspection::Unsound(_)))
    );
    assert!(decode_list(body(&json!([])).as_bytes()).unwrap().is_empty());
}

#[test]
fn what_is_absent_or_new_is_unknown() {
    let bare = decode_certificate(&json!({"id": "a", "later": {"x": 1}})).unwrap();
    assert_eq!(bare.binding_status, BindingStatus::Unknown(String::new()));
    assert_eq!(bare.kind, CertificateType::Unknown(String::new()));
    assert!(!bare.in_use);
    assert_eq!(bare.created_at, None);
    assert_eq!(bare.pem, None);
    let why = "the API returned no certificate".to_owned();
    assert_eq!(bare.inspection, Inspection::Unsound(why));

    let odd = json!({"id": "a", "type": 5, "binding_status": "hibernating", "in_use": null,
        "created_at": "yesterday", "expires_on": 7, "certificate": []});
    let odd = decode_certificate(&odd).unwrap();
    assert_eq!(
        odd.binding_status,
        BindingStatus::Unknown("hibernating".to_owned())
    );
    assert_eq!(odd.kind, CertificateType::Unknown("a number".to_owned()));
    assert_eq!((odd.created_at, odd.expires_on), (None, None));
}

#[test]
fn times_have_any_fraction_and_zero_is_none() {
    for (text, read) in [
        ("2026-01-02T03:04:05Z", Some("2026-01-02T03:04:05Z")),
        ("2026-01-02T03:04:05.1Z", Some("2026-01-02T03:04:05.1Z")),
        (
            "2026-01-02T03:04:05.310385Z",
            Some("2026-01-02T03:04:05.310385Z"),
        ),
        (
            "2026-01-02T03:04:05.123456789Z",
            Some("2026-01-02T03:04:05.123456789Z"),
        ),
        ("2026-01-02T04:04:05+01:00", Some("2026-01-02T03:04:05Z")),
        (ZERO, None),
        ("0001-01-01T00:00:00.000Z", None),
        ("", None),
        ("2026-01-02", None),
        ("2026-13-02T03:04:05Z", None),
    ] {
        let read: Option<Timestamp> = read.map(|text| text.parse().unwrap());
        assert_eq!(time(Some(&json!(text))), read, "{text}");
    }
}

#[test]
fn what_could_be_acted_upon_wrongly_is_an_error() {
    for (certificate, why) in [
        (json!({}), "a certificate has no id"),
        (json!({"id": null}), "a certificate has no id"),
        (json!({"id": ""}), "a certificate has no id"),
        (json!({ "id": NIL }), "a certificate has no id"),
        (json!({"id": "../x"}), "a certificate's id is not a UUID"),
        (
            json!({"id": 7}),
            "a certificate's id is a number instead of a text",
        ),
        (
            json!({"id": "a", "in_use": "yes"}),
            "a certificate's `in_use` is not a boolean",
        ),
        (json!(null), "the certificate is null instead of an object"),
        (json!("a"), "the certificate is a text instead of an object"),
    ] {
        let error = decode_certificate(&certificate).unwrap_err();
        assert_eq!(error.to_string(), why, "{certificate}");
        assert!(decode_list(body(&json!([certificate])).as_bytes()).is_err());
    }
    for (result, why) in [
        (json!(null), "the result is null instead of an array"),
        (json!({}), "the result is an object instead of an array"),
        (json!([{"id": "A"}, {"id": "a"}]), "the list holds a twice"),
    ] {
        let error = decode_list(body(&result).as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), why);
    }
    let refused = br#"{"success":false,"errors":[{"code":1000,"message":"m"}],"result":[]}"#;
    assert!(decode_list(refused).is_err());
    assert!(decode_list(br#"{"success":true}"#).is_err());
}

#[test]
fn a_part_of_a_list_is_not_the_list() {
    for (items, info, whole) in [
        (1, json!(null), true),
        (1, json!({}), true),
        (0, json!({"count": 0, "total_count": 0}), true),
        (
            2,
            json!({"page": 1, "per_page": 50, "count": 2, "total_count": 2, "total_pages": 1}),
            true,
        ),
        // The example of the official schema, as a static mock of it answers.
        (
            1,
            json!({"count": 1, "page": 1, "per_page": 20, "total_count": 2000}),
            true,
        ),
        (2, json!({"total_count": 3}), false),
        (
            2,
            json!({"page": 1, "per_page": 2, "count": 2, "total_count": 3}),
            false,
        ),
        (
            0,
            json!({"page": 1, "per_page": 50, "total_count": 3}),
            false,
        ),
        (
            2,
            json!({"page": 1, "per_page": 50, "count": 3, "total_count": 3}),
            false,
        ),
        (2, json!({"page": 2, "per_page": 2, "count": 2}), false),
        (
            2,
            json!({"page": 1, "per_page": 20, "count": 2, "total_pages": 2}),
            false,
        ),
    ] {
        let items: Vec<Value> = (0..items).map(|n| json!({"id": format!("c{n}")})).collect();
        assert_eq!(list(&json!(items), &info).is_ok(), whole, "{info}");
    }
}

#[test]
fn the_configuration_names_what_is_used() {
    let a = Some("a");
    for (settings, id) in [
        (json!({}), None),
        (json!({"certificate": null}), None),
        (json!({"certificate": {}}), None),
        (json!({"certificate": {"id": ""}}), None),
        (json!({"certificate": {"id": "a", "in_use": true}}), a),
        (json!({"certificate": { "id": NIL }}), Some(NIL)),
        (
            json!({"custom_certificate": {"enabled": true, "id": "a"}}),
            a,
        ),
        (
            json!({"certificate": null, "custom_certificate": {"enabled": true, "id": "a"}}),
            a,
        ),
        (
            json!({"certificate": {"id": "a"}, "custom_certificate": {"enabled": true, "id": "b"}}),
            a,
        ),
        (
            json!({"certificate": {"id": NIL}, "custom_certificate": {"enabled": true, "id": "b"}}),
            Some(NIL),
        ),
        (
            json!({"custom_certificate": {"enabled": false, "id": "a"}}),
            None,
        ),
        (
            json!({"custom_certificate": {"enabled": null, "id": "a"}}),
            None,
        ),
        // As recorded where nothing was ever set.
        (
            json!({"custom_certificate": {"enabled": true, "binding_status": "", "id": NIL, "updated_at": ZERO}}),
            None,
        ),
    ] {
        let result = json!({"settings": settings, "created_at": ZERO});
        let read = decode_configuration(body(&result).as_bytes()).unwrap();
        assert_eq!(
            read.certificate_id.as_ref().map(CertificateId::as_str),
            id,
            "{settings}"
        );
    }
    for bad in [
        json!(null),
        json!([]),
        json!({"settings": 1}),
        json!({"settings": {"certificate": "a"}}),
        json!({"settings": {"certificate": {"id": 1}}}),
        json!({"settings": {"custom_certificate": {"enabled": true, "id": "a b"}}}),
    ] {
        assert!(configuration(&bad).is_err(), "{bad}");
    }
    assert_eq!(configuration(&json!({})).unwrap(), empty());
    assert_eq!(configuration(&json!({"settings": null})).unwrap(), empty());
    for (decrypt, read) in [
        (json!({"enabled": true}), Some(true)),
        (json!({"enabled": false}), Some(false)),
        (json!({"enabled": "on"}), None),
        (json!(null), None),
    ] {
        let result = json!({"settings": {"tls_decrypt": decrypt}});
        assert_eq!(configuration(&result).unwrap().tls_decrypt, read);
    }
}
