//! No bytes, however hostile, make a decoder panic, and none make a list out of a "no".

use certctl_model::Inspection;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{certificate, yes};
use crate::{Envelope, decode_certificate, decode_configuration, decode_list, decode_single};
use certctl_x509::inspect;

const KEYS: &[&str] = &[
    "success",
    "errors",
    "messages",
    "result",
    "result_info",
    "id",
    "type",
    "binding_status",
    "certificate",
    "fingerprint",
    "created_at",
    "uploaded_on",
    "expires_on",
    "in_use",
    "settings",
    "custom_certificate",
    "enabled",
    "tls_decrypt",
    "code",
    "message",
    "source",
    "pointer",
    "count",
    "total_count",
    "per_page",
    "issuer_raw",
    "error_chain",
];

const WORDS: &[&str] = &[
    "",
    "f174e90a-fafe-4643-bbbc-4a0ed4fc8415",
    "00000000-0000-0000-0000-000000000000",
    "0001-01-01T00:00:00Z",
    "2026-02-30T99:00:00Z",
    "-----BEGIN CERTIFICATE-----\\nMAA=\\n-----END CERTIFICATE-----\\n",
    "available",
    "0:31:9",
    "\u{1b}[31m\u{0}",
];

/// JSON that is made of the words that the decoders look for.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        proptest::sample::select(WORDS).prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 8, |inner| {
        let key = proptest::sample::select(KEYS).prop_map(str::to_owned);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((key, inner), 0..8)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn decode_everything(body: &[u8]) {
    let _ = Envelope::parse(body);
    let _ = decode_list(body);
    let _ = decode_single(body);
    let _ = decode_configuration(body);
}

proptest! {
    #[test]
    fn arbitrary_bytes(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        decode_everything(&body);
        let _ = inspect(&String::from_utf8_lossy(&body), Some("00"));
    }

    #[test]
    fn arbitrary_json(value in json()) {
        decode_everything(value.to_string().as_bytes());
        decode_everything(yes(&value).as_bytes());
        decode_everything(yes(&json!([value])).as_bytes());
        let _ = decode_certificate(&value);
    }

    #[test]
    fn a_no_is_never_a_list(mut value in json()) {
        if let Some(object) = value.as_object_mut() {
            object.insert("success".to_owned(), Value::Bool(false));
        }
        prop_assert!(decode_list(value.to_string().as_bytes()).is_err());
    }

    #[test]
    fn a_cut_answer_is_never_one(at in 0..1_500usize) {
        let body = yes(&json!([certificate()]));
        prop_assert!(at >= body.len() || decode_list(&body.as_bytes()[..at]).is_err());
    }

    #[test]
    fn a_changed_certificate_is_never_sound(at in 0..1_000usize, with in any::<u8>()) {
        let pem = certificate()["certificate"].as_str().unwrap().to_owned();
        let fingerprint = certificate()["fingerprint"].as_str().unwrap().to_owned();
        let body = "-----BEGIN CERTIFICATE-----\\n".len() + at;
        let mut bytes = pem.into_bytes();
        let same = bytes[body] == with;
        bytes[body] = with;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let sound = matches!(inspect(&text, Some(&fingerprint)), Inspection::Sound(_));
        prop_assert_eq!(sound, same);
    }
}
