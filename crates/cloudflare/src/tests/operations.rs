//! What each operation sends, and what it makes of a good answer.

use certctl_model::{BindingStatus, ValidityDays};
use serde_json::{Value, json};

use super::server::{Action, answer, serve};
use super::{ID, account, certificate, client, id, no, yes};
use crate::{Client, ReadError, RefusalKind, WriteError, Written};

const BASE: &str = "/client/v4/accounts/699d98642c564d2e855e9661899b7252/gateway";

async fn send(operation: &str, client: &Client) -> Result<Written, WriteError> {
    let (account, id) = (account(), id());
    match operation {
        "create" => client.create(&account, ValidityDays::DEFAULT).await,
        "activate" => client.activate(&account, &id).await,
        "deactivate" => client.deactivate(&account, &id).await,
        "delete" => client.delete(&account, &id).await,
        _ => client.set_in_use(&account, &id).await,
    }
}

#[tokio::test]
async fn each_write_sends_what_the_api_expects_and_nothing_more() {
    for (operation, status, line, body) in [
        (
            "create",
            200,
            format!("POST {BASE}/certificates HTTP/1.1"),
            r#"{"validity_period_days":1825}"#.to_owned(),
        ),
        (
            "activate",
            202,
            format!("POST {BASE}/certificates/{ID}/activate HTTP/1.1"),
            "{}".to_owned(),
        ),
        (
            "deactivate",
            201,
            format!("POST {BASE}/certificates/{ID}/deactivate HTTP/1.1"),
            "{}".to_owned(),
        ),
        (
            "delete",
            200,
            format!("DELETE {BASE}/certificates/{ID} HTTP/1.1"),
            "{}".to_owned(),
        ),
        (
            "set_in_use",
            200,
            format!("PATCH {BASE}/configuration HTTP/1.1"),
            format!(r#"{{"settings":{{"certificate":{{"id":"{ID}"}}}}}}"#),
        ),
    ] {
        let headers = "Cf-Auditlog-Id: audit-1\r\nDate: Mon, 23 Nov 2026 00:00:00 GMT\r\n";
        let (port, log) = serve(vec![answer(status, headers, &yes(&certificate()))]).await;
        let client = client(port);
        let written = send(operation, &client).await.unwrap();
        assert_eq!(written.status, status);
        assert_eq!(written.audit_log_id.as_deref(), Some("audit-1"));
        assert_eq!(written.date.unwrap().to_string(), "2026-11-23T00:00:00Z");
        assert_eq!(written.certificate.is_some(), operation != "set_in_use");

        let requests = log.requests();
        assert_eq!(requests.len(), 1);
        let (head, sent) = requests[0].split_once("\r\n\r\n").unwrap();
        assert_eq!(head.lines().next(), Some(line.as_str()));
        assert_eq!(sent, body);
        for header in [
            "authorization: Bearer s3cret-t0ken",
            "content-type: application/json",
            "accept: application/json",
            concat!("user-agent: certctl/", env!("CARGO_PKG_VERSION")),
            "accept-encoding: gzip",
        ] {
            assert!(
                head.lines().any(|line| line.eq_ignore_ascii_case(header)),
                "{head}"
            );
        }
        assert_eq!(client.requests(), 1);
        assert_eq!(client.clone().requests(), 1);
    }
}

#[tokio::test]
async fn a_yes_without_a_certificate_is_enough_except_for_create() {
    for result in [
        Value::Null,
        json!({}),
        json!({"id": "00000000-0000-0000-0000-000000000000"}),
    ] {
        let (port, _) = serve(vec![answer(200, "", &yes(&result))]).await;
        for operation in ["activate", "deactivate", "delete", "set_in_use"] {
            assert_eq!(
                send(operation, &client(port)).await.unwrap().certificate,
                None
            );
        }
        let error = send("create", &client(port)).await.unwrap_err();
        assert!(matches!(error, WriteError::Unknown(_)), "{error}");
    }
    let other = json!({"id": "11111111-1111-1111-1111-111111111111"});
    let (port, _) = serve(vec![answer(200, "", &yes(&other))]).await;
    assert_eq!(
        send("activate", &client(port)).await.unwrap().certificate,
        None
    );
}

#[tokio::test]
async fn the_list_is_one_request_and_sorted() {
    let items = json!([{"id": "b"}, certificate(), {"id": "a", "binding_status": "active"}]);
    let date = "Date: Mon, 23 Nov 2026 00:00:00 GMT\r\n";
    let (port, log) = serve(vec![answer(200, date, &yes(&items))]).await;
    let listing = client(port).list(&account()).await.unwrap();
    let ids: Vec<_> = listing.certificates.iter().map(|c| c.id.as_str()).collect();
    assert_eq!(ids, ["a", "b", ID]);
    assert_eq!(
        listing.certificates[0].binding_status,
        BindingStatus::Available
    );
    assert_eq!(listing.date.unwrap().to_string(), "2026-11-23T00:00:00Z");
    let requests = log.requests();
    assert_eq!(requests.len(), 1);
    assert!(requests[0].starts_with(&format!("GET {BASE}/certificates HTTP/1.1\r\n")));
    assert!(
        requests[0].ends_with("\r\n\r\n"),
        "a body in a GET: {}",
        requests[0]
    );
}

#[tokio::test]
async fn gone_is_only_what_the_api_calls_gone() {
    for (status, body, gone) in [
        (404, no(2027, "Certificate not found in SSL store"), true),
        (400, no(2027, ""), true),
        (200, no(2027, ""), true),
        (404, no(1000, "not found"), true),
        (404, no(7003, "No route for the URI"), false),
        (404, no(10000, "Authentication error"), false),
        (400, no(1000, "?"), false),
    ] {
        let (port, log) = serve(vec![answer(status, "", &body)]).await;
        let got = client(port).get(&account(), &id()).await;
        assert_eq!(matches!(got, Ok(None)), gone, "{status} {body}: {got:?}");
        assert_eq!(got.is_err(), !gone);
        assert_eq!(log.requests().len(), 1);
    }
    // A list that is "not found" is not empty.
    let (port, _) = serve(vec![answer(404, "", &no(2027, ""))]).await;
    let error = client(port).list(&account()).await.unwrap_err();
    assert!(matches!(error, ReadError::Refused(_)));
}

#[tokio::test]
async fn one_certificate_and_the_configuration_are_read() {
    let settings =
        json!({"settings": {"certificate": {"id": ID}, "tls_decrypt": {"enabled": false}}});
    let (port, log) = serve(vec![
        answer(200, "", &yes(&certificate())),
        answer(200, "", &yes(&settings)),
    ])
    .await;
    let client = client(port);
    let got = client.get(&account(), &id()).await.unwrap().unwrap();
    assert!(got.facts().is_some(), "{:?}", got.inspection);
    let configuration = client.configuration(&account()).await.unwrap();
    assert_eq!(configuration.certificate_id, Some(id()));
    assert_eq!(configuration.tls_decrypt, Some(false));
    assert!(log.requests()[1].starts_with(&format!("GET {BASE}/configuration HTTP/1.1")));
}

#[tokio::test]
async fn refusals_say_what_and_what_to_do() {
    let quota = "Up to 3 certificates may be created in a 24 hour period";
    let (port, log) = serve(vec![answer(400, "Cf-Ray: r1\r\n", &no(2100, quota))]).await;
    let error = send("create", &client(port)).await.unwrap_err();
    let WriteError::Refused(refusal) = &error else {
        panic!("{error:?}");
    };
    assert_eq!(refusal.kind(), RefusalKind::QuotaReached);
    assert_eq!(refusal.ray.as_deref(), Some("r1"));
    assert!(error.had_no_effect());
    assert!(error.hint().unwrap().contains("24 hours"));
    assert_eq!(
        error.to_string(),
        format!(
            "POST /accounts/{}/gateway/certificates was refused with HTTP 400: {quota} (code 2100)",
            account()
        )
    );
    assert_eq!(log.requests().len(), 1);
}

#[tokio::test]
async fn gzip_is_unpacked_but_not_without_end() {
    let packed = include_bytes!("../testdata/spaces.json.gz");
    let mut response = format!(
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
        packed.len()
    )
    .into_bytes();
    response.extend_from_slice(packed);
    let (port, log) = serve(vec![Action::Raw(response)]).await;
    let error = client(port).list(&account()).await.unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("the response is longer than 65536 bytes"),
        "{error}"
    );
    assert_eq!(
        log.requests().len(),
        1,
        "what only a person can mend is not repeated"
    );

    let options = crate::ClientOptions::default();
    let endpoint = crate::Endpoint::parse(&format!("http://127.0.0.1:{port}")).unwrap();
    let client = Client::new(endpoint, super::credentials(), options).unwrap();
    assert!(
        client
            .list(&account())
            .await
            .unwrap()
            .certificates
            .is_empty()
    );
}
