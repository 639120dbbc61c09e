//! Counting devices, page by page, against a raw server.

use certctl_model::{DeviceCounts, DeviceQuestion, Period, Timestamp};
use serde_json::{Value, json};

use super::server::{answer, serve};
use super::{account, client};
use crate::Uncounted;

fn question() -> DeviceQuestion {
    DeviceQuestion {
        certificate: "f174e90a-fafe-4643-bbbc-4a0ed4fc8415".parse().unwrap(),
        available_since: "2026-11-01T00:00:00Z".parse().unwrap(),
        active_within: Period::days(30),
        sync_margin: Period::DAY,
    }
}

fn now() -> Timestamp {
    "2026-11-23T00:00:00Z".parse().unwrap()
}

fn device(seen: &str) -> Value {
    json!({"id": "x", "device_type": "windows", "client_version": "2025.2.600.0",
        "active_registrations": 1, "last_seen_at": seen, "deleted_at": null, "new": {}})
}

fn page(devices: &[Value], info: Value) -> String {
    json!({"success": true, "errors": [], "result": devices, "result_info": info}).to_string()
}

async fn counted(bodies: &[(u16, String)]) -> (Result<DeviceCounts, Uncounted>, Vec<String>) {
    let answers = bodies
        .iter()
        .map(|(status, body)| answer(*status, "", body));
    let (port, log) = serve(answers.collect()).await;
    let counts = client(port).devices(&account(), &question(), now()).await;
    let lines = log.requests();
    let lines = lines.iter().filter_map(|request| request.lines().next());
    (counts, lines.map(str::to_owned).collect())
}

#[tokio::test]
async fn pages_follow_the_cursor() {
    let (counts, lines) = counted(&[
        (
            200,
            page(
                &[device("2026-11-02T00:00:00Z")],
                json!({"cursor": "a+b/c=="}),
            ),
        ),
        (
            200,
            page(&[device("2026-11-01T23:59:59Z")], json!({"cursor": "d"})),
        ),
        (
            200,
            page(
                &[
                    device("2026-10-24T00:00:00Z"),
                    device("2026-10-23T23:59:59Z"),
                ],
                json!({"cursor": ""}),
            ),
        ),
    ])
    .await;
    let expected = DeviceCounts {
        seen: 1,
        not_seen: 2,
        ..DeviceCounts::default()
    };
    assert_eq!(counts, Ok(expected));
    let list = format!(
        "GET /client/v4/accounts/{}/devices/physical-devices?active_registrations=only&sort_by=id\
         &per_page=100&seen_after=2026-10-23T23%3A59%3A59Z",
        account()
    );
    assert_eq!(
        lines,
        [
            format!("{list} HTTP/1.1"),
            format!("{list}&cursor=a%2Bb%2Fc%3D%3D HTTP/1.1"),
            format!("{list}&cursor=d HTTP/1.1"),
        ]
    );
}

#[tokio::test]
async fn a_size_that_is_refused_is_left_to_the_api() {
    let refused = super::no(1, "per_page is too large");
    let (counts, lines) = counted(&[
        (400, refused.clone()),
        (
            200,
            page(&[device("2026-11-02T00:00:00Z")], json!({"cursor": "a"})),
        ),
        (200, page(&[device("2026-11-02T00:00:00Z")], json!({}))),
    ])
    .await;
    assert_eq!(counts.map(|counts| counts.seen), Ok(2));
    let sizes: Vec<bool> = lines.iter().map(|line| line.contains("per_page")).collect();
    assert_eq!(sizes, [true, false, false], "{lines:#?}");
    let (counts, lines) = counted(&[(400, refused.clone()), (400, refused)]).await;
    assert_eq!((counts, lines.len()), (Err(Uncounted::Unreadable), 2));
}

#[tokio::test]
async fn who_is_not_there_any_more_is_not_counted() {
    let gone = |key: &str, value: Value| {
        let mut device = device("2026-11-22T00:00:00Z");
        device[key] = value;
        device
    };
    let devices = [
        gone("deleted_at", json!("2026-11-22T01:00:00Z")),
        gone("active_registrations", json!(0)),
        gone("last_seen_at", Value::Null),
        gone("last_seen_at", json!("yesterday")),
        // What is not known is no client that installs all.
        gone("client_version", Value::Null),
        gone("device_type", json!(7)),
    ];
    let (counts, _) = counted(&[(200, page(&devices, json!({"cursor": null})))]).await;
    let expected = DeviceCounts {
        old_clients: 1,
        needs_mdm: 1,
        ..DeviceCounts::default()
    };
    assert_eq!(counts, Ok(expected));
}

#[tokio::test]
async fn a_list_that_is_not_whole_counts_for_nothing() {
    let first = page(&[device("2026-11-02T00:00:00Z")], json!({"cursor": "a"}));
    let no = |code: u32| {
        json!({"success": false, "errors": [{"code": code, "message": "no"}]}).to_string()
    };
    let full: Vec<Value> = (0..100).map(|_| device("2026-11-02T00:00:00Z")).collect();
    for (bodies, why) in [
        (
            vec![(200, first.clone()), (400, no(1))],
            Uncounted::Unreadable,
        ),
        (
            vec![(200, first.clone()), (200, first.clone())],
            Uncounted::Unreadable,
        ),
        (
            vec![(200, page(&full, Value::Null)); 2],
            Uncounted::Unreadable,
        ),
        (
            vec![(200, page(&[json!("x")], json!({}))); 2],
            Uncounted::Unreadable,
        ),
        (
            vec![(200, json!({"success": true, "result": null}).to_string()); 2],
            Uncounted::Unreadable,
        ),
        (vec![(403, no(10_000)); 2], Uncounted::Denied),
        (vec![(403, no(1)); 2], Uncounted::Denied),
    ] {
        let (counts, _) = counted(&bodies).await;
        assert_eq!(counts, Err(why), "{bodies:?}");
    }
    let (counts, lines) = counted(&[(200, first), (200, page(&[], json!({"cursor": "b"})))]).await;
    assert_eq!(
        counts.map(|counts| counts.seen),
        Ok(1),
        "nothing is beyond an empty page"
    );
    assert_eq!(lines.len(), 2);
}
