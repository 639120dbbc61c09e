//! The devices of an account: seeded in groups, listed page by page.

use serde_json::{Value, json};

use crate::client::{ACCOUNT, Answer, Local};

const LIST: &str = "devices/physical-devices";

async fn seeded() -> Local {
    let local = Local::at("2026-11-23T00:00:00Z");
    let devices = json!({ "devices": [
        { "count": 60, "device_type": "windows", "client_version": "2025.2.600.0",
          "last_seen_at": "2026-11-22T00:00:00Z" },
        { "count": 30, "device_type": "ios", "last_seen_at": "2026-11-01T00:00:00Z" },
        { "device_type": "mac" },
        { "count": 20, "device_type": "linux", "last_seen_at": "2026-11-22T00:00:00Z" },
    ]});
    let path = format!("accounts/{ACCOUNT}/devices");
    local.control("PUT", &path, devices).await;
    local
}

fn cursor(page: &Answer) -> Value {
    page.json()["result_info"]["cursor"].clone()
}

#[tokio::test]
async fn pages_lead_to_each_other_and_hold_each_device_once() {
    let local = seeded().await;
    for (query, sizes) in [
        ("", vec![50, 50, 11]),
        ("per_page=100", vec![100, 11]),
        ("per_page=111", vec![100, 11]),
        ("seen_after=2026-11-01T00%3A00%3A00Z", vec![50, 30]),
        (
            "seen_after=2026-10-31T23%3A59%3A59Z&per_page=55",
            vec![55, 55],
        ),
        ("seen_after=2026-11-22T00:00:00Z", vec![0]),
    ] {
        let mut ids = Vec::new();
        let mut seen = Vec::new();
        let mut next = String::new();
        loop {
            let page = local.get(&format!("{LIST}?{query}{next}")).await;
            let devices = page.result().as_array().unwrap().clone();
            seen.push(devices.len());
            ids.extend(devices.iter().map(|device| device["id"].to_string()));
            match cursor(&page).as_str() {
                Some(cursor) => next = format!("&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(seen, sizes, "{query}");
        assert!(ids.is_sorted_by(|a, b| a < b), "{query}");
    }
    assert_eq!(
        local.get(&format!("{LIST}?seen_after=soon")).await.status,
        400
    );
}

#[tokio::test]
async fn what_is_seeded_is_told_and_a_token_may_not_read_it() {
    let local = seeded().await;
    let first = local.get(LIST).await.result()[0].clone();
    assert_eq!(first["device_type"], "windows");
    assert_eq!(first["client_version"], "2025.2.600.0");
    assert_eq!(first["last_seen_at"], "2026-11-22T00:00:00Z");
    assert!(first["last_seen_user"]["email"].is_string() && first["serial_number"].is_string());
    let path = format!("accounts/{ACCOUNT}/devices");
    for (readable, status) in [(false, 403), (true, 200)] {
        local
            .control("PUT", &path, json!({ "readable": readable }))
            .await;
        assert_eq!(local.get(LIST).await.status, status);
        assert_eq!(local.get("devices/settings").await.status, 200);
    }
}
