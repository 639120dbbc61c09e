//! What a bucket answers, and what is believed of it: over real HTTP, against a server that keeps its
//! conditions and goes wrong when a test says so.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what it expects by panicking"
)]

#[path = "common/bucket.rs"]
mod bucket;
#[path = "common/mod.rs"]
mod common;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bucket::{Answer, Asked, Bucket};
use certctl_model::{Action, Timestamp};
use certctl_state::{AuditRecord, Location, StateError, Store};
use common::{holder, key, named};

const NO_WAIT: Duration = Duration::ZERO;

fn open(bucket: &Bucket) -> Store {
    let location = Location::parse("s3://bucket/prefix", Path::new("")).unwrap();
    let variables = bucket.environment();
    Store::open(&location, &Default::default(), &|name| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.clone())
    })
    .unwrap()
}

/// Answers so the first `times` times that `when` says so.
fn first(
    times: usize,
    when: impl Fn(&Asked) -> bool + Send + Sync + 'static,
    answer: Answer,
) -> impl Fn(&Asked) -> Option<Answer> + Send + Sync + 'static {
    let seen = AtomicUsize::new(0);
    move |asked| {
        let now = when(asked) && seen.fetch_add(1, Ordering::Relaxed) < times;
        now.then(|| answer.clone())
    }
}

fn is_document(asked: &Asked) -> bool {
    asked.path.ends_with(&format!("/{}.json", common::ACCOUNT))
}

#[tokio::test]
async fn no_redirect_is_followed() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = Bucket::start(|_| None);
        let to = format!("{}/caught", elsewhere.url);
        let bucket = Bucket::start(move |_| {
            let location = format!("Location: {to}?signature=x\r\n");
            Some(Answer(status, location, String::new()))
        });
        let store = open(&bucket);
        let read = store.load(&key()).await.unwrap_err();
        let locked = store.lock(&key(), &holder("a"), NO_WAIT).await.unwrap_err();
        for error in [read, locked] {
            let text = error.to_string();
            assert!(text.contains(&format!("HTTP {status}")), "{text}");
            assert!(
                text.contains("127.0.0.1: certctl follows no redirect"),
                "{text}"
            );
        }
        assert!(elsewhere.asked().is_empty());
    }
}

#[tokio::test]
async fn only_a_store_says_that_there_is_nothing() {
    let load = async |answer: Answer| {
        let bucket = Bucket::start(move |_| Some(answer.clone()));
        open(&bucket).load(&key()).await
    };
    assert_eq!(load(Answer::error(404, "NoSuchKey")).await.unwrap(), None);
    let html = "<!DOCTYPE html>\n<html><body>404 Not Found</body></html>";
    for (answer, why) in [
        (
            Answer(
                404,
                "Content-Type: text/html\r\n".to_owned(),
                html.to_owned(),
            ),
            "a page in HTML",
        ),
        (Answer(404, String::new(), String::new()), "an empty answer"),
        (
            Answer(404, String::new(), "{\"error\": \"not found\"}".to_owned()),
            "something else",
        ),
        (Answer::error(404, "NoSuchBucket"), "NoSuchBucket"),
    ] {
        let error = load(answer).await.unwrap_err();
        assert!(matches!(error, StateError::Remote { .. }), "{error}");
        assert!(error.to_string().contains(why), "{error}");
        assert!(error.hint().is_some(), "{error}");
    }
}

#[tokio::test]
async fn what_a_store_says_to_repeat_is_repeated() {
    for answer in [
        Answer::error(400, "RequestTimeout"),
        Answer::error(409, "ConditionalRequestConflict"),
        Answer::error(409, "OperationAborted"),
        Answer(409, String::new(), String::new()),
        Answer::error(503, "SlowDown"),
    ] {
        // Each write of a run in its turn: lease, document, previous one, record, release.
        for nth in 0..12 {
            let answer = answer.clone();
            let count = AtomicUsize::new(0);
            let bucket = Bucket::start(move |asked| {
                let fails = asked.method == "PUT" && count.fetch_add(1, Ordering::Relaxed) == nth;
                fails.then(|| answer.clone())
            });
            let store = open(&bucket);
            let mut session = store.lock(&key(), &holder("a"), NO_WAIT).await.unwrap();
            session.save(&named("one")).await.unwrap();
            session.save(&named("two")).await.unwrap();
            let address = "acme/a".parse().unwrap();
            let record =
                AuditRecord::new(&key(), Some(address), Action::Create, Timestamp::UNIX_EPOCH);
            store.append_audit(&key(), &record).await.unwrap();
            session.release().await.unwrap();
            // Free at once, with what was saved, and the record is there.
            let next = store.lock(&key(), &holder("b"), NO_WAIT).await.unwrap();
            assert_eq!(next.state(), &named("two"), "{nth}");
            let written = |asked: &Asked| asked.method == "PUT" && asked.path.contains("/audit/");
            assert!(bucket.asked().iter().any(written));
        }
    }
}

#[tokio::test]
async fn a_store_whose_conditions_never_hold_is_refused_before_anything_is_written() {
    let bucket = Bucket::with_etags("W/", |_| None);
    let error = open(&bucket)
        .lock(&key(), &holder("a"), NO_WAIT)
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(text.contains("If-Match never holds"), "{text}");
    assert!(text.contains("weak"), "{text}");
    assert!(
        !bucket.asked().iter().any(is_document),
        "{:?}",
        bucket.asked()
    );

    let strong = Bucket::start(|asked| {
        let conditional = asked.headers.contains_key("if-match");
        conditional.then(|| Answer::error(412, "PreconditionFailed"))
    });
    let error = open(&strong)
        .lock(&key(), &holder("a"), NO_WAIT)
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("If-Match never holds"),
        "{error}"
    );
}

#[tokio::test]
async fn one_conflict_that_was_none_is_not_the_end() {
    // Somebody in between answered once in place of the store.
    let once = first(
        1,
        |asked| asked.headers.contains_key("if-match"),
        Answer::error(412, "PreconditionFailed"),
    );
    let bucket = Bucket::start(once);
    let session = open(&bucket)
        .lock(&key(), &holder("a"), NO_WAIT)
        .await
        .unwrap();
    session.release().await.unwrap();
}
