//! Law 8: the token is searched for in everything that the client can print.

use certctl_model::ValidityDays;

use super::log::Log;
use super::server::{answer, serve};
use super::{SECRET, account, certificate, client, id, no, yes};
use crate::{ClientOptions, Endpoint};

#[tokio::test]
async fn the_token_is_in_no_log_no_error_and_no_debug() {
    let (log, _guard) = Log::keep();

    let echo = format!("you sent Authorization: Bearer {SECRET}");
    let headers = format!("cf-ray: {SECRET}\r\ncf-auditlog-id: {SECRET}\r\nx-other: {SECRET}\r\n");
    let mut good = certificate();
    for field in ["binding_status", "type", "of_the_future"] {
        good[field] = format!("{}{SECRET}", "x".repeat(70)).into();
    }
    let mut printed = String::new();
    for (status, body) in [
        (400, no(1000, &echo)),
        (500, no(1000, &echo)),
        (403, no(10000, &echo)),
        (502, format!("<html>{echo}</html>")),
        (302, echo.clone()),
        (200, echo.clone()),
        (200, yes(&serde_json::json!([{ "id": echo }]))),
        (200, yes(&serde_json::json!({ "id": "a" }))),
        // Across the character at which texts are cut.
        (400, no(1000, &format!("{}{SECRET}", "x".repeat(1_000 - 3)))),
        // In a good answer, as it is and as JSON may write it.
        (200, yes(&serde_json::json!([good]))),
        (
            200,
            yes(&serde_json::json!([good])).replace("s3cret", "\\u00733cret"),
        ),
    ] {
        let (port, _) = serve(vec![answer(status, &headers, &body)]).await;
        let client = client(port);
        let read = client.list(&account()).await;
        let write = client.create(&account(), ValidityDays::DEFAULT).await;
        let hints = (
            read.as_ref().err().and_then(|e| e.hint()),
            write.as_ref().err().and_then(|e| e.hint()),
        );
        printed += &format!("{read:?} {write:?} {hints:?} {client:?} ");
        printed += &read.err().map(|e| e.to_string()).unwrap_or_default();
        printed += &write.err().map(|e| e.to_string()).unwrap_or_default();
        printed += &format!("{:?}", client.activate(&account(), &id()).await);
    }
    printed += &format!(
        "{:?} {:?}",
        ClientOptions::default(),
        Endpoint::cloudflare()
    );
    assert!(
        printed.contains("[redacted]"),
        "the server's echo was to be seen"
    );
    assert!(!printed.contains(&SECRET[..3]), "{printed}");
    let log = log.text();
    assert!(log.contains("/gateway/certificates"), "nothing was logged");
    assert!(!log.contains(SECRET), "{log}");
}
