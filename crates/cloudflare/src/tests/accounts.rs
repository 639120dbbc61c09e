//! Which accounts the credentials see, page by page.

use serde_json::{Value, json};

use super::client;
use super::server::{answer, serve};

fn page(ids: std::ops::Range<u32>, info: Value) -> String {
    let accounts: Vec<Value> = ids
        .map(|n| json!({"id": format!("{n:032x}"), "name": format!("Account {n}"), "new": 1}))
        .collect();
    json!({"success": true, "errors": [], "result": accounts, "result_info": info}).to_string()
}

#[tokio::test]
async fn all_pages_are_one_list() {
    let info = |page| json!({"page": page, "per_page": 50, "total_pages": 2});
    let (port, log) = serve(vec![
        answer(200, "", &page(0..50, info(1))),
        answer(200, "", &page(49..60, info(2))),
    ])
    .await;
    let accounts = client(port).accounts().await.unwrap();
    assert_eq!(accounts.len(), 60, "an account that two pages show is one");
    assert_eq!(accounts[59].name.as_deref(), Some("Account 59"));
    let requests = log.requests();
    let lines: Vec<&str> = requests.iter().filter_map(|r| r.lines().next()).collect();
    assert_eq!(
        lines,
        [
            "GET /client/v4/accounts?page=1&per_page=50 HTTP/1.1",
            "GET /client/v4/accounts?page=2&per_page=50 HTTP/1.1"
        ]
    );
}

#[tokio::test]
async fn a_list_that_is_not_whole_is_no_list() {
    for body in [
        page(0..0, json!({"total_pages": 3})),
        json!({"success": true, "result": null}).to_string(),
        json!({"success": true, "result": [{"name": "no id"}]}).to_string(),
    ] {
        let (port, _) = serve(vec![answer(200, "", &body), answer(200, "", &body)]).await;
        assert!(client(port).accounts().await.is_err(), "{body}");
    }
}
