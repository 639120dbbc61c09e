//! Certificates that people bring themselves.

use serde_json::{Value, json};

use crate::client::Local;

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
