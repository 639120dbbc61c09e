//! Documents and leases as objects, in memory and on a paused clock: what lost answers, dead and
//! sleeping holders, and stores that keep no conditions may do.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what it expects by panicking"
)]

use std::path::Path as FsPath;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use certctl_state::{Location, Session, StateError, Store, WritePoint};
use object_store::ObjectStoreExt as _;
use object_store::memory::InMemory;
use object_store::path::Path;
use tokio::time::{Instant, advance, sleep};

mod common;
#[path = "common/flaky.rs"]
mod flaky;
use common::{ACCOUNT, holder, key, named};
use flaky::{Fate, Flaky};

const LEASE: Duration = Duration::from_secs(90);
const NOW: Duration = Duration::ZERO;

fn bucket() -> Location {
    Location::parse("s3://bucket/certctl", FsPath::new("")).unwrap()
}

fn memory() -> Store {
    Store::over(Arc::new(InMemory::new()), &bucket())
}

fn flaky(fate: impl Fn(&Path) -> Fate + Send + Sync + 'static) -> Store {
    Store::over(Arc::new(Flaky::new(fate)), &bucket())
}

fn is_document(path: &Path) -> bool {
    path.as_ref().ends_with(&format!("{ACCOUNT}.json"))
}

async fn lock(store: &Store, who: &str, patience: Duration) -> Result<Session, StateError> {
    store.lock(&key(), &holder(who), patience).await
}

async fn save(store: &Store, name: &str) {
    let mut session = lock(store, "one", NOW).await.unwrap();
    session.save(&named(name)).await.unwrap();
    session.release().await.unwrap();
}

async fn serial(store: &Store) -> u64 {
    store.load(&key()).await.unwrap().map_or(0, |d| d.serial)
}

/// Refused because the lease is gone, or because the document is not what it was.
fn is_fenced(error: &StateError) -> bool {
    matches!(error, StateError::Lost { .. } | StateError::Moved { .. })
}

#[tokio::test(start_paused = true)]
async fn an_abandoned_lease_is_taken_after_its_length_and_not_before() {
    let store = memory();
    save(&store, "one").await;
    drop(lock(&store, "ann", NOW).await.unwrap());

    let error = lock(&store, "bob", NOW).await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("ann on runner-1 (pid 42) (apply) since 2"),
        "{text}"
    );
    let hint = error.hint().unwrap();
    assert!(
        hint.contains("`--lock-timeout 2m`") && hint.contains("state unlock"),
        "{hint}"
    );
    lock(&store, "bob", LEASE / 2).await.unwrap_err();

    let start = Instant::now();
    let session = lock(&store, "bob", LEASE).await.unwrap();
    assert_eq!(start.elapsed(), LEASE);
    assert_eq!(session.document().unwrap().serial, 2, "fenced");
    assert_eq!(session.state(), &named("one"));
}

#[tokio::test(start_paused = true)]
async fn a_living_holder_keeps_its_lease_and_may_always_send() {
    let store = memory();
    let mut session = lock(&store, "ann", NOW).await.unwrap();
    let waiting = tokio::spawn({
        let store = store.clone();
        async move { lock(&store, "bob", LEASE * 10).await.map(|_| ()) }
    });
    for second in 0..LEASE.as_secs() * 3 {
        assert!(session.may_send(Duration::from_secs(60)), "{second}");
        assert!(!session.may_send(LEASE));
        sleep(Duration::from_secs(1)).await;
    }
    session.save(&named("one")).await.unwrap();
    session.release().await.unwrap();
    waiting.await.unwrap().unwrap();
    assert_eq!(serial(&store).await, 1, "let go of: not fenced");
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_slept_past_its_lease_is_refused_though_nobody_took_it() {
    let store = memory();
    let mut session = lock(&store, "ann", NOW).await.unwrap();
    session.save(&named("one")).await.unwrap();
    advance(LEASE).await;
    assert!(!session.may_send(NOW));
    let error = session.save(&named("two")).await.unwrap_err();
    assert!(matches!(error, StateError::Lost { .. }), "{error}");
    assert_eq!(serial(&store).await, 1);
    // For good, and its release is no error.
    sleep(LEASE).await;
    session.save(&named("two")).await.unwrap_err();
    session.release().await.unwrap();
}

/// The former holder's clock and renewals are left out of it: the store alone refuses its write.
#[tokio::test(start_paused = true)]
async fn a_lock_that_was_broken_fences_its_holder() {
    for first in ["no document", "a document"] {
        let store = memory();
        if first == "a document" {
            save(&store, "one").await;
        }
        let before = serial(&store).await;
        let mut old = lock(&store, "ann", NOW).await.unwrap();
        let broken = store.unlock(&key()).await.unwrap().unwrap();
        assert_eq!(broken.holder, holder("ann"));
        assert_eq!(store.unlock(&key()).await.unwrap(), None);

        let mut new = lock(&store, "bob", NOW).await.unwrap();
        assert_eq!(
            new.document().is_some(),
            before > 0,
            "a fence is no document"
        );
        let error = old.save(&named("old")).await.unwrap_err();
        assert!(is_fenced(&error), "{first}: {error}");
        new.save(&named("new")).await.unwrap();
        assert!(is_fenced(&old.save(&named("old")).await.unwrap_err()));
        old.release().await.unwrap();
        lock(&store, "cyd", NOW).await.unwrap_err();
        new.release().await.unwrap();
        let document = store.load(&key()).await.unwrap().unwrap();
        assert_eq!(document.state, named("new"), "{first}");
        assert_eq!(store.keys().await.unwrap(), [key()]);
    }
}

#[tokio::test(start_paused = true)]
async fn its_holder_hears_that_a_lock_was_taken() {
    let store = memory();
    let mut old = lock(&store, "ann", NOW).await.unwrap();
    store.unlock(&key()).await.unwrap().unwrap();
    sleep(LEASE / 3).await;
    let error = old.save(&named("old")).await.unwrap_err();
    assert!(error.to_string().contains("state unlock"), "{error}");
    let _new = lock(&store, "bob", NOW).await.unwrap();
    assert!(!old.may_send(NOW));
}

/// A write that is done and then tried again by a layer that did not see its answer meets itself.
#[tokio::test(start_paused = true)]
async fn a_write_that_meets_itself_is_recognised() {
    let store = flaky(|_| Fate::Repeated);
    let mut session = lock(&store, "ann", NOW).await.unwrap();
    session.save(&named("one")).await.unwrap();
    sleep(LEASE * 3).await;
    session.save(&named("two")).await.unwrap();
    session.release().await.unwrap();
    assert_eq!(serial(&store).await, 2);
    lock(&store, "bob", NOW).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_save_whose_answer_was_lost_goes_on_or_is_fenced() {
    let lose = Arc::new(AtomicBool::new(false));
    let losing = Arc::clone(&lose);
    let store = flaky(move |path| {
        if losing.load(Ordering::SeqCst) && is_document(path) {
            Fate::Lost
        } else {
            Fate::Done
        }
    });
    let mut session = lock(&store, "ann", NOW).await.unwrap();
    lose.store(true, Ordering::SeqCst);
    session.save(&named("one")).await.unwrap_err();
    lose.store(false, Ordering::SeqCst);
    session.save(&named("two")).await.unwrap();
    assert_eq!(session.document().unwrap().serial, 2);

    lose.store(true, Ordering::SeqCst);
    session.save(&named("three")).await.unwrap_err();
    lose.store(false, Ordering::SeqCst);
    session.release().await.unwrap();
    // Its holder could not say whether something is in flight.
    let next = lock(&store, "bob", NOW).await.unwrap();
    assert_eq!(next.document().unwrap().serial, 4);
    assert_eq!(next.state(), &named("three"));
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_point_leaves_a_whole_version() {
    for point in WritePoint::ALL {
        let store = memory();
        save(&store, "one").await;
        let faulty = store.clone().with_hook(Arc::new(move |_, at| {
            if at == point {
                Err(std::io::Error::other("the network is gone"))
            } else {
                Ok(())
            }
        }));
        let mut session = lock(&faulty, "ann", NOW).await.unwrap();
        session.save(&named("two")).await.unwrap_err();
        drop(session);
        let left = if point == WritePoint::After {
            "two"
        } else {
            "one"
        };
        let session = lock(&store, "bob", LEASE).await.unwrap();
        assert_eq!(session.state(), &named(left), "{point:?}");
        let previous = store.previous(&key()).await.unwrap();
        assert_eq!(previous.is_some(), point != WritePoint::Before);
    }
}

#[tokio::test(start_paused = true)]
async fn renewals_may_fail_for_a_while() {
    let down = Arc::new(AtomicBool::new(false));
    let failing = Arc::clone(&down);
    let store = flaky(move |_| {
        if failing.load(Ordering::SeqCst) {
            Fate::Refused
        } else {
            Fate::Done
        }
    });
    let mut session = lock(&store, "ann", NOW).await.unwrap();
    down.store(true, Ordering::SeqCst);
    sleep(LEASE * 2 / 3).await;
    assert!(!session.may_send(LEASE / 3));
    down.store(false, Ordering::SeqCst);
    sleep(LEASE).await;
    session.save(&named("one")).await.unwrap();
    assert!(session.may_send(LEASE * 2 / 3));

    down.store(true, Ordering::SeqCst);
    sleep(LEASE).await;
    down.store(false, Ordering::SeqCst);
    sleep(LEASE).await;
    let error = session.save(&named("two")).await.unwrap_err();
    assert!(matches!(error, StateError::Lost { .. }), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_store_without_conditions_is_refused() {
    let store = flaky(|_| Fate::Unconditional);
    let error = lock(&store, "ann", NOW).await.unwrap_err();
    assert!(
        error.to_string().contains("ignores conditional writes"),
        "{error}"
    );
    assert!(error.hint().is_some());
    assert_eq!(serial(&store).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_corrupt_object_is_refused_left_and_let_go_of() {
    let inner = Arc::new(InMemory::new());
    let store = Store::over(inner.clone(), &bucket());
    save(&store, "one").await;
    save(&store, "two").await;
    let path = Path::from(format!("certctl/127.0.0.1_8080/{ACCOUNT}.json"));
    let good = inner.get(&path).await.unwrap().bytes().await.unwrap();
    for bad in [good.slice(..good.len() / 2), "{}".into(), "".into()] {
        inner.put(&path, bad.clone().into()).await.unwrap();
        for error in [
            store.load(&key()).await.unwrap_err(),
            lock(&store, "ann", NOW).await.unwrap_err(),
            lock(&store, "bob", NOW).await.unwrap_err(),
        ] {
            assert!(matches!(error, StateError::Unusable { .. }), "{error}");
            let place = format!("s3://bucket/certctl/127.0.0.1_8080/{ACCOUNT}");
            assert!(
                error.to_string().starts_with(&format!("{place}.json ")),
                "{error}"
            );
            assert!(
                error
                    .hint()
                    .unwrap()
                    .contains(&format!("{place}.previous.json"))
            );
        }
        assert_eq!(inner.get(&path).await.unwrap().bytes().await.unwrap(), bad);
    }
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_nobody_can_read_is_broken_by_hand() {
    let inner = Arc::new(InMemory::new());
    let store = Store::over(inner.clone(), &bucket());
    let path = Path::from(format!("certctl/127.0.0.1_8080/{ACCOUNT}.lock.json"));
    inner.put(&path, "what is this".into()).await.unwrap();
    let error = lock(&store, "ann", LEASE * 9).await.unwrap_err();
    assert!(error.hint().unwrap().contains("state unlock"), "{error}");
    assert_eq!(store.unlock(&key()).await.unwrap(), None);
    lock(&store, "ann", NOW).await.unwrap();
}

/// Whatever write of a run is lost or refused: no version is lost, and the next run goes on.
#[tokio::test(start_paused = true)]
async fn any_one_write_may_go_wrong() {
    for fate in [Fate::Refused, Fate::Lost, Fate::Repeated] {
        for wrong in 0..12 {
            let count = Arc::new(AtomicUsize::new(0));
            let counter = Arc::clone(&count);
            let store = flaky(move |_| {
                if counter.fetch_add(1, Ordering::SeqCst) == wrong {
                    fate
                } else {
                    Fate::Done
                }
            });
            let run = async |name: &str| -> Result<(), StateError> {
                let mut session = lock(&store, name, LEASE * 2).await?;
                session.save(&named(name)).await?;
                session.save(&named(name)).await?;
                session.release().await
            };
            let first = run("one").await;
            let stands = serial(&store).await;
            assert!(first.is_err() || stands == 2, "{fate:?} of write {wrong}");
            if run("two").await.is_err() {
                // What went wrong was a write of this run.
                assert!(first.is_ok());
                run("two").await.unwrap();
            }
            let document = store.load(&key()).await.unwrap().unwrap();
            assert_eq!(document.state, named("two"));
            assert!(document.serial >= stands + 2, "{fate:?} of write {wrong}");
        }
    }
}
