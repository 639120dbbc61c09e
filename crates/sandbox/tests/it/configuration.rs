//! The Gateway configuration.

use serde_json::{Value, json};

use crate::client::Local;

const NIL: &str = "00000000-0000-0000-0000-000000000000";

#[tokio::test]
async fn a_fresh_one_has_no_certificate() {
    let local = Local::at("2026-11-23T00:00:00Z");
    let settings = local.get("gateway/configuration").await.result()["settings"].clone();
    assert!(settings.get("certificate").is_none());
    assert_eq!(settings["tls_decrypt"]["enabled"], false);
    assert_eq!(settings["custom_certificate"]["id"], NIL);
}

#[tokio::test]
async fn patch_merges_by_block_and_ignores_null() {
    let local = Local::at("2026-11-23T00:00:00Z");
    let id = local.seed(json!({ "binding_status": "available" })).await;
    local.use_certificate(&id).await;
    let body = json!({ "settings": {
        "certificate": null, "tls_decrypt": { "enabled": true }, "fips": { "tls": true } } });
    let patched = local.call("PATCH", "gateway/configuration", body).await;
    assert_eq!(patched.status, 200);
    let settings = patched.result()["settings"].clone();
    assert_eq!(settings["certificate"], json!({ "id": id }));
    assert_eq!(settings["tls_decrypt"], json!({ "enabled": true }));
}

#[tokio::test]
async fn put_replaces_all_blocks() {
    let local = Local::at("2026-11-23T00:00:00Z");
    let id = local.seed(json!({ "binding_status": "available" })).await;
    local.use_certificate(&id).await;
    let body = json!({ "settings": { "activity_log": { "enabled": false } } });
    let settings = local
        .call("PUT", "gateway/configuration", body)
        .await
        .result();
    assert!(settings["settings"].get("certificate").is_none());
    let got = local.get(&format!("gateway/certificates/{id}")).await;
    assert_eq!(got.result()["in_use"], false);
    // A PUT that drops the certificate is an outage, and the journal knows.
    let summary = local.sandbox.summary().unwrap();
    assert_eq!(summary.values().next().unwrap().outages[0].why, "unset");
}

#[tokio::test]
async fn only_what_is_available_can_be_used() {
    let local = Local::at("2026-11-23T00:00:00Z");
    let id = local.create().await;
    assert_eq!(local.use_certificate(&id).await.status, 400);
    let unknown = "d1b364c5-1311-466e-a194-f0e943e0799f";
    assert_eq!(local.use_certificate(unknown).await.code(), 2027);
    assert_eq!(local.use_certificate(NIL).await.status, 200);
    local.act(&id, "activate").await;
    let shouted = local.use_certificate(&id.to_uppercase()).await;
    assert_eq!(shouted.result()["settings"]["certificate"]["id"], id);
    let in_use = json!({ "settings": { "certificate": { "id": id, "in_use": true } } });
    let patched = local.call("PATCH", "gateway/configuration", in_use).await;
    assert_eq!(
        patched.result()["settings"]["certificate"],
        json!({ "id": id })
    );
}

#[tokio::test]
async fn decryption_needs_a_certificate() {
    let local = Local::at("2026-11-23T00:00:00Z");
    for settings in [
        json!({ "tls_decrypt": { "enabled": true } }),
        json!({ "fips": { "tls": true } }),
        json!({ "body_scanning": { "inspection_mode": "deep" } }),
    ] {
        let body = json!({ "settings": settings });
        for method in ["PATCH", "PUT"] {
            let refused = local
                .call(method, "gateway/configuration", body.clone())
                .await;
            assert_eq!(refused.code(), 2211);
        }
    }
}

#[tokio::test]
async fn malformed_settings_are_refused() {
    let local = Local::at("2026-11-23T00:00:00Z");
    for body in [
        json!({ "settings": 1 }),
        json!({ "settings": { "certificate": {} } }),
        json!({ "settings": { "custom_certificate": { "id": NIL } } }),
        json!([]),
    ] {
        let refused = local.call("PATCH", "gateway/configuration", body).await;
        assert_eq!(refused.status, 400);
    }
    let empty = local
        .call("PATCH", "gateway/configuration", Value::Null)
        .await;
    assert_eq!(empty.status, 400);
}

#[tokio::test]
async fn the_deprecated_block_still_counts() {
    let local = Local::at("2026-11-23T00:00:00Z");
    let seed = json!({ "type": "custom", "binding_status": "available" });
    let id = local.seed(seed).await;
    let body = json!({ "settings": { "custom_certificate": { "enabled": true, "id": id } } });
    assert_eq!(
        local
            .call("PATCH", "gateway/configuration", body)
            .await
            .status,
        200
    );
    let got = local.get(&format!("gateway/certificates/{id}")).await;
    assert_eq!(got.result()["in_use"], true);
    assert_eq!(local.act(&id, "deactivate").await.code(), 2118);
    let legacy = local.get("gateway/configuration/custom_certificate").await;
    assert_eq!(legacy.json()["id"], id);
}
