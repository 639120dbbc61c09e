//! One world: a sandbox, a state directory, a spec, and one clock that all of them live by.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use certctl_apply::{Approval, Auditing, Clock, Devices, Fleet, Report, Settings, Sink};
use certctl_cloudflare::{Client, ClientOptions, Credentials, Endpoint};
use certctl_model::AccountId;
use certctl_plan::{Options, Plan};
use certctl_sandbox::{Conditions, Sandbox};
use certctl_spec::{Mode, ParseOptions, Source, Sources, Spec};
use certctl_state::{AuditRecord, Document, Holder, Key, Location, Store, WritePoint};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::watch;

use crate::fault::{Trouble, WriteFault};
use crate::own;
use crate::wire::{Life, Wire};

pub(crate) const ACME: &str = "699d98642c564d2e855e9661899b7252";
pub(crate) const OTHER: &str = "0123456789abcdef0123456789abcdef";

/// A custom certificate that somebody else uploaded and activated, in every account.
pub(crate) const STRANGER: &str = "1d0d5ba1-7c2e-4b5e-9d4c-0a7c1f0f7a01";
/// One that somebody else had issued, in every account.
pub(crate) const UNMANAGED: &str = "2e1e6cb2-8d3f-4c6f-8e5d-1b8d2a1a8b02";

const ORIGIN: &str = "sandbox";
const BASE: &str = "http://127.0.0.1:1";

/// The world of one case.
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) wire: Arc<Wire>,
    pub(crate) spec: Spec,
    pub(crate) options: Options,
    /// The ids of what somebody else put there, by account.
    pub(crate) foreign: BTreeMap<String, Vec<String>>,
    /// What its owner uploaded into the first account, for the spec to name.
    pub(crate) uploaded: Vec<String>,
    pub(crate) store: Store,
    clock: Clock,
    life: Arc<Life>,
    writes: Arc<Writes>,
    directory: TempDir,
}

/// The writes of the state, counted, with the faults that are to strike.
#[derive(Default)]
struct Writes {
    done: AtomicUsize,
    due: Mutex<Vec<(usize, WriteFault)>>,
}

/// What became of a run.
#[derive(Debug)]
pub(crate) enum Run {
    /// The process was killed.
    Killed,
    /// It ended by itself.
    Ended { plan: Box<Plan>, report: Report },
}

impl Run {
    /// Whether its exit code would be 0.
    pub(crate) fn is_success(&self) -> bool {
        match self {
            Self::Killed => false,
            Self::Ended { plan, report } => {
                plan.applyable && !report.has_failed() && !report.is_pending()
            }
        }
    }
}

impl World {
    pub(crate) fn new() -> Self {
        let directory = scratch();
        let options = certctl_sandbox::Options {
            deploy_delay: Duration::from_secs(2),
            ..certctl_sandbox::Options::default()
        };
        let sandbox = Sandbox::open(options).unwrap();
        let (life, writes) = (Arc::new(Life::default()), Arc::new(Writes::default()));
        let (ended, counted) = (life.clone(), writes.clone());
        let hook = move |_: &Key, point| counted.ask(point, &ended);
        let location = Location::Directory(directory.path().to_owned());
        let store = Store::open(&location, &Default::default(), &|_| None).unwrap();
        Self {
            wire: Arc::new(Wire::new(&sandbox, life.clone())),
            sandbox,
            spec: Spec::default(),
            options: Options::default(),
            foreign: BTreeMap::new(),
            uploaded: Vec::new(),
            store: store.with_hook(Arc::new(hook)),
            clock: Clock::new(None),
            life,
            writes,
            directory,
        }
    }

    /// Puts a certificate into an account, as somebody else would have ten days ago.
    pub(crate) async fn plant(&self, account: &str, seed: &Value) -> String {
        let path = format!("/sandbox/accounts/{account}/certificates");
        let mut seed = seed.clone();
        if seed.get("created_at").is_none() {
            let ago = Duration::from_secs(10 * 86_400);
            seed["created_at"] = json!((self.sandbox.now() - ago).to_string());
        }
        let planted = self.control("POST", &path, &seed).await;
        planted["id"].as_str().unwrap().to_owned()
    }

    /// What stands in every world, and is never to be touched: a certificate that was uploaded, and
    /// one that somebody else had made.
    pub(crate) async fn plant_foreign(&mut self, account: &str) {
        let custom = json!({ "id": STRANGER, "type": "custom", "binding_status": "available" });
        let unmanaged = json!({
            "id": UNMANAGED, "validity_period_days": 30, "binding_status": "inactive",
        });
        for seed in [custom, unmanaged] {
            let id = self.plant(account, &seed).await;
            self.foreign.entry(account.to_owned()).or_default().push(id);
        }
    }

    /// Calls the sandbox beside the API.
    pub(crate) async fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        let request = http::Request::builder().method(method).uri(path);
        let body = Bytes::from(body.to_string());
        let response = self.wire.act(request.body(body).unwrap()).await;
        let text = String::from_utf8_lossy(response.body()).into_owned();
        assert!(response.status().is_success(), "{method} {path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// What Gateway uses.
    pub(crate) async fn in_use(&self, account: &str) -> String {
        let path = format!("/sandbox/accounts/{account}");
        let shown = self.control("GET", &path, &Value::Null).await;
        let id = &shown["settings"]["certificate"]["id"];
        id.as_str().unwrap().to_owned()
    }

    /// Asks the API of the first account for something, as certctl does.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: &Value) {
        let uri = format!("{BASE}/client/v4/accounts/{ACME}/{path}");
        let request = http::Request::builder().method(method).uri(uri);
        let request = request
            .header("authorization", "Bearer a-token-for-tests")
            .header("content-type", "application/json")
            .body(Bytes::from(body.to_string()));
        let response = self.wire.act(request.unwrap()).await;
        assert!(response.status().is_success(), "{response:?}");
    }

    /// What should be, from now on.
    pub(crate) fn declare(&mut self, yaml: &str) {
        let source = Source {
            name: "certctl.yaml".to_owned(),
            text: yaml.to_owned(),
        };
        let options = ParseOptions {
            env: &|_| None,
            mode: Mode::Use,
            accounts: &[],
        };
        let sources = Sources::from_iter([source]).with_named(own::files());
        let parsed = certctl_spec::parse(&sources, &options);
        self.spec = parsed
            .spec
            .unwrap_or_else(|| panic!("{:?}", parsed.diagnostics));
    }

    /// What the account and its clock are like, until that is said again.
    pub(crate) fn surround(&self, conditions: Conditions) {
        self.sandbox.set_conditions(conditions).unwrap();
    }

    /// Counts requests and writes from now, and lets these faults strike.
    pub(crate) fn arm(&self, troubles: &[Trouble]) {
        let (mut requests, mut writes) = (Vec::new(), Vec::new());
        for trouble in troubles {
            match *trouble {
                Trouble::Request(n, fault) => requests.push((n, fault)),
                Trouble::Write(n, fault) => writes.push((n, fault)),
            }
        }
        self.wire.arm(requests);
        self.writes.done.store(0, Ordering::SeqCst);
        *self.writes.due.lock().unwrap() = writes;
    }

    /// How many requests that are no reads were sent since it was armed.
    pub(crate) fn writes_sent(&self) -> usize {
        self.wire.sent().iter().filter(|reads| !**reads).count()
    }

    /// Whether a fault struck a request since it was armed.
    pub(crate) fn was_struck(&self) -> bool {
        self.wire.was_struck()
    }

    /// How often the state was written since it was armed.
    pub(crate) fn writes(&self) -> usize {
        self.writes.done.load(Ordering::SeqCst)
    }

    /// A new process.
    pub(crate) fn begin(&self) {
        self.life.begin();
        self.wire.restore();
    }

    /// A plain `apply`, as a new process.
    pub(crate) async fn apply(&self) -> Run {
        self.apply_as(|_| Approval::Everything).await
    }

    /// An `apply` of what is approved, given the plan.
    pub(crate) async fn apply_as(&self, approve: impl FnOnce(&Plan) -> Approval) -> Run {
        self.begin();
        let (_keep, stop) = watch::channel(false);
        let sink: Sink = Arc::new(|_| {});
        let work = async {
            let client = self.client(self.wire.clone());
            let settings = settings();
            let fleet = self.fleet(&client, &settings);
            let plan = fleet.plan(&fleet.survey().await, &[], Vec::new());
            let approval = approve(&plan);
            let report = fleet.apply(&plan, &approval, &sink, &stop).await;
            let plan = Box::new(plan);
            Run::Ended { plan, report }
        };
        let run = tokio::select! {
            biased;
            () = self.life.ended() => Run::Killed,
            run = work => if self.life.is_over() { Run::Killed } else { run },
        };
        self.life.end();
        run
    }

    /// A `plan`, over a wire without faults that nobody counts.
    pub(crate) async fn plan(&self) -> Plan {
        let wire = Arc::new(Wire::new(&self.sandbox, Arc::default()));
        let client = self.client(wire);
        let settings = settings();
        let fleet = self.fleet(&client, &settings);
        fleet.plan(&fleet.survey().await, &[], Vec::new())
    }

    /// How many files and directories the state has.
    pub(crate) fn files(&self) -> usize {
        std::fs::read_dir(self.directory.path()).unwrap().count()
    }

    /// The document of an account.
    pub(crate) async fn document(&self, account: &str) -> Option<Document> {
        let account_id: AccountId = account.parse().unwrap();
        let origin = ORIGIN.to_owned();
        let key = Key { origin, account_id };
        self.store.load(&key).await.unwrap()
    }

    /// What is on record of an account.
    pub(crate) async fn records(&self, account: &str) -> Vec<AuditRecord> {
        let account_id: AccountId = account.parse().unwrap();
        let origin = ORIGIN.to_owned();
        self.store.audit(&Key { origin, account_id }).await.unwrap()
    }

    /// A client of the API, over this wire.
    pub(crate) fn client(&self, wire: Arc<Wire>) -> Client {
        let endpoint = Endpoint::parse(&format!("{BASE}/client/v4")).unwrap();
        let credentials = Credentials::token("a-token-for-tests").unwrap();
        Client::with_transport(endpoint, credentials, ClientOptions::default(), wire)
    }

    /// The accounts behind this client.
    pub(crate) fn fleet<'a>(&'a self, client: &'a Client, settings: &'a Settings) -> Fleet<'a> {
        Fleet {
            planner: &certctl_planner::Rules,
            spec: &self.spec,
            client,
            keys: &own::Keys,
            store: &self.store,
            origin: ORIGIN,
            options: &self.options,
            devices: Devices::default(),
            clock: self.clock.clone(),
            settings,
        }
    }
}

impl Writes {
    fn ask(&self, point: WritePoint, life: &Life) -> io::Result<()> {
        if point == WritePoint::Before {
            self.done.fetch_add(1, Ordering::SeqCst);
        }
        let n = self.done.load(Ordering::SeqCst) - 1;
        let due = self.due.lock().unwrap();
        let due = due
            .iter()
            .find(|(at, fault)| *at == n && fault.point() == point);
        match due {
            _ if life.is_over() => Err(io::Error::other("the process is dead")),
            Some((_, WriteFault::Kills(_))) => {
                life.kill();
                Err(io::Error::other("the process is killed"))
            }
            Some((_, WriteFault::Fails(_))) => Err(io::Error::other("no space left on device")),
            None => Ok(()),
        }
    }
}

/// How a run goes about it.
pub(crate) fn settings() -> Settings {
    Settings {
        parallelism: 4,
        wait_timeout: Duration::from_secs(600),
        lock_timeout: Duration::ZERO,
        request_timeout: ClientOptions::default().timeout,
        holder: Holder {
            who: "a test".to_owned(),
            r#where: "here".to_owned(),
            operation: "apply".to_owned(),
        },
        audit: Auditing::default(),
    }
}

/// A directory in memory where there is one, for a sync to a disk takes longer than all the rest.
fn scratch() -> TempDir {
    let memory = std::path::Path::new("/dev/shm");
    let made = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    made.unwrap()
}
