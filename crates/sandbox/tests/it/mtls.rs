//! Certificates that people bring themselves.

use std::fs;
use std::path::Path;

use certctl_sandbox::Options;
use serde_json::{Value, json};

use crate::client::{ACCOUNT, Local};

/// Text that is nowhere but in the key of an upload.
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nc2VudGluZWw=\n-----END PRIVATE KEY-----\n";
const SENTINEL: &str = "c2VudGluZWw=";

/// A CA's PEM, from another account's sandbox.
async fn some_ca() -> String {
    let other = Local::at("2026-11-23T00:00:00Z");
    other.create().await;
    let listed = other.get("gateway/certificates").await.result();
    listed[0]["certificate"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_upload_appears_at_gateway_as_custom() {
    let local = Local::at("2026-11-23T00:00:00Z");
    let pem = some_ca().await;
    let body = json!({ "certificates": pem.trim_end(), "ca": true, "name": "ours",
        "private_key": "dropped" });
    let uploaded = local.call("POST", "mtls_certificates", body.clone()).await;
    assert_eq!(uploaded.status, 200);
    assert_eq!(uploaded.result()["name"], "ours");
    assert_eq!(uploaded.result()["certificates"], pem);
    let id = uploaded.id();
    let shown = local
        .get(&format!("gateway/certificates/{id}"))
        .await
        .result();
    assert_eq!(
        (&shown["type"], &shown["binding_status"]),
        (&json!("custom"), &json!("inactive"))
    );
    let again = local.call("POST", "mtls_certificates", body).await;
    assert_eq!(again.code(), 1471);

    let associations = format!("mtls_certificates/{id}/associations");
    assert_eq!(local.get(&associations).await.result(), json!([]));
    assert_eq!(local.act(&id, "activate").await.status, 202);
    let told = local.get(&associations).await.result();
    assert_eq!(
        told,
        json!([{ "service": "gateway", "status": "available" }])
    );

    let path = format!("mtls_certificates/{id}");
    assert_eq!(local.call("DELETE", &path, Value::Null).await.status, 400);
    local.act(&id, "deactivate").await;
    assert_eq!(local.delete(&id).await.status, 400);
    assert_eq!(local.call("DELETE", &path, Value::Null).await.status, 200);
    assert_eq!(local.get(&path).await.code(), 1472);
    assert_eq!(
        local
            .get(&format!("gateway/certificates/{id}"))
            .await
            .code(),
        2027
    );
}

#[tokio::test]
async fn managed_ones_appear_in_the_store_and_stay_there() {
    let local = Local::at("2026-11-23T00:00:00Z");
    let id = local.create().await;
    local.seed(json!({ "type": "custom" })).await;
    let all = local.get("mtls_certificates").await;
    assert_eq!(all.json()["result_info"]["total_count"], 2);
    let managed = local
        .get("mtls_certificates?type=gateway_managed,access_managed")
        .await;
    assert_eq!(managed.result().as_array().unwrap().len(), 1);
    assert_eq!(managed.result()[0]["signature"], "ECDSAWithSHA256");
    let path = format!("mtls_certificates/{id}");
    let refused = local.call("DELETE", &path, Value::Null).await;
    assert_eq!(refused.status, 403);
}

#[tokio::test]
async fn bad_uploads_are_refused() {
    let local = Local::at("2026-11-23T00:00:00Z");
    for body in [
        json!({ "ca": true }),
        json!({ "certificates": "nonsense", "ca": true }),
        json!({ "certificates": some_ca().await, "ca": false }),
        json!({ "certificates": some_ca().await }),
    ] {
        let refused = local.call("POST", "mtls_certificates", body).await;
        assert_eq!(refused.status, 400);
    }
}

#[tokio::test]
async fn identical_content_has_the_line_ends_of_its_file() {
    let local = Local::at("2026-11-23T00:00:00Z");
    let chain = format!("{}{}", some_ca().await, some_ca().await);
    let upload = |chain: &str| json!({ "certificates": chain, "ca": true, "private_key": KEY });
    let stored = local
        .call("POST", "mtls_certificates", upload(&chain))
        .await;
    assert_eq!(stored.result()["certificates"], chain);
    let windows = format!("{}\r\n\r\n", chain.trim_end().replace('\n', "\r\n"));
    for same in [chain.trim_end(), &windows] {
        let again = local.call("POST", "mtls_certificates", upload(same)).await;
        assert_eq!((again.status, again.code()), (400, 1471));
    }
    // The same root with another intermediate is another certificate.
    let other = format!("{}{}", first_block(&chain), some_ca().await);
    let other = local
        .call("POST", "mtls_certificates", upload(&other))
        .await;
    assert_eq!(other.status, 200);
}

#[tokio::test]
async fn gateway_activates_nothing_without_a_key() {
    let local = Local::at("2026-11-23T00:00:00Z");
    let body = json!({ "certificates": some_ca().await, "ca": true });
    let id = local.call("POST", "mtls_certificates", body).await.id();
    assert_eq!(local.act(&id, "activate").await.status, 400);
    assert_eq!(local.status(&id).await, "inactive");
    let path = format!("mtls_certificates/{id}");
    assert_eq!(local.call("DELETE", &path, Value::Null).await.status, 200);
    let again = local.call("DELETE", &path, Value::Null).await;
    assert_eq!((again.status, again.code()), (400, 1472));
}

#[tokio::test]
async fn an_account_has_five_of_its_own() {
    let local = Local::at("2026-11-23T00:00:00Z");
    let mut last = String::new();
    for _ in 0..5 {
        last = local.seed(json!({ "type": "custom" })).await;
    }
    local.create().await;
    let body = json!({ "certificates": some_ca().await, "ca": true, "private_key": KEY });
    let refused = local.call("POST", "mtls_certificates", body.clone()).await;
    assert_eq!(refused.status, 400);
    let path = format!("mtls_certificates/{last}");
    local.call("DELETE", &path, Value::Null).await;
    let stored = local.call("POST", "mtls_certificates", body.clone()).await;
    assert_eq!(stored.status, 200);
    let again = local.call("POST", "mtls_certificates", body).await;
    assert_eq!(
        again.code(),
        1471,
        "what is there is said before what is full"
    );
}

/// A private key is in no file and no answer, whatever happens to the upload.
#[tokio::test]
async fn a_private_key_is_not_kept() {
    let kinds =
        "late_effect no_effect reset_before reset_after cut_after null_result 500_after status";
    for kind in kinds.split(' ') {
        let dir = tempfile::tempdir().unwrap();
        let local = Local::new(Options {
            data: Some(dir.path().to_owned()),
            ..Options::default()
        });
        let path = format!("/client/v4/accounts/{ACCOUNT}/mtls_certificates");
        let fault = json!({ "kind": kind, "method": "POST", "seconds": 3600 });
        local.control("POST", "faults", fault).await;
        for ca in [json!(true), json!("wrong"), json!(true)] {
            let body = json!({ "certificates": some_ca().await, "ca": ca, "private_key": KEY });
            if let Ok(answer) = local.try_request("POST", &path, body).await {
                assert!(!answer.text.contains(SENTINEL), "{kind}: {}", answer.text);
            }
        }
        let account = format!("accounts/{ACCOUNT}");
        let held = local.control("GET", &account, Value::Null).await;
        let log = local.control("GET", "log", Value::Null).await;
        let told = format!("{held}{log}");
        assert!(!told.contains(SENTINEL), "{kind}: {told}");
        assert!(!holds_the_key(dir.path()), "{kind}: a file has the key");
    }
}

#[tokio::test]
async fn an_upload_that_takes_effect_later_has_its_key() {
    let local = Local::at("2026-11-23T00:00:00Z");
    let fault = json!({ "kind": "late_effect", "seconds": 30 });
    local.control("POST", "faults", fault).await;
    let path = format!("/client/v4/accounts/{ACCOUNT}/mtls_certificates");
    let body = json!({ "certificates": some_ca().await, "ca": true, "private_key": KEY });
    assert!(
        local
            .try_request("POST", &path, body.clone())
            .await
            .is_err()
    );
    assert_eq!(local.get("mtls_certificates").await.result(), json!([]));
    local
        .control("POST", "clock", json!({ "advance_seconds": 31 }))
        .await;
    let id = local.get("mtls_certificates").await.result()[0]["id"].clone();
    let again = local.call("POST", "mtls_certificates", body).await;
    assert_eq!(again.code(), 1471, "which settles it");
    let activated = local.act(id.as_str().unwrap(), "activate").await;
    assert_eq!(activated.status, 202);
}

fn first_block(chain: &str) -> String {
    let end = "-----END CERTIFICATE-----\n";
    chain.split_inclusive(end).next().unwrap().to_owned()
}

fn holds_the_key(dir: &Path) -> bool {
    fs::read_dir(dir).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return holds_the_key(&path);
        }
        let bytes = fs::read(&path).unwrap();
        String::from_utf8_lossy(&bytes).contains(SENTINEL)
    })
}
