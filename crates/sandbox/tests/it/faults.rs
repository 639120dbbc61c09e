//! Every kind of fault, at the socket where it has one.

use std::io::ErrorKind;
use std::time::Duration;

use certctl_sandbox::{Disruption, Fault, FaultKind, Options, Running};
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::client::{ACCOUNT, Answer, Local, exchange, send, start};

const CERTIFICATES: &str =
    "/client/v4/accounts/699d98642c564d2e855e9661899b7252/gateway/certificates";

async fn with(fault: Value) -> Running {
    let running = start(Options::default()).await;
    let told = send(running.addr(), "POST", "/sandbox/faults", Some(fault))
        .await
        .unwrap();
    assert_eq!(told.status, 200, "{}", told.text);
    running
}

async fn create(running: &Running) -> std::io::Result<Answer> {
    send(running.addr(), "POST", CERTIFICATES, None).await
}

fn creations(running: &Running) -> usize {
    running
        .sandbox()
        .summary()
        .unwrap()
        .get(ACCOUNT)
        .map_or(0, |summary| summary.creations)
}

#[tokio::test]
async fn resets_are_real_ones() {
    for (kind, happened) in [("reset_before", 0), ("reset_after", 1)] {
        let running = with(json!({ "kind": kind, "method": "POST" })).await;
        let error = create(&running).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{kind}");
        assert_eq!(creations(&running), happened, "{kind}");
        assert_eq!(create(&running).await.unwrap().status, 200);
        running.shutdown().await;
    }
}

#[tokio::test]
async fn a_response_can_be_cut_in_half() {
    let running = with(json!({ "kind": "cut_after" })).await;
    let error = create(&running).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    assert_eq!(creations(&running), 1);
    running.shutdown().await;
}

#[tokio::test]
async fn a_connection_can_be_refused_for_a_while() {
    let fault = json!({ "kind": "refuse_connection", "nth": 2, "seconds": 0.3 });
    let running = with(fault).await;
    let mut stream = TcpStream::connect(running.addr()).await.unwrap();
    let first = exchange(&mut stream, "GET", CERTIFICATES, None, "keep-alive")
        .await
        .unwrap();
    assert_eq!(first.status, 200);
    assert_eq!(first.header("connection"), Some("close"));
    let refused = create(&running).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(create(&running).await.unwrap().status, 200);
    assert_eq!(creations(&running), 1);
    running.shutdown().await;
}

#[tokio::test]
async fn the_very_next_connection_can_be_refused() {
    let running = with(json!({ "kind": "refuse_connection", "seconds": 0.3 })).await;
    let refused = create(&running).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(create(&running).await.unwrap().status, 200);
    running.shutdown().await;
}

#[tokio::test]
async fn an_answer_can_stay_away() {
    for (kind, happened) in [("timeout_before", 0), ("timeout_after", 1)] {
        let running = with(json!({ "kind": kind, "seconds": 0.3 })).await;
        let early = tokio::time::timeout(Duration::from_millis(150), create(&running)).await;
        assert!(early.is_err(), "{kind}");
        assert_eq!(creations(&running), happened, "{kind}");
        running.shutdown().await;
    }
}

#[tokio::test]
async fn shutting_down_does_not_wait_for_what_hangs() {
    let running = with(json!({ "kind": "timeout_after", "seconds": 600 })).await;
    let addr = running.addr();
    let hanging = tokio::spawn(async move { send(addr, "GET", CERTIFICATES, None).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    running.shutdown().await;
    assert!(hanging.await.unwrap().is_err());
}

#[tokio::test]
async fn a_kept_connection_serves_many_requests_until_a_fault_ends_it() {
    let running = with(json!({ "kind": "reset_after", "method": "POST", "nth": 2 })).await;
    let mut stream = TcpStream::connect(running.addr()).await.unwrap();
    for (method, fails) in [
        ("GET", false),
        ("POST", false),
        ("GET", false),
        ("POST", true),
    ] {
        let answer = exchange(&mut stream, method, CERTIFICATES, None, "keep-alive").await;
        assert_eq!(answer.is_err(), fails);
    }
    assert_eq!(creations(&running), 2);
    running.shutdown().await;
}

async fn local(fault: Value) -> Local {
    let local = Local::at("2026-11-23T00:00:00Z");
    local.control("POST", "faults", fault).await;
    local
}

async fn post(local: &Local) -> Answer {
    local.call("POST", "gateway/certificates", json!({})).await
}

async fn listed(local: &Local) -> usize {
    let result = local.get("gateway/certificates").await.result();
    result.as_array().unwrap().len()
}

#[tokio::test]
async fn any_status_with_any_body() {
    let fault = json!({ "kind": "status", "status": 429, "headers": { "retry-after": "7" } });
    let local_429 = local(fault).await;
    let empty = post(&local_429).await;
    assert_eq!((empty.status, empty.text.as_str()), (429, ""));
    assert_eq!(empty.header("retry-after"), Some("7"));
    assert_eq!(listed(&local_429).await, 0);

    let html = "<html>502 Bad Gateway</html>";
    let fault = json!({ "kind": "status", "status": 502, "body": html, "acts": true, "times": 2,
        "headers": { "content-type": "text/html" } });
    let local_502 = local(fault).await;
    for _ in 0..2 {
        let bad = post(&local_502).await;
        assert_eq!((bad.status, bad.text.as_str()), (502, html));
        assert_eq!(bad.header("content-type"), Some("text/html"));
    }
    assert_eq!(listed(&local_502).await, 2);

    let body = json!({ "success": true, "result": [] });
    let fault = json!({ "kind": "status", "status": 200, "body": body });
    assert_eq!(post(&local(fault).await).await.json(), body);
}

#[tokio::test]
async fn errors_before_and_after() {
    for (kind, status, happened) in [
        ("500_before", 500, 0),
        ("500_after", 500, 1),
        ("success_false", 200, 0),
        ("null_result", 200, 1),
    ] {
        let local = local(json!({ "kind": kind })).await;
        let answer = post(&local).await;
        assert_eq!(answer.status, status, "{kind}");
        assert_eq!(answer.json()["success"], kind == "null_result", "{kind}");
        assert_eq!(answer.result(), Value::Null, "{kind}");
        assert_eq!(listed(&local).await, happened, "{kind}");
        let journal = local.sandbox.journal().unwrap();
        assert_eq!(journal[0].fault.as_deref(), Some(kind));
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_can_lag() {
    let fault = json!({ "kind": "list_lag", "method": "GET", "times": 100, "seconds": 10 });
    let local = local(fault).await;
    let id = local.create().await;
    assert_eq!(listed(&local).await, 0);
    assert_eq!(local.status(&id).await, "inactive");
    tokio::time::advance(Duration::from_secs(10)).await;
    assert_eq!(listed(&local).await, 1);
}

#[tokio::test(start_paused = true)]
async fn an_effect_can_come_late() {
    let local = local(json!({ "kind": "late_effect", "method": "POST", "seconds": 30 })).await;
    let dropped = local.try_request("POST", CERTIFICATES, json!({})).await;
    assert_eq!(dropped.unwrap_err(), Disruption::Reset);
    tokio::time::advance(Duration::from_secs(29)).await;
    assert_eq!(listed(&local).await, 0);
    tokio::time::advance(Duration::from_secs(1)).await;
    let result = local.get("gateway/certificates").await.result();
    assert_eq!(result[0]["created_at"], "2026-11-23T00:00:30Z");
    assert_eq!(local.sandbox.summary().unwrap()[ACCOUNT].creations, 1);
}

#[tokio::test]
async fn what_is_issued_can_be_odd() {
    let fault = json!({ "kind": "odd_certificate", "days_off": -1, "wrong_fingerprint": true });
    let odd = post(&local(fault).await).await.result();
    assert_eq!(odd["expires_on"], "2031-11-20T23:55:00Z");
}

#[tokio::test]
async fn in_process_a_disruption_is_told() {
    let local = Local::at("2026-11-23T00:00:00Z");
    for (kind, disruption) in [
        (FaultKind::RefuseConnection, Disruption::Refused),
        (FaultKind::ResetBefore, Disruption::Reset),
        (FaultKind::CutAfter, Disruption::Cut),
    ] {
        local.sandbox.inject(Fault::new(kind)).await;
        let told = local.try_request("GET", CERTIFICATES, Value::Null).await;
        assert_eq!(told.unwrap_err(), disruption);
    }
}

#[tokio::test]
async fn faults_can_be_listed_and_forgotten() {
    let local = local(json!({ "kind": "500_before", "nth": 3 })).await;
    listed(&local).await;
    let told = local.control("GET", "faults", Value::Null).await;
    assert_eq!(told["faults"][0]["seen"], 1);
    assert_eq!(told["faults"][0]["fault"]["kind"], "500_before");
    local.control("DELETE", "faults", Value::Null).await;
    for _ in 0..3 {
        listed(&local).await;
    }
    let bad = local
        .request("POST", "/sandbox/faults", json!({ "kind": "nope" }))
        .await;
    assert_eq!(bad.status, 400);
}
