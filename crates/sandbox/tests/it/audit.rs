//! The audit log: writes that succeeded, by whom.

use serde_json::{Value, json};

use crate::client::{ACCOUNT, Local};

async fn log(local: &Local, query: &str) -> Vec<Value> {
    let answer = local.get(&format!("logs/audit?{query}")).await;
    answer.result().as_array().unwrap().clone()
}

#[tokio::test]
async fn it_tells_who_wrote_what() {
    let local = Local::at("2026-11-23T00:00:00Z");
    let id = local.create().await;
    local.get("gateway/certificates").await;
    // What is refused changes nothing.
    assert_ne!(local.delete("none").await.status, 200);
    let hand = format!("accounts/{ACCOUNT}/certificates");
    let seed = json!({ "binding_status": "available", "in_use": true });
    let seeded = local.control("POST", &hand, seed).await;
    let span = "since=2026-11-22T00:00:00Z&before=2026-11-24T00:00:00Z";
    let told = log(&local, span).await;
    let seen: Vec<(&Value, &Value, &Value)> = told
        .iter()
        .map(|act| {
            (
                &act["raw"]["method"],
                &act["actor"]["context"],
                &act["resource"]["id"],
            )
        })
        .collect();
    let other = &seeded["id"];
    assert_eq!(
        seen,
        [
            (&json!("PATCH"), &json!("dash"), other),
            (&json!("POST"), &json!("dash"), other),
            (&json!("POST"), &json!("api_token"), &json!(id)),
        ]
    );
    assert_eq!(told[0]["actor"]["email"], "colleague@example.com");
    assert_eq!(
        told[0]["resource"]["request"]["settings"]["certificate"]["id"],
        *other
    );
    assert_eq!(
        log(&local, &format!("{span}&limit=1&direction=asc")).await[0],
        told[2]
    );
    assert!(
        log(
            &local,
            "since=2026-11-24T00:00:00Z&before=2026-11-25T00:00:00Z"
        )
        .await
        .is_empty()
    );
    assert_eq!(local.get("logs/audit").await.status, 400);
}
