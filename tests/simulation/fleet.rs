//! A fleet on a paused clock: who waits holds up nobody, and loses nothing by it.
//!
//! Accounts are worked on by the whole program, over a wire on which each request takes a while, against
//! a server that counts the requests of each token. Seconds are of the paused clock, so that they are exact.

mod net;
mod world;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use certctl_apply::{Event, Outcome, Report, Sink};
use certctl_model::Code;
use certctl_state::{Key, StateError};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use self::net::{Trouble, WITHOUT_TOKEN};
use self::world::{EDGE, World, holder};
use crate::paused;
use crate::runner::ORIGIN;

/// What became of each account, in the order of the report.
fn outcomes(report: &Report) -> Vec<(String, Outcome)> {
    let results = report.results.iter();
    results
        .map(|line| (line.address.account.to_string(), line.outcome))
        .collect()
}

fn all_done(report: &Report) -> bool {
    !report.has_failed()
        && report
            .results
            .iter()
            .all(|line| line.outcome == Outcome::Done)
}

/// An account whose edge never comes stands first, and only one is worked on at once.
#[test]
fn who_waits_for_the_edge_holds_up_nobody() {
    let ages = Duration::from_secs(1_000_000);
    paused(async {
        let alone = World::new(1, [], ages);
        alone.apply(1).await;
        let world = World::new(20, [1], ages);
        let finished = Arc::new(Mutex::new(Vec::new()));
        let told = finished.clone();
        let began = Instant::now();
        let sink: Sink = Arc::new(move |event| {
            if let Event::Finished { account } = event {
                told.lock()
                    .unwrap()
                    .push((account.to_string(), began.elapsed()));
            }
        });
        let (_keep, stop) = watch::channel(false);
        let (report, _) = world.apply_until(1, &sink, &stop).await;
        let finished = finished.lock().unwrap();
        let (last, before) = finished.split_last().unwrap();
        assert_eq!((before.len(), last.0.as_str()), (19, "n001"));
        let (_, took) = before.last().unwrap();
        assert!(took.as_secs() < 120, "{finished:?}");
        assert!(last.1.as_secs() > 600, "{finished:?}");
        // In the order of the spec, and each with as many requests as it has alone.
        let order: Vec<(String, Outcome)> = (1..=20)
            .map(|n| {
                let outcome = if n == 1 {
                    Outcome::Pending
                } else {
                    Outcome::Done
                };
                (format!("n{n:03}"), outcome)
            })
            .collect();
        assert_eq!(outcomes(&report), order);
        for n in 2..=20 {
            assert!(
                world.requests(n) <= alone.requests(1),
                "{n}: {:?}",
                world.requests(n)
            );
        }
        assert_eq!(world.seen().most_in_flight, 1);
    });
}

/// All edges take longer than anybody waits.
#[test]
fn no_more_are_open_than_may_be() {
    paused(async {
        let mut world = World::new(160, 1..=160, Duration::from_secs(1_000_000));
        world.wait_timeout = Duration::from_secs(120);
        let open = Arc::new(Mutex::new((0_usize, 0_usize)));
        let counts = open.clone();
        let sink: Sink = Arc::new(move |event| {
            let (now, most) = &mut *counts.lock().unwrap();
            match event {
                Event::Started { .. } => *now += 1,
                Event::Finished { .. } => *now -= 1,
                _ => {}
            }
            *most = (*most).max(*now);
        });
        let (_keep, stop) = watch::channel(false);
        let (report, _) = world.apply_until(4, &sink, &stop).await;
        assert_eq!(report.waiting, 160);
        assert_eq!(*open.lock().unwrap(), (0, 4 + 128));
        assert_eq!(world.seen().most_in_flight, 4);
    });
}

/// A signal comes while many wait and others have not begun.
#[test]
fn what_waits_ends_in_order_and_nothing_is_lost() {
    let edge = Duration::from_secs(300);
    paused(async {
        let mut world = World::new(80, 1..=80, edge);
        world.wait_timeout = Duration::from_secs(60);
        let (send, stop) = watch::channel(false);
        let waiting = Mutex::new(BTreeSet::new());
        let sink: Sink = Arc::new(move |event| {
            if let Event::Polling { address, .. } = event {
                let mut waiting = waiting.lock().unwrap();
                waiting.insert(address);
                if waiting.len() == 40 {
                    send.send_replace(true);
                }
            }
        });
        let (report, took) = world.apply_until(4, &sink, &stop).await;
        assert!(took < Duration::from_secs(60), "{took:?}");
        let stopped = |d: &&certctl_model::Diagnostic| d.code == Code::Stopped;
        assert_eq!(report.diagnostics.iter().filter(stopped).count(), 80);
        assert_eq!(report.failed, 0);
        // The survey reads the list, the configuration and the settings of devices.
        let untouched = (1..=80).filter(|n| world.requests(*n) == (3, 0)).count();
        assert!((32..=40).contains(&untouched), "{untouched}");

        // Each lock is free: nobody waits for one here.
        for _ in 0..2 {
            sleep(edge).await;
            let (report, _) = world.apply(4).await;
            assert!(!report.has_failed(), "{:?}", report.diagnostics);
        }
        sleep(edge).await;
        let (report, _) = world.apply(4).await;
        assert!(all_done(&report), "{:?}", report.diagnostics);
        for n in 1..=80 {
            assert_eq!(world.requests(n).1, 1, "creates in account {n}");
        }
    });
}

/// Somebody tries, for longer than a lease lasts, to have the lock of each account that waits.
#[test]
fn who_waits_keeps_its_lock() {
    paused(async {
        let world = World::new(10, 1..=10, Duration::from_secs(1_000_000));
        let (_keep, stop) = watch::channel(false);
        let nobody: Sink = Arc::new(|_| {});
        let run = world.apply_until(2, &nobody, &stop);
        let intruders = (1..=10).map(|n| {
            let world = &world;
            async move {
                sleep(Duration::from_secs(200)).await;
                let key = Key {
                    origin: ORIGIN.to_owned(),
                    account_id: format!("a{n:031}").parse().unwrap(),
                };
                let patience = Duration::from_secs(200);
                let tried = world.store.lock(&key, &holder(), patience).await;
                matches!(tried, Err(StateError::Locked { .. }))
            }
        });
        let intruders = futures::future::join_all(intruders);
        let ((report, _), refused) = tokio::join!(run, intruders);
        assert_eq!(report.waiting, 10, "{:?}", report.diagnostics);
        assert!(!report.has_failed());
        assert!(refused.into_iter().all(|refused| refused));
    });
}

/// Four accounts cannot be read, each for a reason of its own, and stand between the others: these take no
/// longer than alone, and four reasons are told.
#[test]
fn who_cannot_be_read_holds_up_nobody() {
    paused(async {
        let alone = World::new(60, [], EDGE);
        let (report, needed) = alone.apply(8).await;
        assert!(all_done(&report), "{:?}", report.diagnostics);

        let mut world = World::new(0, [], EDGE);
        let troubled = [
            (1_001, Trouble::Hangs),
            (1_002, Trouble::Forbidden),
            (1_003, Trouble::Broken),
        ];
        Arc::get_mut(&mut world.net).unwrap().troubled = troubled.into();
        world.declare((1..=30).chain(1_001..=WITHOUT_TOKEN).chain(31..=60));
        let (_keep, stop) = watch::channel(false);
        let nobody: Sink = Arc::new(|_| {});
        let (plan, report, took) = world.plan_and_apply(8, &nobody, &stop).await;
        assert!(took <= needed, "{took:?}, alone {needed:?}");
        assert_eq!(report.applied, 60, "{:?}", report.diagnostics);
        let errors = plan.diagnostics.iter().filter(|d| d.is_error());
        let reasons: Vec<&str> = errors.map(|d| d.message.as_str()).collect();
        assert_eq!(reasons.len(), 4, "{reasons:?}");
        for reason in ["in time", "HTTP 403", "HTTP 500", "its command failed"] {
            let told = reasons.iter().filter(|told| told.contains(reason)).count();
            assert_eq!(told, 1, "{reason}: {reasons:?}");
        }
    });
}

/// Accounts of one token stand side by side in the spec, and more than may be open; or one token, the
/// first, has most of them. Then it is the slowest.
#[test]
fn tokens_take_as_long_as_the_slowest_of_them() {
    let side_by_side: fn(usize) -> usize = |n| (n - 1) / 25;
    let most: fn(usize) -> usize = |n| if n <= 60 { 0 } else { n % 7 + 1 };
    for of in [side_by_side, most] {
        paused(async move {
            let limited = |accounts: &mut dyn Iterator<Item = usize>| {
                let mut world = World::new(1, [], EDGE);
                world.declare(accounts);
                (world.tokens, world.limited) = (of, true);
                world
            };
            let slowest = limited(&mut (1..=200).filter(|n| of(*n) == 0));
            let (report, alone) = slowest.apply(8).await;
            assert!(all_done(&report), "{:?}", report.diagnostics);
            let world = limited(&mut (1..=200));
            let (report, took) = world.apply(8).await;
            assert!(all_done(&report), "{:?}", report.diagnostics);
            assert_eq!(world.seen().over_the_limit, 0);
            assert!(took < alone.mul_f64(1.1), "{took:?}, alone {alone:?}");
        });
    }
}

/// One token takes longer for all than `--wait-timeout` gives each.
#[test]
fn nobody_begins_before_its_token_can_serve_it() {
    paused(async {
        let mut world = World::new(180, [], EDGE);
        world.limited = true;
        let (report, took) = world.apply(8).await;
        assert!(took > Duration::from_secs(600), "{took:?}");
        assert!(all_done(&report), "{:?}", report.diagnostics);
        assert_eq!(world.seen().over_the_limit, 0);
    });
}
