//! The life of a certificate.

use certctl_sandbox::Options;
use serde_json::{Value, json};

use crate::client::{ACCOUNT, Local, send, start};

#[tokio::test]
async fn a_whole_life_over_real_sockets() {
    let running = start(Options::default()).await;
    let addr = running.addr();
    let base = format!("/client/v4/accounts/{ACCOUNT}/gateway");
    let certificates = format!("{base}/certificates");

    let days = json!({ "validity_period_days": 30 });
    let created = send(addr, "POST", &certificates, Some(days)).await.unwrap();
    assert_eq!(created.status, 200);
    assert_eq!(created.result()["binding_status"], "inactive");
    assert_eq!(created.result()["in_use"], false);
    let one = format!("{certificates}/{}", created.id());

    let activated = send(addr, "POST", &format!("{one}/activate"), None)
        .await
        .unwrap();
    assert_eq!(activated.status, 202);
    assert_eq!(activated.result()["binding_status"], "pending_deployment");
    let got = send(addr, "GET", &one, None).await.unwrap();
    assert_eq!(got.result()["binding_status"], "available");

    let settings = json!({ "settings": { "certificate": { "id": created.id() } } });
    let configuration = format!("{base}/configuration");
    let patched = send(addr, "PATCH", &configuration, Some(settings))
        .await
        .unwrap();
    assert_eq!(patched.status, 200);
    let list = send(addr, "GET", &certificates, None).await.unwrap();
    assert_eq!(list.result()[0]["in_use"], true);
    assert!(list.json().get("result_info").is_none());

    let refused = send(addr, "POST", &format!("{one}/deactivate"), None)
        .await
        .unwrap();
    assert_eq!((refused.status, refused.code()), (400, 2118));

    let nil = json!({ "settings": { "certificate": {
        "id": "00000000-0000-0000-0000-000000000000" } } });
    send(addr, "PATCH", &configuration, Some(nil))
        .await
        .unwrap();
    let deactivated = send(addr, "POST", &format!("{one}/deactivate"), None)
        .await
        .unwrap();
    assert_eq!(deactivated.status, 201);
    assert_eq!(deactivated.result()["binding_status"], "pending_deletion");
    assert_eq!(send(addr, "DELETE", &one, None).await.unwrap().status, 200);
    let gone = send(addr, "GET", &one, None).await.unwrap();
    assert_eq!((gone.status, gone.code()), (404, 2027));
    running.shutdown().await;
}

#[tokio::test]
async fn a_body_may_be_empty_or_an_empty_object() {
    let local = Local::at("2026-11-23T00:00:00Z");
    let created = local
        .call("POST", "gateway/certificates", Value::Null)
        .await;
    assert_eq!(created.status, 200);
    // 1825 days, less the minutes by which the validity starts early.
    assert_eq!(created.result()["expires_on"], "2031-11-21T23:55:00Z");
    let path = format!("gateway/certificates/{}/activate", created.id());
    assert_eq!(local.call("POST", &path, json!({})).await.status, 202);
}

#[tokio::test]
async fn a_bad_validity_is_refused_and_costs_nothing() {
    let local = Local::at("2026-11-23T00:00:00Z");
    for days in [
        json!(0),
        json!(10_951),
        json!(-1),
        json!(1.5),
        json!("30"),
        json!(true),
    ] {
        let body = json!({ "validity_period_days": days });
        let refused = local.call("POST", "gateway/certificates", body).await;
        assert_eq!(refused.status, 400);
        let pointer = &refused.json()["errors"][0]["source"]["pointer"];
        assert_eq!(pointer, "/validity_period_days");
    }
    for days in [json!(1), json!(10_950), Value::Null] {
        let body = json!({ "validity_period_days": days });
        assert_eq!(
            local
                .call("POST", "gateway/certificates", body)
                .await
                .status,
            200
        );
    }
}

#[tokio::test]
async fn three_creations_a_day_and_deleting_gives_none_back() {
    let local = Local::at("2026-11-23T00:00:00Z");
    for _ in 0..3 {
        let id = local.create().await;
        assert_eq!(local.delete(&id).await.status, 200);
        local
            .control("POST", "clock", json!({ "advance_seconds": 3600 }))
            .await;
    }
    let refused = local.call("POST", "gateway/certificates", json!({})).await;
    assert_eq!(refused.status, 400);
    assert!(
        refused
            .text
            .contains("Up to 3 certificates may be created in a 24 hour period")
    );
    // The day is a rolling one: at midnight only the first creation has left it.
    local
        .control("POST", "clock", json!({ "advance_seconds": 21.0 * 3600.0 }))
        .await;
    local.create().await;
    let refused = local.call("POST", "gateway/certificates", json!({})).await;
    assert_eq!(refused.status, 400);
}

#[tokio::test]
async fn ten_may_be_available() {
    let local = Local::at("2026-11-23T00:00:00Z");
    for status in ["available"; 9].into_iter().chain(["pending_deployment"]) {
        local
            .seed(json!({ "binding_status": status, "stuck": true }))
            .await;
    }
    let eleventh = local.create().await;
    let refused = local.act(&eleventh, "activate").await;
    assert_eq!(refused.status, 400);
    assert_eq!(local.status(&eleventh).await, "inactive");
}

#[tokio::test]
async fn what_already_is_so_is_no_error() {
    let local = Local::at("2026-11-23T00:00:00Z");
    let id = local.create().await;
    assert_eq!(
        local.act(&id, "deactivate").await.result()["binding_status"],
        "inactive"
    );
    local.act(&id, "activate").await;
    let again = local.act(&id, "activate").await;
    assert_eq!(
        (again.status, again.result()["binding_status"].as_str()),
        (202, Some("available"))
    );
}

#[tokio::test]
async fn only_inactive_ones_can_be_deleted() {
    let local = Local::at("2026-11-23T00:00:00Z");
    let id = local.seed(json!({ "binding_status": "available" })).await;
    let refused = local.delete(&id).await;
    assert_eq!((refused.status, refused.code()), (400, 2118));

    let rough = Local::new(Options {
        delete_answers_500: true,
        ..Options::default()
    });
    let id = rough.seed(json!({ "binding_status": "available" })).await;
    assert_eq!(rough.delete(&id).await.status, 500);
    assert_eq!(rough.status(&id).await, "available");
}

#[tokio::test]
async fn each_account_has_its_own() {
    let local = Local::at("2026-11-23T00:00:00Z");
    let id = local.create().await;
    let other = "0123456789abcdef0123456789abcdef";
    let path = format!("/client/v4/accounts/{other}/gateway/certificates");
    assert_eq!(
        local.request("GET", &path, Value::Null).await.result(),
        json!([])
    );
    let path = format!("{path}/{id}");
    assert_eq!(local.request("GET", &path, Value::Null).await.code(), 2027);
    let shouted = format!(
        "/client/v4/accounts/{}/gateway/certificates",
        ACCOUNT.to_uppercase()
    );
    let listed = local.request("GET", &shouted, Value::Null).await.result();
    assert_eq!(listed[0]["id"], id);
}
