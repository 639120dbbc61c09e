//! A fleet on a paused clock: who waits holds up nobody, and loses nothing by it.
//!
//! Accounts are worked on by the whole program, over a wire on which each request takes a while, against
//! a server that counts the requests of each token. Seconds are of the paused clock, so that they are exact.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use certctl_apply::{
    Approval, Auditing, Clock, Devices, Event, Fleet, Outcome, Report, Settings, Sink,
};
use certctl_cloudflare::{
    Client, ClientOptions, Credentials, CredentialsError, Endpoint, Keyring, Transport,
    TransportError,
};
use certctl_model::{AccountId, Code};
use certctl_plan::{Options, Plan};
use certctl_sandbox::{Conditions, Sandbox};
use certctl_spec::{Mode, ParseOptions, Source, Sources, Spec};
use certctl_state::{Holder, Key, Location, StateError, Store};
use http::{Method, Request, Response, StatusCode};
use object_store::memory::InMemory;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};
use tower::ServiceExt as _;

use crate::paused;
use crate::runner::{NoKeys, ORIGIN};

const START: &str = "2026-11-23T00:00:00Z";
/// What a request takes.
const LATENCY: Duration = Duration::from_millis(100);
/// What the edge takes.
const EDGE: Duration = Duration::from_secs(2);
/// Cloudflare's limit for each token, and over which time.
const LIMIT: (usize, Duration) = (1_200, Duration::from_secs(300));

/// The account whose token cannot be had.
const WITHOUT_TOKEN: usize = 1_004;

/// So many accounts, of which `tokens` tells the token of each by its number.
struct World {
    net: Arc<Net>,
    store: Store,
    spec: Spec,
    clock: Clock,
    tokens: fn(usize) -> usize,
    /// Whether the API is Cloudflare's, so that each token has its budget, or one on loopback.
    limited: bool,
    wait_timeout: Duration,
}

/// The network, and what was seen on it.
struct Net {
    sandbox: Sandbox,
    router: Router,
    /// The numbers of the accounts whose edge takes so long.
    slow: BTreeSet<usize>,
    slowness: Duration,
    troubled: BTreeMap<usize, Trouble>,
    seen: Mutex<Seen>,
}

/// What an account answers to everything.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    Hangs,
    Forbidden,
    Broken,
}

impl Trouble {
    async fn answer(self) -> Result<Response<Bytes>, TransportError> {
        let (status, body) = match self {
            Self::Hangs => {
                sleep(ClientOptions::default().timeout).await;
                return Err(TransportError {
                    sent: true,
                    message: "no complete response in time".to_owned(),
                    hint: None,
                });
            }
            Self::Forbidden => {
                let error = r#"{"code":10000,"message":"Authentication error"}"#;
                (
                    StatusCode::FORBIDDEN,
                    format!(r#"{{"success":false,"errors":[{error}]}}"#),
                )
            }
            Self::Broken => (StatusCode::INTERNAL_SERVER_ERROR, String::new()),
        };
        let answer = Response::builder().status(status);
        Ok(answer.body(Bytes::from(body)).unwrap())
    }
}

#[derive(Default)]
struct Seen {
    in_flight: usize,
    most_in_flight: usize,
    /// For each account how many requests were sent, and how many of them were creates.
    requests: BTreeMap<usize, (usize, usize)>,
    /// When the requests of each token were sent, as far as they count.
    of_token: BTreeMap<String, VecDeque<Instant>>,
    over_the_limit: usize,
}

impl Net {
    fn begin(&self, account: usize, request: &Request<Bytes>) -> bool {
        let mut seen = self.seen.lock().unwrap();
        seen.in_flight += 1;
        seen.most_in_flight = seen.most_in_flight.max(seen.in_flight);
        let creates = request.method() == Method::POST
            && request.uri().path().ends_with("/gateway/certificates");
        let counts = seen.requests.entry(account).or_default();
        (counts.0, counts.1) = (counts.0 + 1, counts.1 + usize::from(creates));
        let token = request.headers()["authorization"]
            .to_str()
            .unwrap()
            .to_owned();
        let now = Instant::now();
        let sent = seen.of_token.entry(token).or_default();
        sent.push_back(now);
        while sent.front().is_some_and(|first| now - *first > LIMIT.1) {
            sent.pop_front();
        }
        // A loopback API has no limit, and certctl keeps to none there.
        let over = sent.len() > LIMIT.0 && request.uri().scheme_str() == Some("https");
        seen.over_the_limit += usize::from(over);
        over
    }
}

#[async_trait]
impl Transport for Net {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let account = number(request.uri().path());
        let over = self.begin(account, &request);
        sleep(LATENCY).await;
        if let Some(trouble) = self.troubled.get(&account) {
            let answer = trouble.answer().await;
            self.seen.lock().unwrap().in_flight -= 1;
            return answer;
        }
        let slow = self.slow.contains(&account) && request.uri().path().ends_with("/activate");
        let conditions = Conditions {
            deploy_seconds: slow.then_some(self.slowness.as_secs_f64()),
            ..Conditions::default()
        };
        self.sandbox.set_conditions(conditions).unwrap();
        let answer = self.router.clone().oneshot(request.map(Body::from)).await;
        self.seen.lock().unwrap().in_flight -= 1;
        if over {
            let refused = Response::builder().status(StatusCode::TOO_MANY_REQUESTS);
            return Ok(refused
                .header("retry-after", "300")
                .body(Bytes::new())
                .unwrap());
        }
        let (parts, body) = answer.unwrap().into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Ok(Response::from_parts(parts, body))
    }
}

/// Which account a path is about.
fn number(path: &str) -> usize {
    let (_, rest) = path.split_once("/accounts/a").unwrap();
    rest[..31].parse().unwrap()
}

/// The tokens of a world, by the numbers of its accounts.
struct Ring(fn(usize) -> usize);

#[async_trait]
impl Keyring for Ring {
    async fn credentials(&self, account: &AccountId) -> Result<Credentials, CredentialsError> {
        let n: usize = account.as_str()[1..].parse().unwrap();
        if n == WITHOUT_TOKEN {
            return Err(CredentialsError::Unavailable {
                what: "its command failed".to_owned(),
                hint: None,
            });
        }
        Credentials::token(&format!("a-token-of-tests-{}", (self.0)(n)))
    }
}

impl World {
    /// Accounts 1 to `accounts`; the edge of those in `slow` takes `slowness`.
    fn new(accounts: usize, slow: impl IntoIterator<Item = usize>, slowness: Duration) -> Self {
        let options = certctl_sandbox::Options {
            deploy_delay: EDGE,
            clock: Some(START.parse().unwrap()),
            seed: Some(1),
            ..certctl_sandbox::Options::default()
        };
        let sandbox = Sandbox::open(options).unwrap();
        let net = Net {
            router: sandbox.router(),
            sandbox,
            slow: slow.into_iter().collect(),
            slowness,
            troubled: BTreeMap::new(),
            seen: Mutex::default(),
        };
        let location = Location::parse("s3://simulated/state", Path::new("")).unwrap();
        let mut world = Self {
            net: Arc::new(net),
            store: Store::over(Arc::new(InMemory::new()), &location),
            spec: Spec::default(),
            clock: Clock::starting_at(START.parse().unwrap()),
            tokens: |_| 0,
            limited: false,
            wait_timeout: Duration::from_secs(600),
        };
        if accounts > 0 {
            world.declare(1..=accounts);
        }
        world
    }

    fn declare(&mut self, accounts: impl IntoIterator<Item = usize>) {
        let mut text = "version: 1\naccounts:\n".to_owned();
        for n in accounts {
            let _ = write!(
                text,
                "  - name: n{n:03}\n    account_id: a{n:031}\n    certificates:\n      \
                 - {{ name: inspection, in_use: true, rotation: {{ renew_before: 90d }} }}\n"
            );
        }
        let name = "certctl.yaml".to_owned();
        let options = ParseOptions {
            env: &|_| None,
            mode: Mode::Use,
            accounts: &[],
        };
        let parsed = certctl_spec::parse(&Sources::from_iter([Source { name, text }]), &options);
        self.spec = parsed.spec.unwrap();
    }

    /// An `apply`, told to `sink`, until `stop`; and how long its second part took.
    async fn apply_until(
        &self,
        parallelism: usize,
        sink: &Sink,
        stop: &watch::Receiver<bool>,
    ) -> (Report, Duration) {
        let (_, report, took) = self.plan_and_apply(parallelism, sink, stop).await;
        (report, took)
    }

    async fn plan_and_apply(
        &self,
        parallelism: usize,
        sink: &Sink,
        stop: &watch::Receiver<bool>,
    ) -> (Plan, Report, Duration) {
        let base = match self.limited {
            true => "https://api.cloudflare.com/client/v4",
            false => "http://127.0.0.1:1/client/v4",
        };
        let client = Client::over(
            Endpoint::parse(base).unwrap(),
            Arc::new(Ring(self.tokens)),
            ClientOptions::default(),
            self.net.clone(),
        );
        let settings = Settings {
            parallelism,
            wait_timeout: self.wait_timeout,
            lock_timeout: Duration::ZERO,
            request_timeout: ClientOptions::default().timeout,
            holder: holder(),
            audit: Auditing::default(),
        };
        let options = Options::default();
        let fleet = Fleet {
            planner: &certctl_planner::Rules,
            spec: &self.spec,
            client: &client,
            keys: &NoKeys,
            store: &self.store,
            origin: ORIGIN,
            options: &options,
            devices: Devices::default(),
            clock: self.clock.clone(),
            settings: &settings,
        };
        let plan = fleet.plan(&fleet.survey().await, &[], Vec::new());
        let began = Instant::now();
        let report = fleet.apply(&plan, &Approval::Everything, sink, stop).await;
        (plan, report, began.elapsed())
    }

    async fn apply(&self, parallelism: usize) -> (Report, Duration) {
        let (_keep, stop) = watch::channel(false);
        let nobody: Sink = Arc::new(|_| {});
        self.apply_until(parallelism, &nobody, &stop).await
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.net.seen.lock().unwrap()
    }

    /// How many requests, creates among them, an account had.
    fn requests(&self, account: usize) -> (usize, usize) {
        self.seen().requests[&account]
    }
}

fn holder() -> Holder {
    Holder {
        who: "a fleet".to_owned(),
        r#where: "here".to_owned(),
        operation: "apply".to_owned(),
    }
}

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
