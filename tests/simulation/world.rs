//! The world of one history, and how its events happen: a sandbox, a state in a bucket, a spec, two
//! runners, and one clock that all of them live by.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use certctl_apply::Clock;
use certctl_model::{AccountId, Code, Guard};
use certctl_plan::{Allow, Options};
use certctl_sandbox::{Conditions, ControlCall, Fault, FaultKind, Sandbox};
use certctl_spec::{Mode, ParseOptions, Source, Sources, Spec};
use certctl_state::{Key, Location, Store};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::bucket::Bucket;
use crate::declared::{Declared, NAMES};
use crate::history::{Event, Hand, History, How, Run, calm};
use crate::record::{Ran, Record};
use crate::runner::{Ended, ORIGIN, Runner};
use crate::wire::Traffic;

pub(crate) const ACCOUNT: &str = "699d98642c564d2e855e9661899b7252";

const START: &str = "2026-11-23T00:00:00Z";
/// Then no more daily runs are made.
const MOST_REQUESTS_OF_A_HISTORY: usize = 2_500;
const DAY: Duration = Duration::from_secs(86_400);

pub(crate) struct World {
    history: History,
    sandbox: Sandbox,
    router: axum::Router,
    bucket: Arc<Bucket>,
    store: Store,
    declared: Declared,
    versions: [u32; 3],
    record: Record,
    /// How many hands have made a certificate.
    others: u32,
}

impl World {
    pub(crate) fn new(history: &History) -> Self {
        let options = certctl_sandbox::Options {
            deploy_delay: Duration::from_secs(2),
            clock: Some(START.parse().unwrap()),
            seed: Some(history.seed),
            ..certctl_sandbox::Options::default()
        };
        let sandbox = Sandbox::open(options).unwrap();
        let bucket = Arc::new(Bucket::default());
        let location = Location::parse("s3://simulated/state", Path::new("")).unwrap();
        Self {
            history: history.clone(),
            router: sandbox.router(),
            sandbox,
            store: Store::over(bucket.clone(), &location),
            bucket,
            declared: Declared::default(),
            versions: [0; 3],
            record: Record::new(history),
            others: 0,
        }
    }

    /// Lets everything happen, then a quiet time, and tells what was seen.
    pub(crate) async fn live(mut self) -> Record {
        for event in self.history.events.clone() {
            self.happen(&event).await;
            if self.record.runs.iter().any(Ran::is_endless) {
                // Nothing can be said of what comes after, and it would come without end.
                break;
            }
        }
        self.calm_down().await;
        self.record.journal = self.sandbox.journal().unwrap();
        self.record
    }

    async fn happen(&mut self, event: &Event) {
        let runs = matches!(event, Event::Days(..) | Event::Run(_) | Event::Two(..));
        if runs && self.declared.certificates.is_empty() {
            return;
        }
        match event {
            Event::Pass(seconds) => tokio::time::sleep(Duration::from_secs(*seconds)).await,
            Event::Days(days, how) => {
                for _ in 0..*days {
                    if self.is_long() {
                        break;
                    }
                    tokio::time::sleep(DAY).await;
                    self.run(&calm(*how)).await;
                }
            }
            Event::Edit(edit) => {
                self.declared.edit(*edit, &mut self.versions);
                let now = self.sandbox.now();
                self.record.declare(now, &self.declared);
            }
            Event::Run(run) => self.run(run).await,
            Event::Two(first, later, second) => {
                let later = Duration::from_millis(*later);
                self.two(first, later, second).await;
            }
            Event::Hand(hand) => {
                if let Some(call) = self.call(*hand).await {
                    self.control(&call.method, &call.path, &call.body).await;
                }
            }
            Event::Conditions(conditions) => {
                self.sandbox.set_conditions(*conditions).unwrap();
                self.record.conditions(conditions);
            }
            Event::StateComesBack(back) => {
                if self.bucket.bring_back(*back).await {
                    self.record.states_came_back.push(self.sandbox.now());
                }
            }
        }
    }

    /// Nothing goes wrong any more, the newest state is brought back, somebody answers every question;
    /// then the account has to become what is declared.
    async fn calm_down(&mut self) {
        self.sandbox.set_conditions(Conditions::default()).unwrap();
        self.sandbox.clear_faults();
        let endless = self.record.runs.iter().any(Ran::is_endless);
        let nothing = self.declared.certificates.is_empty();
        if !self.record.states_came_back.is_empty() || nothing || endless {
            self.record.ended_early = true;
            return;
        }
        // What was to turn has turned then.
        tokio::time::sleep(Duration::from_secs(60)).await;
        self.heal().await;
        self.history.ahead = [0; 2];
        self.record.quiet_since = Some(self.sandbox.now());
        // What was accepted before may be longer than what is declared now.
        let first = self.history.periods;
        let declared = self.record.declared.iter();
        let all = declared.map(|(_, declared)| declared.periods(first));
        let hours = all.map(|periods| periods.trust_hours + periods.retire_hours);
        let hours = hours.max().unwrap_or_default();
        let later = self.history.starts_later_days();
        let longest = hours / 24 + 15 + later;
        let (longest, later) = (longest as usize, later as usize);
        for n in 0..2 * longest {
            tokio::time::sleep(DAY / 2).await;
            // A rotation that somebody held, by going back, goes on when somebody says so.
            let how = match n {
                0..3 => How::Resume(n),
                _ => self.answer(),
            };
            self.run(&calm(how)).await;
            self.record.last_difference = self.difference().await;
            if self.record.last_difference.is_none() {
                return;
            }
            // No period is longer than that: nothing will come any more. What was idle before the quiet time
            // may have waited for an answer that is given only now.
            let quiet = self.record.runs.iter().rev().take(n + 1);
            let idle = quiet.take_while(|run| run.writes == 0);
            if idle.count() > 2 * (8 + later) + 6 {
                return;
            }
        }
    }

    /// What a person does who reads what the last run said: what fails verification, or has expired and
    /// nothing renews it, is replaced.
    fn answer(&self) -> How {
        let Some(Ended::By { said, .. }) = self.record.runs.last().map(|run| &run.ended) else {
            return How::Answered;
        };
        let mut failed = said.iter().filter(|d| {
            matches!(
                d.code,
                Code::VerificationFailed | Code::ExpiresUnrenewed | Code::Expired
            ) && d.is_error()
        });
        let name = failed.find_map(|d| Some(d.address.as_ref()?.certificate.to_string()));
        let mut names = self.declared.certificates.keys();
        let index = name.and_then(|name| names.position(|declared| **declared == name));
        index.map_or(How::Answered, How::Replace)
    }

    /// Whether so much was asked of the API that the rest of a long time adds nothing.
    fn is_long(&self) -> bool {
        let requests = self.record.runs.iter().map(|run| run.requests);
        requests.sum::<usize>() > MOST_REQUESTS_OF_A_HISTORY
    }

    /// Statuses that nobody knows are taken back, and what is stuck is finished.
    async fn heal(&self) {
        for certificate in self.certificates().await {
            let edit = match certificate["status"].as_str() {
                Some("in_orbit") => json!({ "binding_status": "inactive" }),
                Some("pending_deployment" | "pending_deletion") => {
                    json!({ "settles_in_seconds": 1 })
                }
                _ => continue,
            };
            let path = format!("{}/certificates/{}", account(), text(&certificate["id"]));
            self.control("PATCH", &path, &edit).await;
        }
    }

    async fn run(&mut self, run: &Run) {
        let ran = self.begin(run).await.await;
        self.sandbox.clear_faults();
        self.record.runs.push(ran);
    }

    async fn two(&mut self, first: &Run, later: Duration, second: &Run) {
        let one = self.begin(first).await;
        let two = self.begin(second).await;
        let two = async {
            tokio::time::sleep(later).await;
            two.await
        };
        let (one, two) = tokio::join!(one, two);
        self.sandbox.clear_faults();
        // Whose saves these were is not known.
        let saves = 0;
        let runs = [one, two].map(|run| Ran { saves, ..run });
        self.record.runs.extend(runs);
    }

    /// Arms what is to go wrong, and gives the run.
    async fn begin(&mut self, run: &Run) -> impl Future<Output = Ran> + use<> {
        for fault in &run.faults {
            self.sandbox.inject(self.aimed(fault).await).await;
        }
        for (nth, hand) in &run.hands {
            if let Some(call) = self.call(*hand).await {
                let hand = Fault {
                    nth: *nth,
                    call: Some(call),
                    ..Fault::new(FaultKind::Hand)
                };
                self.sandbox.inject(hand).await;
            }
        }
        self.bucket.arm(run.losses.clone());
        let options = self.options(run.how).await;
        let spec = self.spec();
        let (store, router) = (self.store.clone(), self.router.clone());
        let (sandbox, bucket) = (self.sandbox.clone(), self.bucket.clone());
        let ahead = self.history.ahead[run.runner];
        let (how, dies) = (run.how, run.dies);
        let declarations = self.record.declared.len();
        let traffic = Arc::new(Traffic::default());
        async move {
            let from = sandbox.now();
            let ahead = jiff::SignedDuration::from_secs(ahead);
            let writes = bucket.writes();
            let runner = Runner {
                router,
                traffic: traffic.clone(),
                store: &store,
                spec: &spec,
                options,
                clock: Clock::starting_at(from.checked_add(ahead).unwrap()),
                how,
                dies,
            };
            let ended = runner.run().await;
            Ran {
                from,
                to: sandbox.now(),
                how,
                declarations,
                ended,
                requests: traffic.requests(),
                writes: traffic.writes(),
                saves: bucket.writes() - writes,
            }
        }
    }

    /// A fault that answers with another id sometimes answers with one that is there.
    async fn aimed(&self, fault: &Fault) -> Fault {
        let known = if fault.kind == FaultKind::WrongId && fault.nth.is_multiple_of(2) {
            let certificates = self.certificates().await;
            certificates.first().map(|c| text(&c["id"]))
        } else {
            None
        };
        Fault {
            id: known,
            ..fault.clone()
        }
    }

    async fn options(&mut self, how: How) -> Options {
        let address = |index: usize| {
            let names: Vec<_> = self.declared.certificates.keys().collect();
            format!("acme/{}", names[index % names.len()])
                .parse()
                .unwrap()
        };
        let mut options = Options::default();
        match how {
            How::Plan | How::Approved | How::Saved(_) | How::Unapproved => {}
            How::Unattended => options.only_rotation = true,
            How::Answered => {
                // Nobody says of a certificate of certctl's own that it is a stranger's.
                let guards = Guard::ALL.iter().filter(|g| **g != Guard::StaleState);
                options.allow = guards.map(|guard| Allow::everywhere(*guard)).collect();
            }
            How::Replace(index) => drop(options.replace.insert(address(index))),
            How::Compromised(index) => drop(options.compromised.insert(address(index))),
            How::Rollback(index) => drop(options.rollback.insert(address(index))),
            How::Resume(index) => drop(options.resume.insert(address(index))),
        }
        if self.document().await {
            options
        } else {
            // Nothing was ever remembered, so whoever begins says that this is the beginning.
            let begins = Allow::everywhere(Guard::NewState);
            options.allow.insert(begins);
            options
        }
    }

    async fn document(&self) -> bool {
        let account_id: AccountId = ACCOUNT.parse().unwrap();
        let origin = ORIGIN.to_owned();
        let key = Key { origin, account_id };
        self.store.load(&key).await.unwrap().is_some()
    }

    fn spec(&self) -> Spec {
        let source = Source {
            name: "certctl.yaml".to_owned(),
            text: self.declared.yaml(ACCOUNT, self.history.periods),
        };
        let options = ParseOptions {
            env: &|_| None,
            mode: Mode::Use,
            accounts: &[],
        };
        let parsed = certctl_spec::parse(&Sources::from_iter([source]), &options);
        parsed
            .spec
            .unwrap_or_else(|| panic!("{:?}", parsed.diagnostics))
    }

    /// What a hand does, as things stand.
    async fn call(&mut self, hand: Hand) -> Option<ControlCall> {
        let certificates = self.certificates().await;
        let chosen = |index: usize| {
            let chosen = certificates.get(index % certificates.len().max(1))?;
            Some(format!(
                "{}/certificates/{}",
                account(),
                text(&chosen["id"])
            ))
        };
        let call = |method: &str, path: String, body: Value| {
            let method = method.to_owned();
            Some(ControlCall { method, path, body })
        };
        let patch = |index, body| call("PATCH", chosen(index)?, body);
        match hand {
            Hand::Create { available } => {
                self.others += 1;
                let status = if available { "available" } else { "inactive" };
                let seed = json!({
                    "validity_period_days": 1_000 + self.others, "binding_status": status,
                    "spends_quota": true,
                });
                call("POST", format!("{}/certificates", account()), seed)
            }
            Hand::Spend => {
                self.others += 1;
                let seed =
                    json!({ "validity_period_days": 1_000 + self.others, "spends_quota": true });
                call("POST", format!("{}/certificates", account()), seed)
            }
            Hand::Use(index) => patch(index, json!({ "in_use": true })),
            Hand::Deactivate(index) => {
                patch(index, json!({ "binding_status": "pending_deletion" }))
            }
            Hand::Delete(index) => call("DELETE", chosen(index)?, Value::Null),
            Hand::Activate(index) => {
                patch(index, json!({ "binding_status": "pending_deployment" }))
            }
            Hand::Turn(index, to, seconds) => {
                let turns = json!({ "settles_in_seconds": seconds, "settles_to": to.word() });
                patch(index, turns)
            }
        }
    }

    /// What of the declaration is not so; none when the account is exactly what is declared.
    async fn difference(&self) -> Option<String> {
        let certificates = self.certificates().await;
        let issued = self.issued();
        let is_ours = |c: &&Value| issued.contains_key(&text(&c["id"]));
        let ours: Vec<&Value> = certificates.iter().filter(is_ours).collect();
        let used = self.in_use().await;
        for name in NAMES {
            let Some(declared) = self.declared.certificates.get(name) else {
                continue;
            };
            let days = declared.days;
            let is_of_it = |c: &&&Value| issued[&text(&c["id"])].abs_diff(days) <= 1;
            let of_it: Vec<&&Value> = ours.iter().filter(is_of_it).collect();
            let [one] = of_it.as_slice() else {
                return Some(format!(
                    "{} certificates of {days} days are there",
                    of_it.len()
                ));
            };
            let status = text(&one["status"]);
            let wanted = if declared.active {
                "available"
            } else {
                "inactive"
            };
            if status != wanted {
                return Some(format!("{name} is {status}"));
            }
            if self.declared.in_use == Some(name) && used.as_ref() != Some(&text(&one["id"])) {
                return Some(format!("{name} is not in use"));
            }
        }
        (ours.len() != self.declared.certificates.len())
            .then(|| format!("{} certificates are ours", ours.len()))
    }

    /// The days of each certificate that requests have made.
    fn issued(&self) -> BTreeMap<String, u32> {
        let journal = self.sandbox.journal().unwrap();
        let effects = journal.into_iter().flat_map(|entry| entry.effects);
        let created = effects.filter(|effect| effect.effect == "created");
        created
            .filter_map(|effect| Some((effect.certificate_id?, effect.days?)))
            .collect()
    }

    async fn in_use(&self) -> Option<String> {
        let shown = self.control("GET", &account(), &Value::Null).await;
        let id = shown["settings"]["certificate"]["id"].as_str();
        id.map(str::to_owned)
    }

    async fn certificates(&self) -> Vec<Value> {
        let shown = self.control("GET", &account(), &Value::Null).await;
        shown["certificates"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    }

    /// Calls the control plane; what it refuses has no effect, and gives null.
    async fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = match body {
            Value::Null => Body::empty(),
            body => Body::from(body.to_string()),
        };
        let request = http::Request::builder().method(method);
        let request = request.uri(format!("/sandbox{path}")).body(body).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        serde_json::from_slice(&body).unwrap_or_default()
    }
}

fn account() -> String {
    format!("/accounts/{ACCOUNT}")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
