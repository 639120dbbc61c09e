//! Time: deployments, quotas and expiries on a paused runtime and a moved clock.

use std::time::Duration;

use certctl_sandbox::{Cause, Interception, Options};
use serde_json::json;

use crate::client::Local;

fn slow() -> Local {
    Local::new(Options {
        deploy_delay: Duration::from_secs(90),
        clock: Some("2026-11-23T00:00:00Z".parse().unwrap()),
        ..Options::default()
    })
}

#[tokio::test(start_paused = true)]
async fn a_deployment_takes_its_time() {
    let local = slow();
    let id = local.create().await;
    local.act(&id, "activate").await;
    tokio::time::advance(Duration::from_secs(89)).await;
    assert_eq!(local.status(&id).await, "pending_deployment");
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(local.status(&id).await, "available");
    local.act(&id, "deactivate").await;
    assert_eq!(local.status(&id).await, "pending_deletion");
    assert_eq!(local.delete(&id).await.code(), 2118);
    tokio::time::advance(Duration::from_secs(90)).await;
    assert_eq!(local.status(&id).await, "inactive");
}

#[tokio::test(start_paused = true)]
async fn what_happened_during_a_leap_is_written_down_at_its_own_time() {
    let local = slow();
    let id = local.create().await;
    local.act(&id, "activate").await;
    local.sandbox.advance(Duration::from_secs(86_400)).unwrap();
    let journal = local.sandbox.journal().unwrap();
    let last = journal.last().unwrap();
    assert_eq!(last.cause, Cause::Time);
    assert_eq!(last.effects[0].to.as_deref(), Some("available"));
    assert_eq!(last.effects[0].at.to_string(), "2026-11-23T00:01:30Z");
}

#[tokio::test(start_paused = true)]
async fn the_quota_rolls() {
    let local = slow();
    for hours in [0, 8, 8] {
        tokio::time::advance(Duration::from_secs(hours * 3600)).await;
        local.create().await;
    }
    tokio::time::advance(Duration::from_secs(8 * 3600 - 1)).await;
    assert_eq!(
        local
            .call("POST", "gateway/certificates", json!({}))
            .await
            .status,
        400
    );
    tokio::time::advance(Duration::from_secs(1)).await;
    local.create().await;
    assert_eq!(
        local
            .call("POST", "gateway/certificates", json!({}))
            .await
            .status,
        400
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_in_use_expires_on_the_second() {
    let local = slow();
    let seed = json!({
        "binding_status": "available", "in_use": true, "validity_period_days": 10 });
    let id = local.seed(seed).await;
    let expires = local
        .get(&format!("gateway/certificates/{id}"))
        .await
        .result();
    local
        .sandbox
        .advance(Duration::from_secs(30 * 86_400))
        .unwrap();
    let summary = local.sandbox.summary().unwrap();
    let outage = &summary.values().next().unwrap().outages[0];
    assert_eq!(outage.why, "expired");
    assert_eq!(json!(outage.from), expires["expires_on"]);
    assert!(outage.until.is_none());
    let journal = local.sandbox.journal().unwrap();
    assert_eq!(
        journal.last().unwrap().interception,
        Some(Interception::Expired)
    );
}

#[tokio::test(start_paused = true)]
async fn a_rotation_without_a_gap_leaves_no_outage() {
    let local = slow();
    let mut last: Option<String> = None;
    for _ in 0..4 {
        let id = local.create().await;
        local.act(&id, "activate").await;
        tokio::time::advance(Duration::from_secs(90)).await;
        assert_eq!(local.use_certificate(&id).await.status, 200);
        if let Some(old) = last.replace(id) {
            local.act(&old, "deactivate").await;
            tokio::time::advance(Duration::from_secs(90)).await;
            assert_eq!(local.delete(&old).await.status, 200);
        }
        tokio::time::advance(Duration::from_secs(86_400)).await;
    }
    let summary = local.sandbox.summary().unwrap();
    let summary = summary.values().next().unwrap();
    assert_eq!(
        (
            summary.creations,
            summary.deleted.len(),
            summary.in_use.len()
        ),
        (4, 3, 4)
    );
    assert!(summary.outages.is_empty());
}

#[tokio::test(start_paused = true)]
async fn latency_delays_every_answer() {
    let local = Local::new(Options {
        latency: Duration::from_secs(3),
        ..Options::default()
    });
    let before = tokio::time::Instant::now();
    local.get("gateway/certificates").await;
    assert_eq!(before.elapsed(), Duration::from_secs(3));
}
