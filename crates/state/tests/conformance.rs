//! One suite for every place where documents can be: files, memory, and third-party servers on
//! loopback, which are started when they are on the `PATH` (`moto_server` from PyPI's
//! `moto[server,s3]`, `azurite-blob` from npm's `azurite`).
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test says what it expects by panicking, and what it skips on stderr"
)]

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use certctl_model::Action;
use certctl_state::{Access, AuditRecord, Key, Location, StateError, Store};
use object_store::memory::InMemory;

mod common;
#[path = "common/servers.rs"]
mod servers;
use common::{holder, key, named};
use servers::Server;

const NOW: Duration = Duration::ZERO;

fn location(text: &str) -> Location {
    Location::parse(text, Path::new("")).unwrap()
}

fn open(text: &str, server: &Server) -> Store {
    let variables: HashMap<&str, String> = server.environment.iter().cloned().collect();
    Store::open(&location(text), &Access::default(), &|name| {
        variables.get(name).cloned()
    })
    .unwrap()
}

/// The record beside the documents: in the order of time, and no document.
async fn records_are_only_added(store: &Store) {
    assert_eq!(store.audit(&key()).await.unwrap(), []);
    let at = |text: &str| {
        let address = "acme/inspection".parse().unwrap();
        AuditRecord::new(&key(), Some(address), Action::Create, text.parse().unwrap())
    };
    let (first, last) = (at("2026-11-23T00:00:00Z"), at("2026-11-23T00:00:00.5Z"));
    store.append_audit(&key(), &last).await.unwrap();
    store.append_audit(&key(), &first).await.unwrap();
    let both = [first, last];
    assert_eq!(store.audit(&key()).await.unwrap(), both);
    assert_eq!(store.keys().await.unwrap(), [key()]);
    // Nothing is written over: under the same name stands what was there first.
    let altered = AuditRecord {
        action: Action::Delete,
        ..both[0].clone()
    };
    let _ = store.append_audit(&key(), &altered).await;
    assert_eq!(store.audit(&key()).await.unwrap(), both);
    let other = Key {
        account_id: "00000000000000000000000000000001".parse().unwrap(),
        ..key()
    };
    assert_eq!(store.audit(&other).await.unwrap(), []);
}

/// What every place does.
async fn conforms(store: &Store) {
    let other = Key {
        account_id: "00000000000000000000000000000001".parse().unwrap(),
        ..key()
    };
    assert_eq!(store.load(&key()).await.unwrap(), None);
    assert_eq!(store.previous(&key()).await.unwrap(), None);
    assert_eq!(store.keys().await.unwrap(), []);
    assert_eq!(store.unlock(&key()).await.unwrap(), None);

    let mut session = store.lock(&key(), &holder("ann"), NOW).await.unwrap();
    assert_eq!(session.document(), None);
    assert!(session.may_send(Duration::from_secs(1)));
    session.save(&named("one")).await.unwrap();
    let first = store.load(&key()).await.unwrap().unwrap();
    session.save(&named("two")).await.unwrap();
    let second = store.load(&key()).await.unwrap().unwrap();
    assert_eq!(session.document(), Some(&second));
    assert_eq!((first.serial, second.serial), (1, 2));
    assert_eq!(first.lineage, second.lineage);
    assert_eq!(second.state, named("two"));
    assert_eq!(store.previous(&key()).await.unwrap(), Some(first));

    records_are_only_added(store).await;

    let error = store.lock(&key(), &holder("bob"), NOW).await.unwrap_err();
    assert!(matches!(error, StateError::Locked { .. }), "{error}");
    assert!(error.to_string().contains("ann on runner-1"), "{error}");
    let mut free = store.lock(&other, &holder("bob"), NOW).await.unwrap();
    free.save(&named("else")).await.unwrap();
    free.release().await.unwrap();
    session.release().await.unwrap();
    assert_eq!(store.keys().await.unwrap(), [other, key()]);

    let session = store.lock(&key(), &holder("bob"), NOW).await.unwrap();
    assert_eq!(session.document(), Some(&second), "let go of: not fenced");
    session.release().await.unwrap();
    loses_no_version(store).await;
}

async fn loses_no_version(store: &Store) {
    let before = store.load(&key()).await.unwrap().unwrap().serial;
    let runs: Vec<_> = (0..3)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                let who = format!("n{n}");
                for _ in 0..2 {
                    let mut session = store
                        .lock(&key(), &holder(&who), Duration::from_secs(60))
                        .await
                        .unwrap();
                    session.save(&named(&who)).await.unwrap();
                    session.release().await.unwrap();
                }
            })
        })
        .collect();
    for run in runs {
        run.await.unwrap();
    }
    let after = store.load(&key()).await.unwrap().unwrap().serial;
    assert_eq!(after, before + 6);
}

/// What every bucket does, too.
async fn fences(store: &Store) {
    for account in ["02", "03"] {
        let key = Key {
            account_id: format!("{account:0>32}").parse().unwrap(),
            ..key()
        };
        let mut old = store.lock(&key, &holder("ann"), NOW).await.unwrap();
        if account == "03" {
            old.save(&named("one")).await.unwrap();
        }
        let broken = store.unlock(&key).await.unwrap().unwrap();
        assert_eq!(broken.holder, holder("ann"));
        let mut new = store.lock(&key, &holder("bob"), NOW).await.unwrap();
        let error = old.save(&named("old")).await.unwrap_err();
        let refused = matches!(error, StateError::Lost { .. } | StateError::Moved { .. });
        assert!(refused, "{error}");
        new.save(&named("new")).await.unwrap();
        new.release().await.unwrap();
        let document = store.load(&key).await.unwrap().unwrap();
        assert_eq!(document.state, named("new"));
    }

    // A lease that nobody renews.
    let short = store.clone().with_lease(Duration::from_secs(2));
    drop(short.lock(&key(), &holder("gone"), NOW).await.unwrap());
    short.lock(&key(), &holder("bob"), NOW).await.unwrap_err();
    let patience = Duration::from_secs(10);
    let session = short.lock(&key(), &holder("bob"), patience).await.unwrap();
    session.release().await.unwrap();
}

#[tokio::test]
async fn files() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(
        &Location::Directory(dir.path().into()),
        &Access::default(),
        &|_| None,
    )
    .unwrap();
    conforms(&store).await;
}

#[tokio::test]
async fn memory() {
    for text in ["s3://bucket", "s3://bucket/pre/fix"] {
        let store = Store::over(Arc::new(InMemory::new()), &location(text));
        conforms(&store).await;
        fences(&store).await;
    }
}

#[tokio::test]
async fn s3() {
    let server = match servers::moto() {
        Ok(server) => server,
        Err(why) => return eprintln!("s3: skipped, because {why}"),
    };
    let store = open("s3://certctl-state/pre/fix", &server);
    conforms(&store).await;
    fences(&store).await;
    let other = open("s3://certctl-state/other", &server);
    assert_eq!(other.keys().await.unwrap(), []);
    misses_its_bucket(&open("s3://no-such-bucket", &server)).await;
}

#[tokio::test]
async fn azure() {
    let server = match servers::azurite() {
        Ok(server) => server,
        Err(why) => return eprintln!("azure: skipped, because {why}"),
    };
    let store = open("az://certctl-state/pre/fix", &server);
    conforms(&store).await;
    fences(&store).await;
    misses_its_bucket(&open("az://no-such-container", &server)).await;
}

/// A bucket that is not there is not an empty one.
async fn misses_its_bucket(store: &Store) {
    for error in [
        store.load(&key()).await.unwrap_err(),
        store.keys().await.unwrap_err(),
        store.lock(&key(), &holder("ann"), NOW).await.unwrap_err(),
    ] {
        assert!(matches!(error, StateError::Remote { .. }), "{error}");
        let hint = error.hint().unwrap();
        assert!(hint.contains("makes no buckets"), "{error}: {hint}");
        assert!(!error.to_string().contains('<'), "{error}");
    }
}

/// The test binary runs itself as the holder that is stopped past its lease.
#[cfg(unix)]
#[tokio::test]
async fn a_stopped_holder_that_wakes_up_is_refused() {
    use std::io::BufRead as _;
    use std::process::{Command, Stdio};
    const CHILD: &str = "CERTCTL_STATE_TEST_ENDPOINT";
    let lease = Duration::from_secs(3);
    if let Ok(endpoint) = std::env::var(CHILD) {
        let store = open("s3://certctl-state", &Server::elsewhere(&endpoint)).with_lease(lease);
        let mut session = store.lock(&key(), &holder("child"), NOW).await.unwrap();
        loop {
            match session.save(&named("child")).await {
                Ok(()) => eprintln!("saved"),
                Err(error) => {
                    assert!(!session.may_send(NOW));
                    return eprintln!("refused: {error}");
                }
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    let server = match servers::moto() {
        Ok(server) => server,
        Err(why) => return eprintln!("a stopped holder: skipped, because {why}"),
    };
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "a_stopped_holder_that_wakes_up_is_refused",
            "--nocapture",
        ])
        .env(CHILD, &server.endpoint)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = std::io::BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(said.any(|line| line.unwrap() == "saved"));
    let signal = |name: &str| {
        let pid = child.id().to_string();
        assert!(
            Command::new("kill")
                .args([name, &pid])
                .status()
                .unwrap()
                .success()
        );
    };
    signal("-STOP");
    let store = open("s3://certctl-state", &server).with_lease(lease);
    let patience = Duration::from_secs(30);
    let mut session = store
        .lock(&key(), &holder("parent"), patience)
        .await
        .unwrap();
    session.save(&named("parent")).await.unwrap();
    let document = store.load(&key()).await.unwrap();
    signal("-CONT");
    let said: Vec<_> = said.map_while(Result::ok).collect();
    assert!(
        said.iter().any(|line| line.starts_with("refused: ")),
        "{said:?}"
    );
    assert!(child.wait().unwrap().success(), "{said:?}");
    assert_eq!(store.load(&key()).await.unwrap(), document);
}
