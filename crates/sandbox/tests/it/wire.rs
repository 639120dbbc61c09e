//! Envelopes, headers, credentials, routes.

use std::time::Duration;

use axum::body::Body;
use certctl_sandbox::Options;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::client::{ACCOUNT, Local};

#[tokio::test(start_paused = true)]
async fn headers_tell_the_time_of_the_sandbox_and_the_rate() {
    let local = Local::at("2026-11-23T00:00:00Z");
    let answer = local.get("gateway/certificates").await;
    assert_eq!(answer.header("date"), Some("Mon, 23 Nov 2026 00:00:00 GMT"));
    assert_eq!(
        answer.header("content-type"),
        Some("application/json; charset=UTF-8")
    );
    assert_eq!(answer.header("ratelimit"), Some("\"default\";r=1200;t=300"));
    assert_eq!(
        answer.header("ratelimit-policy"),
        Some("\"default\";q=1200;w=300")
    );
    let audit = answer.header("cf-auditlog-id").unwrap().to_owned();
    let journal = local.sandbox.journal().unwrap();
    assert_eq!(journal[0].audit_log_id.as_ref(), Some(&audit));
}

#[tokio::test(start_paused = true)]
async fn too_many_requests_are_throttled() {
    let local = Local::new(Options {
        rate_limit: Some(2),
        ..Options::default()
    });
    local.get("gateway/certificates").await;
    let last = local.get("gateway/certificates").await;
    assert_eq!(last.header("ratelimit"), Some("\"default\";r=0;t=300"));
    let refused = local.call("POST", "gateway/certificates", json!({})).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.header("retry-after"), Some("300"));
    tokio::time::advance(Duration::from_secs(300)).await;
    assert_eq!(local.get("gateway/certificates").await.result(), json!([]));
}

#[tokio::test]
async fn credentials_must_be_there_and_may_be_anything() {
    let local = Local::at("2026-11-23T00:00:00Z");
    let uri = format!("/client/v4/accounts/{ACCOUNT}/gateway/certificates");
    for (headers, status) in [
        (vec![], 400),
        (vec![("authorization", "Bearer ")], 400),
        (vec![("x-auth-key", "k")], 400),
        (vec![("authorization", "Bearer x")], 200),
        (
            vec![("x-auth-email", "a@example.com"), ("x-auth-key", "k")],
            200,
        ),
    ] {
        let mut request = axum::http::Request::builder().uri(&uri);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request.body(Body::empty()).unwrap();
        let response = local.sandbox.router().oneshot(request).await.unwrap();
        assert_eq!(response.status(), status);
    }
}

#[tokio::test]
async fn what_is_nowhere_says_so_in_an_envelope() {
    let local = Local::at("2026-11-23T00:00:00Z");
    for (method, path, status, code) in [
        (
            "GET",
            "/client/v4/accounts/nope/gateway/certificates",
            404,
            7003,
        ),
        ("GET", "/client/v4/zones", 404, 7000),
        ("GET", "/", 404, 7000),
        (
            "GET",
            &format!("/client/v4/accounts/{ACCOUNT}/gateway/rules"),
            404,
            7000,
        ),
        (
            "PUT",
            &format!("/client/v4/accounts/{ACCOUNT}/gateway/certificates"),
            405,
            10405,
        ),
        (
            "GET",
            &format!("/client/v4/accounts/{ACCOUNT}/gateway/certificates/nope"),
            404,
            2027,
        ),
    ] {
        let answer = local.request(method, path, Value::Null).await;
        assert_eq!(
            (answer.status, answer.code()),
            (status, code),
            "{method} {path}"
        );
        let body = answer.json();
        assert_eq!(
            (&body["success"], &body["result"]),
            (&json!(false), &Value::Null)
        );
    }
}

#[tokio::test]
async fn every_request_is_in_the_journal() {
    let local = Local::at("2026-11-23T00:00:00Z");
    let id = local.create().await;
    local.delete("d1b364c5-1311-466e-a194-f0e943e0799f").await;
    local
        .request("GET", "/client/v4/nowhere?x=1", Value::Null)
        .await;
    let journal = local.sandbox.journal().unwrap();
    let told: Vec<_> = journal
        .iter()
        .map(|e| (e.seq, e.method.as_str(), e.status, e.code, e.effects.len()))
        .collect();
    assert_eq!(
        told,
        [
            (1, "POST", Some(200), None, 1),
            (2, "DELETE", Some(404), Some(2027), 0),
            (3, "GET", Some(404), Some(7000), 0),
        ]
    );
    assert_eq!(journal[0].certificate_id.as_ref(), Some(&id));
    assert_eq!(journal[0].account_id.as_deref(), Some(ACCOUNT));
}
