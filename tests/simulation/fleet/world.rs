//! A fleet, its API and its states, and one run over it after the other.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use certctl_apply::{Approval, Auditing, Clock, Devices, Fleet, Report, Settings, Sink};
use certctl_cloudflare::{Client, ClientOptions, Endpoint};
use certctl_plan::{Options, Plan};
use certctl_sandbox::Sandbox;
use certctl_spec::{Mode, ParseOptions, Source, Sources, Spec};
use certctl_state::{Holder, Location, Store};
use object_store::memory::InMemory;
use tokio::sync::watch;
use tokio::time::Instant;

use super::net::{Net, Ring, Seen};
use crate::runner::{NoKeys, ORIGIN};

const START: &str = "2026-11-23T00:00:00Z";
/// What the edge takes.
pub(super) const EDGE: Duration = Duration::from_secs(2);

/// So many accounts, of which `tokens` tells the token of each by its number.
pub(super) struct World {
    pub(super) net: Arc<Net>,
    pub(super) store: Store,
    pub(super) spec: Spec,
    pub(super) clock: Clock,
    pub(super) tokens: fn(usize) -> usize,
    /// Whether the API is Cloudflare's, so that each token has its budget, or one on loopback.
    pub(super) limited: bool,
    pub(super) wait_timeout: Duration,
}

impl World {
    /// Accounts 1 to `accounts`; the edge of those in `slow` takes `slowness`.
    pub(super) fn new(
        accounts: usize,
        slow: impl IntoIterator<Item = usize>,
        slowness: Duration,
    ) -> Self {
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

    pub(super) fn declare(&mut self, accounts: impl IntoIterator<Item = usize>) {
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
    pub(super) async fn apply_until(
        &self,
        parallelism: usize,
        sink: &Sink,
        stop: &watch::Receiver<bool>,
    ) -> (Report, Duration) {
        let (_, report, took) = self.plan_and_apply(parallelism, sink, stop).await;
        (report, took)
    }

    pub(super) async fn plan_and_apply(
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

    pub(super) async fn apply(&self, parallelism: usize) -> (Report, Duration) {
        let (_keep, stop) = watch::channel(false);
        let nobody: Sink = Arc::new(|_| {});
        self.apply_until(parallelism, &nobody, &stop).await
    }

    pub(super) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.net.seen.lock().unwrap()
    }

    /// How many requests, creates among them, an account had.
    pub(super) fn requests(&self, account: usize) -> (usize, usize) {
        self.seen().requests[&account]
    }
}

pub(super) fn holder() -> Holder {
    Holder {
        who: "a fleet".to_owned(),
        r#where: "here".to_owned(),
        operation: "apply".to_owned(),
    }
}
