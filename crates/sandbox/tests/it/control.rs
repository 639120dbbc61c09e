//! The control plane.

use serde_json::{Value, json};

use crate::client::{ACCOUNT, Local};

#[tokio::test(start_paused = true)]
async fn the_clock_can_be_read_and_moved() {
    let local = Local::at("2026-11-23T00:00:00Z");
    let now = |told: Value| told["now"].as_str().unwrap().to_owned();
    assert_eq!(
        now(local.control("GET", "clock", Value::Null).await),
        "2026-11-23T00:00:00Z"
    );
    let told = local
        .control("POST", "clock", json!({ "advance_seconds": 1.5 }))
        .await;
    assert_eq!(now(told), "2026-11-23T00:00:01.5Z");
    let told = local
        .control("POST", "clock", json!({ "now": "2030-01-01T00:00:00Z" }))
        .await;
    assert_eq!(now(told), "2030-01-01T00:00:00Z");
    for body in [
        json!({}),
        json!({ "advance_seconds": -1 }),
        json!({ "then": 1 }),
    ] {
        assert_eq!(
            local.request("POST", "/sandbox/clock", body).await.status,
            400
        );
    }
}

#[tokio::test]
async fn certificates_can_be_seeded_in_any_state() {
    let local = Local::at("2026-11-23T00:00:00Z");
    for _ in 0..5 {
        local
            .seed(json!({ "created_at": "2020-01-01T00:00:00Z", "validity_period_days": 1 }))
            .await;
    }
    let odd = local
        .seed(json!({ "type": "from_the_future", "binding_status": "in_orbit", "in_use": true }))
        .await;
    let listed = local.get("gateway/certificates").await.result();
    assert_eq!(listed[0]["expires_on"], "2020-01-01T23:55:00Z");
    assert_eq!(listed[5]["binding_status"], "in_orbit");
    assert_eq!(listed[5]["in_use"], true);
    assert_eq!(local.act(&odd, "activate").await.status, 409);
    // Seeding costs no quota.
    local.create().await;
    let summary = local.sandbox.summary().unwrap();
    assert_eq!(summary[ACCOUNT].creations, 1);
    assert_eq!(summary[ACCOUNT].outages[0].why, "not_available");
}

#[tokio::test]
async fn a_colleague_can_change_anything() {
    let local = Local::at("2026-11-23T00:00:00Z");
    let id = local
        .seed(json!({ "binding_status": "available", "in_use": true }))
        .await;
    let path = format!("accounts/{ACCOUNT}/certificates/{id}");
    local
        .control("PATCH", &path, json!({ "reports_in_use": false }))
        .await;
    let one = format!("gateway/certificates/{id}");
    assert_eq!(local.get(&one).await.result()["in_use"], false);
    local
        .control(
            "PATCH",
            &path,
            json!({ "reports_in_use": null, "fingerprint": "00" }),
        )
        .await;
    let told = local.get(&one).await.result();
    assert_eq!(
        (&told["in_use"], &told["fingerprint"]),
        (&json!(true), &json!("00"))
    );
    local
        .control(
            "PATCH",
            &path,
            json!({ "binding_status": "pending_deletion", "stuck": true }),
        )
        .await;
    assert_eq!(local.status(&id).await, "pending_deletion");
    local.control("DELETE", &path, Value::Null).await;
    assert_eq!(local.get(&one).await.code(), 2027);
    let why: Vec<_> = local.sandbox.summary().unwrap()[ACCOUNT]
        .outages
        .iter()
        .map(|outage| outage.why.clone())
        .collect();
    assert_eq!(why, ["not_available", "missing"]);
    let path = format!("accounts/{ACCOUNT}/configuration");
    local
        .control("PUT", &path, json!({ "tls_decrypt": { "enabled": true } }))
        .await;
    let told = local.get("gateway/configuration").await.result();
    assert_eq!(told["settings"]["tls_decrypt"]["enabled"], true);
}

#[tokio::test]
async fn the_log_is_the_journal() {
    let local = Local::at("2026-11-23T00:00:00Z");
    let id = local.create().await;
    local.get("gateway/certificates").await;
    let log = local.control("GET", "log", Value::Null).await;
    assert_eq!(log["accounts"][ACCOUNT]["created"], json!([id]));
    assert_eq!(log["entries"].as_array().unwrap().len(), 2);
    assert_eq!(log["entries"][0]["effects"][0]["effect"], "created");
    let later = local.control("GET", "log?since=1", Value::Null).await;
    assert_eq!(later["entries"].as_array().unwrap().len(), 1);
    let other = local.control("GET", "log?account=none", Value::Null).await;
    assert_eq!(other["entries"], json!([]));
    let shown = local
        .control("GET", &format!("accounts/{ACCOUNT}"), Value::Null)
        .await;
    assert_eq!(shown["certificates"][0]["id"], id);
}
