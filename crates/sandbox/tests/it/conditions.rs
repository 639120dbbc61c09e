//! What holds for a while: reads that lag, each by itself; a `Date` that is off; deployments that are
//! slow or fail; statuses that operation.

use std::time::Duration;

use certctl_sandbox::{Conditions, Fault, FaultKind, Options};
use serde_json::{Value, json};

use crate::client::{ACCOUNT, Local};

async fn pass(seconds: u64) {
    tokio::time::advance(Duration::from_secs(seconds)).await;
}

async fn listed(local: &Local) -> Vec<Value> {
    let listed = local.get("gateway/certificates").await.result();
    listed.as_array().unwrap().clone()
}

/// Whether the list, the GET of one, and the configuration show that it is in use.
async fn witnesses(local: &Local, id: &str) -> [bool; 3] {
    let list = listed(local).await;
    let one = local.get(&format!("gateway/certificates/{id}")).await;
    let configuration = local.get("gateway/configuration").await.result();
    [
        list.iter().any(|c| c["id"] == id && c["in_use"] == true),
        one.status == 200 && one.result()["in_use"] == true,
        configuration["settings"]["certificate"]["id"] == id,
    ]
}

#[tokio::test(start_paused = true)]
async fn each_kind_of_read_lags_by_itself() {
    for (kind, lagging) in [("list", 0), ("certificate", 1), ("configuration", 2)] {
        let local = Local::at("2026-11-23T00:00:00Z");
        let lag = json!({ format!("{kind}_lag_seconds"): 5 });
        local.control("PUT", "conditions", lag).await;
        let id = local.create().await;
        local.act(&id, "activate").await;
        pass(10).await;
        assert_eq!(local.use_certificate(&id).await.status, 200);
        let mut expected = [true; 3];
        expected[lagging] = false;
        assert_eq!(witnesses(&local, &id).await, expected, "{kind}");
        pass(4).await;
        assert_eq!(witnesses(&local, &id).await, expected, "{kind}");
        pass(1).await;
        assert_eq!(witnesses(&local, &id).await, [true; 3], "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_younger_than_the_lag_is_not_there_and_what_went_still_is() {
    let local = Local::at("2026-11-23T00:00:00Z");
    let lag = json!({ "list_lag_seconds": 5, "certificate_lag_seconds": 3 });
    local.control("PUT", "conditions", lag).await;
    let id = local.create().await;
    let path = format!("gateway/certificates/{id}");
    pass(2).await;
    assert_eq!(local.get(&path).await.code(), 2027);
    pass(1).await;
    assert_eq!(local.get(&path).await.status, 200);
    assert!(listed(&local).await.is_empty());
    pass(2).await;
    assert_eq!(listed(&local).await.len(), 1);
    // A write never lags.
    assert_eq!(local.delete(&id).await.status, 200);
    assert_eq!(local.delete(&id).await.code(), 2027);
    assert_eq!(local.get(&path).await.status, 200);
    pass(5).await;
    assert_eq!(local.get(&path).await.code(), 2027);
    assert!(listed(&local).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn time_passes_in_the_past_as_well() {
    let local = Local::new(Options {
        deploy_delay: Duration::from_secs(10),
        ..Options::default()
    });
    local
        .control("PUT", "conditions", json!({ "list_lag_seconds": 60 }))
        .await;
    let id = local.create().await;
    local.act(&id, "activate").await;
    pass(65).await;
    assert_eq!(
        listed(&local).await[0]["binding_status"],
        "pending_deployment"
    );
    pass(5).await;
    assert_eq!(listed(&local).await[0]["binding_status"], "available");
    // The journal tells the present.
    let journal = local.sandbox.journal().unwrap();
    let turned = journal
        .iter()
        .flat_map(|entry| &entry.effects)
        .find(|effect| effect.to.as_deref() == Some("available"));
    let created = journal[0].at;
    assert_eq!(turned.unwrap().at.duration_since(created).as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn the_date_can_be_ahead_and_behind() {
    let local = Local::at("2026-11-23T00:00:00Z");
    for (offset, date) in [
        (90.0, "Mon, 23 Nov 2026 00:01:30 GMT"),
        (-600.0, "Sun, 22 Nov 2026 23:50:00 GMT"),
        (0.0, "Mon, 23 Nov 2026 00:00:00 GMT"),
    ] {
        let conditions = Conditions {
            date_offset_seconds: offset,
            ..Conditions::default()
        };
        local.sandbox.set_conditions(conditions).unwrap();
        let answer = local.get("gateway/certificates").await;
        assert_eq!(answer.header("date"), Some(date));
    }
    // Only the header is off.
    let id = local.create().await;
    let told = local.get(&format!("gateway/certificates/{id}")).await;
    assert_eq!(told.result()["created_at"], "2026-11-23T00:00:00Z");
}

#[tokio::test(start_paused = true)]
async fn deployments_can_take_days_and_fail() {
    let local = Local::at("2026-11-23T00:00:00Z");
    let slow = json!({ "deploy_seconds": 172_800 });
    local.control("PUT", "conditions", slow).await;
    let id = local.create().await;
    local.act(&id, "activate").await;
    pass(172_799).await;
    assert_eq!(local.status(&id).await, "pending_deployment");
    pass(1).await;
    assert_eq!(local.status(&id).await, "available");
    let failing = json!({ "deploy_seconds": 60, "deployments_fail": true });
    local.control("PUT", "conditions", failing).await;
    let other = local.create().await;
    local.act(&other, "activate").await;
    assert_eq!(local.status(&other).await, "pending_deployment");
    pass(60).await;
    assert_eq!(local.status(&other).await, "inactive");
    local.control("PUT", "conditions", json!({})).await;
    local.act(&other, "activate").await;
    assert_eq!(local.status(&other).await, "available");
}

#[tokio::test(start_paused = true)]
async fn a_status_can_turn_by_itself() {
    let local = Local::at("2026-11-23T00:00:00Z");
    let id = local.seed(json!({ "binding_status": "available" })).await;
    let path = format!("accounts/{ACCOUNT}/certificates/{id}");
    let turns = json!({ "settles_in_seconds": 30, "settles_to": "pending_deletion" });
    local.control("PATCH", &path, turns).await;
    pass(29).await;
    assert_eq!(local.status(&id).await, "available");
    pass(1).await;
    assert_eq!(local.status(&id).await, "pending_deletion");
    pass(1_000_000).await;
    assert_eq!(local.status(&id).await, "pending_deletion");
}

#[tokio::test(start_paused = true)]
async fn others_can_spend_the_quota() {
    let local = Local::at("2026-11-23T00:00:00Z");
    for _ in 0..2 {
        local.seed(json!({ "spends_quota": true })).await;
    }
    local.create().await;
    let refused = local.call("POST", "gateway/certificates", json!({})).await;
    assert_eq!((refused.status, refused.code()), (400, 2903));
}

#[tokio::test(start_paused = true)]
async fn somebody_acts_at_a_chosen_request() {
    let local = Local::at("2026-11-23T00:00:00Z");
    let id = local.seed(json!({ "binding_status": "available" })).await;
    let hand = json!({
        "kind": "hand", "method": "GET", "nth": 2,
        "call": {
            "method": "PATCH", "path": format!("/accounts/{ACCOUNT}/certificates/{id}"),
            "body": { "binding_status": "inactive" },
        },
    });
    local.control("POST", "faults", hand).await;
    let status = |list: Vec<Value>| list[0]["binding_status"].as_str().unwrap().to_owned();
    assert_eq!(status(listed(&local).await), "available");
    assert_eq!(status(listed(&local).await), "inactive");
}

#[tokio::test(start_paused = true)]
async fn a_yes_can_be_without_effect() {
    let local = Local::at("2026-11-23T00:00:00Z");
    let id = local.create().await;
    for (verb, status) in [("activate", 202), ("deactivate", 201)] {
        local.sandbox.inject(Fault::new(FaultKind::NoEffect)).await;
        let answer = local.act(&id, verb).await;
        assert_eq!(answer.status, status);
        assert_eq!(local.status(&id).await, "inactive");
    }
    local.sandbox.inject(Fault::new(FaultKind::NoEffect)).await;
    assert_eq!(local.delete(&id).await.status, 200);
    assert_eq!(local.status(&id).await, "inactive");
    local.sandbox.inject(Fault::new(FaultKind::NoEffect)).await;
    let made = local.call("POST", "gateway/certificates", json!({})).await;
    assert_eq!(made.status, 200);
    assert_eq!(listed(&local).await.len(), 1);
    assert_eq!(local.sandbox.summary().unwrap()[ACCOUNT].creations, 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_can_name_another_certificate() {
    let local = Local::at("2026-11-23T00:00:00Z");
    let known = local.create().await;
    let wrong = json!({ "kind": "wrong_id", "id": known });
    local.control("POST", "faults", wrong).await;
    assert_eq!(local.create().await, known);
    let wrong = json!({ "kind": "wrong_id" });
    local.control("POST", "faults", wrong).await;
    let nobody = local.create().await;
    let ids: Vec<Value> = listed(&local)
        .await
        .iter()
        .map(|c| c["id"].clone())
        .collect();
    assert_eq!(ids.len(), 3);
    assert!(!ids.contains(&json!(nobody)));
}

#[tokio::test(start_paused = true)]
async fn the_edge_can_answer_with_a_problem_document() {
    let local = Local::at("2026-11-23T00:00:00Z");
    let problem = json!({
        "kind": "problem", "status": 403, "seconds": 7,
        "body": { "error_code": 1010, "retryable": false },
    });
    local.control("POST", "faults", problem).await;
    let answer = local.call("POST", "gateway/certificates", json!({})).await;
    assert_eq!(answer.status, 403);
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json")
    );
    assert_eq!(answer.header("retry-after"), Some("7"));
    let body = answer.json();
    assert_eq!(body["error_code"], 1010);
    assert_eq!(body["retryable"], false);
    assert_eq!(body["status"], 403);
    assert!(body.get("success").is_none());
    assert!(listed(&local).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_seed_gives_the_same_ids_again() {
    let ids = |seed| async move {
        let local = Local::new(Options {
            seed,
            ..Options::default()
        });
        [
            local.create().await,
            local.seed(json!({})).await,
            local.create().await,
        ]
    };
    let first = ids(Some(7)).await;
    assert_eq!(first, ids(Some(7)).await);
    assert_ne!(first, ids(Some(8)).await);
    assert_ne!(ids(None).await, ids(None).await);
    assert_ne!(first[0], first[1]);
}

#[tokio::test(start_paused = true)]
async fn what_becomes_valid_later_says_so() {
    let local = Local::at("2026-11-23T00:00:00Z");
    let odd = json!({ "kind": "odd_certificate", "starts_later_days": 730 });
    local.control("POST", "faults", odd).await;
    let body = json!({ "validity_period_days": 365 });
    let made = local.call("POST", "gateway/certificates", body).await;
    // Two years later than without.
    assert_eq!(made.result()["expires_on"], "2029-11-21T23:55:00Z");
}
