//! Every fault of a network, on a real socket: what a write makes of it, and what a read.

use std::time::Duration;

use certctl_model::ValidityDays;
use serde_json::{Value, json};

use super::server::{Action, answer, raw, serve};
use super::{account, certificate, client, id, no, yes};
use crate::{ReadError, WriteError};

/// Faults that prove nothing, each with a part of what is said about it.
fn faults() -> Vec<(&'static str, Action, &'static str)> {
    let whole = yes(&certificate());
    let html = "<html><body>502</body></html>";
    vec![
        ("reset", Action::Reset, "connection"),
        (
            "closed without an answer",
            Action::Raw(Vec::new()),
            "connection closed",
        ),
        (
            "cut inside of the head",
            Action::Raw(b"HTTP/1.1 200 OK\r\ncont".to_vec()),
            "",
        ),
        (
            "cut inside of the body",
            Action::Raw(raw(200, "", &whole[..whole.len() / 2], whole.len())),
            "",
        ),
        (
            "cut, with the shorter length",
            answer(200, "", &whole[..whole.len() / 2]),
            "the response is cut off",
        ),
        (
            "silent",
            Action::Hang(Vec::new()),
            "no complete response within 400ms",
        ),
        (
            "slow",
            Action::Hang(raw(200, "", "{", whole.len())),
            "no complete response within 400ms",
        ),
        ("not HTTP", Action::Raw(b"SSH-2.0-OpenSSH\r\n".to_vec()), ""),
        (
            "empty 429",
            answer(429, "", ""),
            "HTTP 429 (Too Many Requests): the response is empty",
        ),
        ("null 429", answer(429, "", "null"), "HTTP 429"),
        (
            "HTML 502",
            answer(502, "", html),
            "HTTP 502 (Bad Gateway): the response is HTML",
        ),
        ("empty 500", answer(500, "", ""), "HTTP 500"),
        (
            "500 with errors",
            answer(500, "", &no(1000, "oops")),
            "HTTP 500: oops (code 1000)",
        ),
        (
            "408 with errors",
            answer(408, "", &no(1000, "late")),
            "HTTP 408: late (code 1000)",
        ),
        (
            "500 that says yes",
            answer(500, "", &whole),
            "it says success: true",
        ),
        (
            "200 that says no",
            answer(200, "", &no(1000, "hm")),
            "HTTP 200: hm (code 1000)",
        ),
        (
            "HTML in a 200",
            answer(200, "", html),
            "the response is HTML instead of JSON",
        ),
        (
            "HTML in a 404",
            answer(404, "", html),
            "HTTP 404 (Not Found): the response is HTML",
        ),
        (
            "throttled in a 200",
            answer(200, "", &no(971, "Please wait")),
            "Please wait",
        ),
        (
            "internal error in a 403",
            answer(403, "", &no(10001, "Internal error")),
            "Internal error (code 10001)",
        ),
        ("no success", answer(200, "", "{}"), "no boolean `success`"),
        (
            "wrong gzip",
            answer(200, "content-encoding: gzip\r\n", "x"),
            "",
        ),
    ]
}

#[tokio::test]
async fn a_create_is_sent_once_under_each_fault_and_its_outcome_is_unknown() {
    let mut faults = faults();
    faults.push((
        "null result",
        answer(200, "", &yes(&Value::Null)),
        "null instead of an object",
    ));
    faults.push((
        "no id",
        answer(200, "", &yes(&json!({}))),
        "a certificate has no id",
    ));
    faults.push((
        "oversized",
        answer(200, "", &" ".repeat(70_000)),
        "longer than 65536 bytes",
    ));
    faults.push((
        "redirect",
        answer(307, "location: /\r\n", ""),
        "HTTP 307, a redirect",
    ));
    faults.push(("empty 401", answer(401, "", ""), "HTTP 401 (Unauthorized)"));
    for (name, action, what) in faults {
        let (port, log) = serve(vec![action]).await;
        let client = client(port);
        let error = client
            .create(&account(), ValidityDays::DEFAULT)
            .await
            .unwrap_err();
        let WriteError::Unknown(failure) = &error else {
            panic!("{name}: {error:?}");
        };
        assert!(failure.what.contains(what), "{name}: {}", failure.what);
        assert!(!failure.what.is_empty(), "{name}");
        assert!(!error.had_no_effect());
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(log.requests().len(), 1, "{name} was repeated");
        assert_eq!(client.requests(), 1, "{name}");
    }
}

#[tokio::test]
async fn every_other_write_is_sent_once_too() {
    for action in [
        Action::Reset,
        answer(502, "", "<html>"),
        answer(429, "retry-after: 1\r\n", ""),
    ] {
        let (port, log) = serve(vec![action]).await;
        let (account, id) = (account(), id());
        for outcome in [
            client(port).activate(&account, &id).await,
            client(port).deactivate(&account, &id).await,
            client(port).delete(&account, &id).await,
            client(port).set_in_use(&account, &id).await,
        ] {
            assert!(
                matches!(outcome, Err(WriteError::Unknown(_))),
                "{outcome:?}"
            );
        }
        assert_eq!(log.requests().len(), 4);
    }
}

#[tokio::test]
async fn a_read_goes_on_after_each_fault() {
    let mut faults = faults();
    faults.push(("null result", answer(200, "", &yes(&Value::Null)), ""));
    faults.push(("wrong result", answer(200, "", &yes(&json!({}))), ""));
    faults.push((
        "duplicate",
        answer(200, "", &yes(&json!([{"id": "a"}, {"id": "a"}]))),
        "",
    ));
    for (name, action, _) in faults {
        let good = answer(200, "", &yes(&json!([certificate()])));
        let (port, log) = serve(vec![action, good]).await;
        let client = client(port);
        let listing = client.list(&account()).await;
        let found = listing.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(found.certificates.len(), 1, "{name}");
        assert_eq!(log.requests().len(), 2, "{name}");
        assert_eq!(client.requests(), 2, "{name}");
    }
}

#[tokio::test]
async fn a_bad_answer_is_never_an_empty_list() {
    for (name, action, what) in faults() {
        if name == "silent" || name == "slow" {
            continue;
        }
        let (port, log) = serve(vec![action]).await;
        let error = client(port).list(&account()).await.unwrap_err();
        assert!(error.to_string().contains(what), "{name}: {error}");
        assert_eq!(log.requests().len(), 2, "{name}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (elsewhere, other) = serve(vec![answer(200, "", &yes(&json!([])))]).await;
    let location = format!("location: http://127.0.0.1:{elsewhere}/\r\n");
    let (port, log) = serve(vec![answer(302, &location, "")]).await;
    let error = client(port).list(&account()).await.unwrap_err();
    assert!(error.hint().unwrap().contains("CLOUDFLARE_BASE_URL"));
    assert_eq!(log.requests().len(), 1);
    assert_eq!(
        other.requests().len(),
        0,
        "the token went to another server"
    );
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let (port, _) = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        (listener.local_addr().unwrap().port(), drop(listener))
    };
    let client = client(port);
    let error = client
        .create(&account(), ValidityDays::DEFAULT)
        .await
        .unwrap_err();
    assert!(matches!(error, WriteError::NotSent(_)), "{error:?}");
    assert!(error.had_no_effect());
    let text = error.to_string();
    assert!(
        text.contains(&format!("cannot connect to 127.0.0.1:{port}: ")),
        "{text}"
    );
    assert!(text.contains("refused"), "{text}");
    let error = client.list(&account()).await.unwrap_err();
    assert!(matches!(error, ReadError::Failed(_)));
    assert_eq!(client.requests(), 0);
}

#[tokio::test]
async fn a_pooled_connection_that_died_does_not_double_a_create() {
    let list = raw(200, "", &yes(&json!([])), yes(&json!([])).len());
    let created = answer(200, "", &yes(&certificate()));
    for wait in [0, 40, 50, 60, 120] {
        let script = vec![Action::KeepThenClose(list.clone()), created.clone()];
        let (port, log) = serve(script).await;
        let client = client(port);
        client.list(&account()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(wait)).await;
        // Whether it works depends on who was first; that it is seen at most once does not.
        let _ = client.create(&account(), ValidityDays::DEFAULT).await;
        let posts = log
            .requests()
            .iter()
            .filter(|r| r.starts_with("POST"))
            .count();
        assert!(posts <= 1, "{posts} after {wait} ms");
    }
}
