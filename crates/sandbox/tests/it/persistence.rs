//! What outlives a restart.

use std::time::Duration;

use certctl_sandbox::{Options, SandboxError};
use serde_json::json;

use crate::client::{ACCOUNT, Local, send, start};

fn options(dir: &std::path::Path) -> Options {
    Options {
        data: Some(dir.to_owned()),
        ..Options::default()
    }
}

#[tokio::test]
async fn accounts_journal_and_clock_outlive_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let path = format!("/client/v4/accounts/{ACCOUNT}/gateway/certificates");
    let first = start(options(dir.path())).await;
    let created = send(first.addr(), "POST", &path, None)
        .await
        .unwrap()
        .result();
    first
        .sandbox()
        .advance(Duration::from_secs(1_000_000))
        .unwrap();
    let now = first.sandbox().now();
    first.shutdown().await;

    let second = start(options(dir.path())).await;
    let listed = send(second.addr(), "GET", &path, None)
        .await
        .unwrap()
        .result();
    assert_eq!(listed, json!([created]));
    let journal = second.sandbox().journal().unwrap();
    assert_eq!(journal.iter().map(|e| e.seq).collect::<Vec<_>>(), [1, 2]);
    assert!(second.sandbox().now().duration_since(now).as_secs() < 60);
    second.shutdown().await;
}

#[tokio::test]
async fn the_quota_outlives_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    for _ in 0..3 {
        Local::new(options(dir.path())).create().await;
    }
    let last = Local::new(options(dir.path()));
    assert_eq!(
        last.call("POST", "gateway/certificates", json!({}))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn two_servers_do_not_share_a_directory() {
    let dir = tempfile::tempdir().unwrap();
    let first = start(options(dir.path())).await;
    let second = certctl_sandbox::Sandbox::open(options(dir.path()));
    assert!(matches!(second, Err(SandboxError::Busy { .. })));
    let kept = first.sandbox().clone();
    first.shutdown().await;
    certctl_sandbox::Sandbox::open(options(dir.path())).unwrap();
    assert!(matches!(
        kept.advance(Duration::ZERO),
        Err(SandboxError::Closed)
    ));
}

#[tokio::test]
async fn a_torn_journal_is_mended_from_the_document() {
    let dir = tempfile::tempdir().unwrap();
    Local::new(options(dir.path())).create().await;
    let journal = dir.path().join("journal.jsonl");
    let whole = std::fs::read_to_string(&journal).unwrap();
    std::fs::write(&journal, &whole[..whole.len() / 2]).unwrap();
    let again = Local::new(options(dir.path()));
    assert_eq!(again.sandbox.summary().unwrap()[ACCOUNT].creations, 1);
    drop(again);
    assert_eq!(std::fs::read_to_string(&journal).unwrap(), whole);
}

#[tokio::test]
async fn damage_and_later_formats_are_told_apart_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sandbox.json");
    for (text, newer) in [
        ("{\"format_version\": 2, \"more\": 1}", true),
        ("{\"format_ve", false),
    ] {
        std::fs::write(&path, text).unwrap();
        let error = certctl_sandbox::Sandbox::open(options(dir.path())).unwrap_err();
        assert_eq!(matches!(error, SandboxError::Newer { .. }), newer);
        assert_eq!(matches!(error, SandboxError::Corrupt { .. }), !newer);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("a/b");
    Local::new(options(&dir)).create().await;
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&dir), 0o700);
    for file in ["sandbox.json", "journal.jsonl", "lock"] {
        assert_eq!(mode(&dir.join(file)), 0o600, "{file}");
    }
}

#[tokio::test]
async fn nothing_but_loopback() {
    let addr = "0.0.0.0:0".parse().unwrap();
    let error = certctl_sandbox::Sandbox::start(Options::default(), addr).await;
    assert!(matches!(error, Err(SandboxError::NotLoopback { .. })));
}

#[tokio::test]
async fn what_cannot_be_written_down_does_not_happen() {
    let dir = tempfile::tempdir().unwrap();
    let local = Local::new(options(dir.path()));
    let id = local.create().await;
    let blocked = dir.path().join("sandbox.json.new");
    std::fs::create_dir(&blocked).unwrap();
    assert_eq!(local.act(&id, "activate").await.status, 500);
    assert_eq!(local.status(&id).await, "inactive");
    std::fs::remove_dir(&blocked).unwrap();
    assert_eq!(local.act(&id, "activate").await.status, 202);
}

#[tokio::test]
async fn a_late_effect_outlives_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let first = Local::new(options(dir.path()));
    let fault = json!({ "kind": "late_effect", "seconds": 3600 });
    first.control("POST", "faults", fault).await;
    let path = format!("/client/v4/accounts/{ACCOUNT}/gateway/certificates");
    first
        .try_request("POST", &path, json!({}))
        .await
        .unwrap_err();
    drop(first);
    let second = Local::new(options(dir.path()));
    assert_eq!(second.get("gateway/certificates").await.result(), json!([]));
    second.sandbox.advance(Duration::from_secs(3600)).unwrap();
    let listed = second.get("gateway/certificates").await.result();
    assert_eq!(listed.as_array().unwrap().len(), 1);
}
