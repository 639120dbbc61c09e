//! Documents and locks as files: what a kill, a race, a bad disk and a curious neighbour may do.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what it expects by panicking"
)]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use certctl_state::{
    Access, Defect, Key, Location, StateError, Store, WritePoint, parse_document, render_document,
};

mod common;
use common::{ACCOUNT, holder, key, named};

fn open(root: &Path) -> Store {
    Store::open(
        &Location::Directory(root.to_owned()),
        &Access::default(),
        &|_| None,
    )
    .unwrap()
}

fn document_path(root: &Path) -> PathBuf {
    root.join("127.0.0.1_8080").join(format!("{ACCOUNT}.json"))
}

async fn save(store: &Store, name: &str) {
    let mut session = store
        .lock(&key(), &holder("one"), Duration::ZERO)
        .await
        .unwrap();
    session.save(&named(name)).await.unwrap();
    session.release().await.unwrap();
}

#[tokio::test]
async fn reading_makes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("not/there");
    let store = open(&root);
    assert!(store.load(&key()).await.unwrap().is_none());
    assert!(store.previous(&key()).await.unwrap().is_none());
    assert!(store.keys().await.unwrap().is_empty());
    assert!(store.unlock(&key()).await.unwrap().is_none());
    assert!(!dir.path().join("not").exists());
}

#[tokio::test]
async fn the_file_says_what_it_is_and_whose() {
    let dir = tempfile::tempdir().unwrap();
    save(&open(dir.path()), "acme").await;
    let text = fs::read_to_string(document_path(dir.path())).unwrap();
    assert!(text.ends_with("}\n") && text.contains("\n  \"kind\": \"state\""));
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["format_version"], "1.2");
    assert_eq!(value["origin"], "127.0.0.1:8080");
    assert_eq!(value["account_id"], ACCOUNT);
    assert_eq!(value["serial"], 1);
    assert_eq!(value["state"]["account_name"], "acme");
    let document = parse_document(text.as_bytes(), &key()).unwrap();
    assert_eq!(render_document(&document, &key()), text.as_bytes());
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_reads_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("made/by/us");
    let store = open(&root);
    save(&store, "a").await;
    save(&store, "b").await;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = root.join("127.0.0.1_8080");
    for path in [&dir.path().join("made"), &root, &folder] {
        assert_eq!(mode(path), 0o700, "{}", path.display());
    }
    let mut files = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        files += 1;
    }
    assert_eq!(files, 3, "document, previous, lock");
}

/// A crash at each point of the first, second and third write: what stands is whole, old or new, and
/// the next run goes on from it.
#[tokio::test]
async fn a_crash_at_any_point_leaves_a_whole_version() {
    for crashing in 1..=3_usize {
        for point in WritePoint::ALL {
            let dir = tempfile::tempdir().unwrap();
            let store = open(dir.path());
            for name in ["one", "two"].iter().take(crashing - 1) {
                save(&store, name).await;
            }
            let before = store.load(&key()).await.unwrap();
            let faulty = store.clone().with_hook(Arc::new(move |_, at| {
                if at == point {
                    Err(io::Error::other("the power is gone"))
                } else {
                    Ok(())
                }
            }));
            let mut session = faulty
                .lock(&key(), &holder("x"), Duration::ZERO)
                .await
                .unwrap();
            assert!(session.save(&named("crash")).await.is_err());
            drop(session);

            let after = store.load(&key()).await.unwrap();
            if point == WritePoint::After {
                assert_eq!(after.as_ref().unwrap().state, named("crash"));
            } else {
                assert_eq!(after, before, "{point:?} of write {crashing}");
            }
            let left = after.as_ref().map_or(0, |document| document.serial);
            save(&store, "next").await;
            let document = store.load(&key()).await.unwrap().unwrap();
            assert_eq!(
                (document.serial, &document.state),
                (left + 1, &named("next"))
            );
            assert_eq!(store.previous(&key()).await.unwrap(), after);
            if let Some(after) = after {
                assert_eq!(document.lineage, after.lineage);
            }
            let names = fs::read_dir(dir.path().join("127.0.0.1_8080")).unwrap();
            let temporary = names.filter(|e| {
                let name = e.as_ref().unwrap().file_name();
                name.to_string_lossy().ends_with(".tmp")
            });
            assert_eq!(temporary.count(), 0, "swept");
        }
    }
}

#[tokio::test]
async fn a_save_that_happened_unseen_is_recognised() {
    let dir = tempfile::tempdir().unwrap();
    let writes = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&writes);
    let store = open(dir.path()).with_hook(Arc::new(move |_, at| {
        let lost = at == WritePoint::After && counter.fetch_add(1, Ordering::SeqCst) == 1;
        if lost {
            Err(io::Error::other("the answer is lost"))
        } else {
            Ok(())
        }
    }));
    let mut session = store
        .lock(&key(), &holder("x"), Duration::ZERO)
        .await
        .unwrap();
    session.save(&named("one")).await.unwrap();
    session.save(&named("two")).await.unwrap_err();
    session.save(&named("three")).await.unwrap();
    assert_eq!(session.document().unwrap().serial, 3);
    assert_eq!(session.state(), &named("three"));
}

#[tokio::test]
async fn a_document_that_moved_is_not_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    save(&store, "one").await;
    let first = fs::read(document_path(dir.path())).unwrap();
    let mut session = store
        .lock(&key(), &holder("x"), Duration::ZERO)
        .await
        .unwrap();
    session.save(&named("two")).await.unwrap();
    fs::write(document_path(dir.path()), &first).unwrap();
    let error = session.save(&named("three")).await.unwrap_err();
    assert!(matches!(error, StateError::Moved { .. }), "{error}");
    assert_eq!(fs::read(document_path(dir.path())).unwrap(), first);

    // Nor is one that somebody removed made again.
    fs::remove_file(document_path(dir.path())).unwrap();
    let error = session.save(&named("three")).await.unwrap_err();
    assert!(matches!(error, StateError::Moved { .. }), "{error}");
}

#[tokio::test]
async fn what_cannot_be_used_is_refused_and_left() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    save(&store, "one").await;
    save(&store, "two").await;
    let path = document_path(dir.path());
    let good = fs::read_to_string(&path).unwrap();
    let cases: [(&str, String, &str); 11] = [
        ("empty", String::new(), "is empty"),
        ("blank", "\n\n".to_owned(), "is empty"),
        (
            "truncated",
            good[..good.len() / 2].to_owned(),
            "is not whole JSON",
        ),
        ("zeros", "\0".repeat(300), "is not whole JSON"),
        (
            "another kind",
            good.replace("\"kind\": \"state\"", "\"kind\": \"plan\""),
            "is of kind \"plan\"",
        ),
        ("no object", "[1, 2]".to_owned(), "it has no kind"),
        (
            "newer major",
            good.replace("\"1.2\"", "\"2.0\""),
            "is newer than this certctl knows",
        ),
        (
            "no version",
            good.replace("\"1.2\"", "\"one\""),
            "does not know",
        ),
        (
            "edited",
            good.replace("\"two\"", "\"tow\""),
            "does not match its checksum",
        ),
        (
            "serial edited",
            good.replace("\"serial\": 2", "\"serial\": 9"),
            "does not match its checksum",
        ),
        ("deep", "[".repeat(100_000), "is not whole JSON"),
    ];
    for (what, text, says) in cases {
        assert_ne!(text, good, "{what}");
        fs::write(&path, &text).unwrap();
        let error = store.load(&key()).await.expect_err(what);
        assert!(error.to_string().contains(says), "{what}: {error}");
        assert!(error.to_string().contains(&path.display().to_string()));
        let hint = error.hint().unwrap();
        assert!(hint.contains("left as it is"), "{what}: {hint}");
        let newer = what.starts_with("newer");
        assert_eq!(hint.contains(".previous.json"), !newer, "{what}: {hint}");
        store
            .lock(&key(), &holder("x"), Duration::ZERO)
            .await
            .expect_err(what);
        assert_eq!(fs::read_to_string(&path).unwrap(), text, "{what}: touched");
    }
    // The way out that the hint names works.
    let previous = path.with_file_name(format!("{ACCOUNT}.previous.json"));
    fs::copy(previous, &path).unwrap();
    assert_eq!(store.load(&key()).await.unwrap().unwrap().serial, 1);
}

#[tokio::test]
async fn a_document_of_another_account_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    save(&store, "one").await;
    let elsewhere = Key {
        origin: "sandbox".to_owned(),
        ..key()
    };
    fs::create_dir(dir.path().join("sandbox")).unwrap();
    let copy = dir.path().join("sandbox").join(format!("{ACCOUNT}.json"));
    fs::copy(document_path(dir.path()), copy).unwrap();
    let error = store.load(&elsewhere).await.unwrap_err();
    let StateError::Unusable { defect, .. } = &error else {
        panic!("{error}");
    };
    assert!(matches!(defect, Defect::Foreign { .. }), "{error}");
}

#[tokio::test]
async fn a_held_lock_shows_its_holder_and_ends_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let session = store
        .lock(&key(), &holder("ann"), Duration::ZERO)
        .await
        .unwrap();
    assert!(session.may_send(Duration::from_secs(3600)));
    for error in [
        store
            .lock(&key(), &holder("bob"), Duration::from_millis(50))
            .await
            .unwrap_err(),
        store.unlock(&key()).await.unwrap_err(),
    ] {
        let text = error.to_string();
        assert!(
            text.contains("ann on runner-1 (pid 42) (apply) since 2"),
            "{text}"
        );
        assert!(error.hint().unwrap().contains("--lock-timeout"));
    }
    // Reading goes on meanwhile, and another account is free.
    assert!(store.load(&key()).await.unwrap().is_none());
    let other = Key {
        account_id: "00000000000000000000000000000001".parse().unwrap(),
        ..key()
    };
    store
        .lock(&other, &holder("bob"), Duration::ZERO)
        .await
        .unwrap();
    drop(session);
    store
        .lock(&key(), &holder("bob"), Duration::ZERO)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_lock_whose_file_was_removed_protects_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut session = store
        .lock(&key(), &holder("ann"), Duration::ZERO)
        .await
        .unwrap();
    let lock = document_path(dir.path()).with_extension("lock");
    fs::remove_file(lock).unwrap();
    assert!(!session.may_send(Duration::ZERO));
    let error = session.save(&named("x")).await.unwrap_err();
    assert!(matches!(error, StateError::Lost { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn racing_holders_lose_no_version() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let tasks: Vec<_> = (0..4)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                for _ in 0..5 {
                    let mut session = store
                        .lock(&key(), &holder(&format!("n{n}")), Duration::from_secs(60))
                        .await
                        .unwrap();
                    session.save(&named(&format!("n{n}"))).await.unwrap();
                    session.release().await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(store.load(&key()).await.unwrap().unwrap().serial, 20);
    assert_eq!(store.keys().await.unwrap(), [key()]);
}

/// The test binary runs itself as the process that is killed.
#[cfg(unix)]
#[tokio::test]
async fn a_killed_process_tears_nothing_and_frees_its_lock() {
    const CHILD: &str = "CERTCTL_STATE_TEST_DIR";
    if let Some(root) = std::env::var_os(CHILD) {
        let store = open(Path::new(&root));
        let mut session = store
            .lock(&key(), &holder("child"), Duration::ZERO)
            .await
            .unwrap();
        loop {
            session.save(&named("child")).await.unwrap();
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut serial = 0;
    for round in 0..5_u64 {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "a_killed_process_tears_nothing_and_frees_its_lock",
            ])
            .env(CHILD, dir.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let wanted = serial + 5 + round;
        loop {
            let document = store.load(&key()).await.unwrap();
            if document.is_some_and(|document| document.serial >= wanted) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(1 + round)).await;
        }
        let error = store
            .lock(&key(), &holder("parent"), Duration::ZERO)
            .await
            .unwrap_err();
        assert!(error.to_string().contains("child"), "{error}");
        child.kill().unwrap();
        child.wait().unwrap();
        save(&store, "parent").await;
        serial = store.load(&key()).await.unwrap().unwrap().serial;
    }
}

#[tokio::test]
async fn a_backup_replaces_only_what_it_continues() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    save(&store, "one").await;
    let backup = store.load(&key()).await.unwrap().unwrap();
    save(&store, "two").await;
    let mut session = store
        .lock(&key(), &holder("x"), Duration::ZERO)
        .await
        .unwrap();
    let error = session.replace(&backup, false).await.unwrap_err();
    assert!(error.to_string().contains("its serial is 2"), "{error}");
    session.replace(&backup, true).await.unwrap();
    assert_eq!(session.document().unwrap().serial, 3);
    assert_eq!(session.state(), &named("one"));

    let mut stranger = backup.clone();
    stranger.lineage = "5b7e9d0e-0b66-4c1a-9e53-0d0a8f2f3c11".to_owned();
    stranger.serial = 7;
    let error = session.replace(&stranger, false).await.unwrap_err();
    assert!(error.to_string().contains("its lineage is"), "{error}");
    session.replace(&stranger, true).await.unwrap();
    assert_eq!(session.document().unwrap().serial, 8);
    assert_eq!(session.document().unwrap().lineage, stranger.lineage);
}

/// A document with its checksum made anew.
fn sealed(mut document: serde_json::Value) -> String {
    use sha2::{Digest as _, Sha256};
    document.as_object_mut().unwrap().remove("checksum");
    let mut sorted = String::new();
    canonical(&document, &mut sorted);
    let digest = Sha256::digest(sorted.as_bytes());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    document["checksum"] = format!("sha256:{hex}").into();
    document.to_string()
}

fn canonical(value: &serde_json::Value, out: &mut String) {
    let Some(members) = value.as_object() else {
        return match value.as_array() {
            Some(items) => {
                let parts = items.iter().map(|item| {
                    let mut part = String::new();
                    canonical(item, &mut part);
                    part
                });
                *out += &format!("[{}]", parts.collect::<Vec<_>>().join(","));
            }
            None => *out += &value.to_string(),
        };
    };
    let sorted: std::collections::BTreeMap<_, _> = members.iter().collect();
    let parts = sorted.into_iter().map(|(name, member)| {
        let mut part = format!("{}:", serde_json::Value::from(name.as_str()));
        canonical(member, &mut part);
        part
    });
    *out += &format!("{{{}}}", parts.collect::<Vec<_>>().join(","));
}

#[tokio::test]
async fn a_newer_minor_version_is_read_and_never_written() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    save(&store, "one").await;
    let path = document_path(dir.path());
    let mut newer: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    newer["format_version"] = "1.7".into();
    newer["certctl_version"] = "9.9.9".into();
    newer["of_the_future"] = serde_json::json!([1, {"a": "b"}]);
    newer["state"]["of_the_future"] = "fact".into();
    newer["state"]["certificates"]["a"] = serde_json::json!({
        "of_the_future": true,
        "bindings": [{
            "id": "f174e90a-fafe-4643-bbbc-4a0ed4fc8415", "role": "current", "origin": "created",
            "bound_at": "2026-11-23T00:00:00Z", "of_the_future": 1
        }]
    });
    let text = sealed(newer.clone());
    fs::write(&path, &text).unwrap();

    // What is known of it is read, and it is given on as it stands.
    let document = store.load(&key()).await.unwrap().unwrap();
    assert_eq!(document.state.certificates.len(), 1);
    assert_eq!(document.state.account_name, named("one").account_name);
    let rendered = certctl_state::render_document(&document, &key());
    let rendered: serde_json::Value = serde_json::from_slice(&rendered).unwrap();
    assert_eq!(
        rendered,
        serde_json::from_str::<serde_json::Value>(&text).unwrap()
    );

    // Whoever would write it is refused before anything is done.
    let error = store
        .lock(&key(), &holder("x"), Duration::ZERO)
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("has format version 1.7"),
        "{error}"
    );
    assert!(error.hint().unwrap().contains("certctl 9.9.9 or newer"));
    assert_eq!(fs::read_to_string(&path).unwrap(), text);

    // Nor does it come in by the back door.
    fs::remove_file(&path).unwrap();
    let mut session = store
        .lock(&key(), &holder("x"), Duration::ZERO)
        .await
        .unwrap();
    let error = session.replace(&document, true).await.unwrap_err();
    assert!(error.to_string().contains("1.7"), "{error}");
    session.save(&named("two")).await.unwrap();

    // A field that nobody knows in a document of this version is damage all the same.
    newer["format_version"] = "1.2".into();
    fs::write(&path, sealed(newer)).unwrap();
    let error = store.load(&key()).await.unwrap_err();
    assert!(
        error.to_string().contains("not a valid state document"),
        "{error}"
    );
}
