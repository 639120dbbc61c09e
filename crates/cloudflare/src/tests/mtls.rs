//! Uploads: what is sent, what is made of the answer, and that the key is seen by the server alone.

use rcgen::KeyPair;
use serde_json::{Value, json};

use super::log::Log;
use super::server::{answer, serve};
use super::{ID, account, client, id, no, yes};
use crate::{RefusalKind, Upload, WriteError};

const STORE: &str = "/client/v4/accounts/699d98642c564d2e855e9661899b7252/mtls_certificates";

fn upload(key: &str) -> Upload {
    Upload {
        name: "own-ca".to_owned(),
        certificates: "-----BEGIN CERTIFICATE-----\nAAAA\n".to_owned(),
        private_key: key.to_owned().into(),
    }
}

#[tokio::test]
async fn an_upload_sends_the_chain_and_its_key_once() {
    let (port, log) = serve(vec![answer(200, "", &yes(&json!({ "id": ID })))]).await;
    let uploaded = client(port).upload(&account(), &upload("a key\n")).await;
    let uploaded = uploaded.unwrap();
    let stored = uploaded.certificate.unwrap().id;
    assert_eq!((stored, uploaded.status), (id(), 200));
    let requests = log.requests();
    assert_eq!(requests.len(), 1);
    let (head, sent) = requests[0].split_once("\r\n\r\n").unwrap();
    let line = format!("POST {STORE} HTTP/1.1");
    assert_eq!(head.lines().next(), Some(line.as_str()));
    let sent: Value = serde_json::from_str(sent).unwrap();
    let certificates = "-----BEGIN CERTIFICATE-----\nAAAA\n";
    let wanted = json!({
        "ca": true, "certificates": certificates, "name": "own-ca", "private_key": "a key\n",
    });
    assert_eq!(sent, wanted);
}

#[tokio::test]
async fn what_was_uploaded_is_removed_from_the_store() {
    let (port, log) = serve(vec![answer(200, "", &yes(&json!({ "id": ID })))]).await;
    client(port)
        .remove_uploaded(&account(), &id())
        .await
        .unwrap();
    let line = format!("DELETE {STORE}/{ID} HTTP/1.1\r\n");
    assert!(log.requests()[0].starts_with(&line));
}

#[tokio::test]
async fn the_same_content_twice_is_known_by_its_code() {
    let (port, _) = serve(vec![answer(400, "", &no(1471, "already exists"))]).await;
    let sent = client(port).upload(&account(), &upload("a key")).await;
    let Err(WriteError::Refused(refusal)) = sent else {
        panic!("{sent:?}")
    };
    assert_eq!(refusal.kind(), RefusalKind::AlreadyUploaded);
}

#[tokio::test]
async fn a_yes_without_an_id_is_an_unknown_outcome() {
    let nil = json!({ "id": "00000000-0000-0000-0000-000000000000" });
    for result in [
        Value::Null,
        json!({}),
        json!({ "id": "no id" }),
        json!([]),
        nil,
    ] {
        let (port, _) = serve(vec![answer(200, "", &yes(&result))]).await;
        let sent = client(port).upload(&account(), &upload("a key")).await;
        assert!(matches!(sent, Err(WriteError::Unknown(_))), "{sent:?}");
    }
}

#[tokio::test]
async fn the_key_is_in_no_log_no_error_and_no_debug() {
    let (log, _guard) = Log::keep();

    let pem = KeyPair::generate().unwrap().serialize_pem();
    let lines: Vec<&str> = pem.lines().filter(|l| !l.starts_with('-')).collect();
    assert!(lines.len() > 1, "{pem}");
    let upload = upload(&pem);
    let echo = json!({ "private_key": pem }).to_string();
    let escaped = yes(&json!({ "id": pem })).replace(lines[0], &unicode(lines[0]));
    let header = format!("cf-ray: {}\r\n", lines[0]);
    let mut printed = format!("{upload:?}");
    for (status, body) in [
        (400, no(1000, &echo)),
        (500, no(1000, &echo)),
        (502, echo.clone()),
        (200, yes(&json!({ "id": pem }))),
        (200, escaped),
        (
            200,
            yes(&json!({ "id": ID, "private_key": pem, pem.clone(): 1 })),
        ),
    ] {
        let (port, seen) = serve(vec![answer(status, &header, &body)]).await;
        let sent = client(port).upload(&account(), &upload).await;
        printed += &format!("{sent:?}");
        printed += &sent
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default();
        assert!(seen.requests()[0].contains(lines[0]), "it was to be sent");
    }
    printed += &log.text();
    assert!(printed.contains("/mtls_certificates"), "nothing was logged");
    assert!(printed.contains("[redacted]"), "the echo was to be seen");
    for line in lines {
        assert!(!printed.contains(line), "{printed}");
    }
}

/// Each character as JSON may write it.
fn unicode(text: &str) -> String {
    text.bytes().map(|byte| format!("\\u{byte:04x}")).collect()
}
