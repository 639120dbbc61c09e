//! The world of one history, and how its events happen: a sandbox, a state in a bucket, a spec, two
//! runners, and one clock that all of them live by.

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use certctl_apply::Clock;
use certctl_sandbox::{Conditions, Fault, FaultKind, Sandbox};
use certctl_state::{Location, Store};

use crate::bucket::Bucket;
use crate::dashboard::{Dashboard, text};
use crate::declared::{ACCOUNTS, Declared, Edit};
use crate::history::{Event, History, How, Reach, Run, calm};
use crate::record::{Process, Ran, Record};
use crate::runner::{Outcome, Runner};
use crate::wire::{Traffic, Wire};

const START: &str = "2026-11-23T00:00:00Z";
/// Then no more daily runs are made.
const MOST_REQUESTS_OF_A_HISTORY: usize = 2_500;
pub(crate) const DAY: Duration = Duration::from_secs(86_400);

pub(crate) struct World {
    pub(crate) history: History,
    pub(crate) dashboard: Dashboard,
    pub(crate) bucket: Arc<Bucket>,
    pub(crate) store: Store,
    /// What is declared of each account.
    pub(crate) declared: Vec<Declared>,
    versions: Vec<[u32; 3]>,
    pub(crate) reach: Vec<Reach>,
    /// Whether the API answers at once, by the right clock, and shows what is so.
    pub(crate) is_clear: bool,
    pub(crate) record: Record,
}

/// A run that has ended, before anybody looks at what it was for each account.
struct Over {
    process: Process,
    outcome: Outcome,
    hows: Vec<How>,
    declarations: usize,
    saves: usize,
    traffic: Arc<Traffic>,
    moved: Option<String>,
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
        let declared = |tier: &usize| Declared {
            tier: *tier,
            ..Declared::default()
        };
        let accounts = history.tiers.len();
        Self {
            history: history.clone(),
            dashboard: Dashboard::new(sandbox, accounts),
            store: Store::over(bucket.clone(), &location),
            bucket,
            declared: history.tiers.iter().map(declared).collect(),
            versions: vec![[0; 3]; accounts],
            reach: vec![Reach::Everything; accounts],
            is_clear: true,
            record: Record::new(history),
        }
    }

    /// Lets everything happen, then a quiet time, and tells what was seen.
    pub(crate) async fn live(mut self) -> Record {
        for event in self.history.events.clone() {
            self.happen(&event).await;
            if self.record.is_endless() {
                // Nothing can be said of what comes after, and it would come without end.
                break;
            }
        }
        self.calm_down().await;
        self.record.journal = self.dashboard.sandbox.journal().unwrap();
        self.record
    }

    async fn happen(&mut self, event: &Event) {
        match event {
            Event::Pass(seconds) => tokio::time::sleep(Duration::from_secs(*seconds)).await,
            Event::Days(days, how) => {
                for _ in 0..*days {
                    if self.is_long() || self.chosen(&calm(*how)).is_empty() {
                        break;
                    }
                    tokio::time::sleep(DAY).await;
                    self.run(&calm(*how)).await;
                }
            }
            Event::Edit(edit) => self.edit(*edit),
            Event::Run(run) => self.run(run).await,
            Event::Two(first, later, second) => {
                let later = Duration::from_millis(*later);
                self.two(first, later, second).await;
            }
            Event::Hand(hand) => self.dashboard.lend(*hand).await,
            Event::Conditions(conditions) => {
                self.dashboard.sandbox.set_conditions(*conditions).unwrap();
                self.is_clear = *conditions == Conditions::default();
                self.record.conditions(conditions);
            }
            Event::StateComesBack(back) => {
                if let Some(path) = self.bucket.bring_back(*back).await {
                    let now = self.dashboard.sandbox.now();
                    let mut accounts = self.record.accounts.iter_mut();
                    let of = accounts.find(|told| path.contains(told.id)).unwrap();
                    of.states_came_back.push(now);
                }
            }
            Event::Reach(account, reach) => {
                let account = account % self.reach.len();
                self.reach[account] = *reach;
                self.bucket.silence(self.without(Reach::NoState));
            }
        }
    }

    fn edit(&mut self, edit: Edit) {
        let accounts = self.declared.len();
        let all = self.declared.iter_mut().zip(&mut self.versions);
        for (account, (declared, versions)) in all.enumerate() {
            if let Some(edit) = edit.of_account(account, accounts) {
                declared.edit(edit, versions);
            }
        }
        let now = self.dashboard.sandbox.now();
        self.record.declare(now, &self.declared);
    }

    /// The accounts of which something cannot be read.
    fn without(&self, reach: Reach) -> Vec<&'static str> {
        let all = self.reach.iter().zip(ACCOUNTS);
        let without = all.filter(|(of, _)| **of == reach);
        without.map(|(_, (_, id))| id).collect()
    }

    /// Whether so much was asked of the API that the rest of a long time adds nothing.
    fn is_long(&self) -> bool {
        let runs = self.record.accounts.iter().flat_map(|told| &told.runs);
        runs.map(|run| run.requests).sum::<usize>() > MOST_REQUESTS_OF_A_HISTORY
    }

    pub(crate) async fn run(&mut self, run: &Run) {
        if self.chosen(run).is_empty() {
            return;
        }
        let ran = self.begin(run).await.await;
        self.dashboard.sandbox.clear_faults();
        self.ended(ran);
    }

    async fn two(&mut self, first: &Run, later: Duration, second: &Run) {
        if self.chosen(first).is_empty() || self.chosen(second).is_empty() {
            return;
        }
        let one = self.begin(first).await;
        let two = self.begin(second).await;
        let two = async {
            tokio::time::sleep(later).await;
            two.await
        };
        let (one, two) = tokio::join!(one, two);
        self.dashboard.sandbox.clear_faults();
        for ran in [one, two] {
            // Whose saves these were is not known.
            self.ended(Over { saves: 0, ..ran });
        }
    }

    /// Keeps what a run was for each account.
    fn ended(&mut self, ran: Over) {
        let number = self.record.processes.len();
        for (account, told) in self.record.accounts.iter_mut().enumerate() {
            let requests = ran.traffic.requests(account);
            if !ran.process.chosen[account] {
                if requests > 0 {
                    let strayed = format!("{requests} of {} at {}", told.id, ran.process.from);
                    self.record.strayed.get_or_insert(strayed);
                }
                continue;
            }
            told.runs.push(Ran {
                from: ran.process.from,
                to: ran.process.to,
                how: ran.hows[account],
                declarations: ran.declarations,
                ended: ran.outcome.in_account(ACCOUNTS[account].0),
                requests,
                writes: ran.traffic.writes(account),
                saves: ran.saves,
                process: number,
            });
        }
        if self.record.moved_by_others.is_none() {
            self.record.moved_by_others = ran.moved;
        }
        self.record.processes.push(ran.process);
    }

    /// Arms what is to go wrong, and gives the run.
    async fn begin(&mut self, run: &Run) -> impl Future<Output = Over> + use<> {
        for fault in &run.faults {
            let fault = self.aimed(fault).await;
            self.dashboard.sandbox.inject(fault).await;
        }
        for (nth, hand) in &run.hands {
            if let Some(call) = self.dashboard.call(*hand).await {
                let hand = Fault {
                    nth: *nth,
                    call: Some(call),
                    ..Fault::new(FaultKind::Hand)
                };
                self.dashboard.sandbox.inject(hand).await;
            }
        }
        self.bucket.arm(run.losses.clone());
        let options = self.options(run).await;
        let spec = self.spec(run);
        let accounts = self.declared.len();
        let chosen = self.chosen(run);
        let chosen: Vec<bool> = (0..accounts).map(|n| chosen.contains(&n)).collect();
        let unreadable = chosen.iter().zip(&self.reach).map(|pair| match pair {
            (_, Reach::NoState) => true,
            (chosen, reach) => *chosen && *reach == Reach::NoApi,
        });
        let unreadable = unreadable.collect();
        let hows = (0..accounts).map(|account| self.how_in(run, account));
        let hows = hows.collect();
        let undisturbed = run.dies.is_none()
            && run.faults.is_empty()
            && run.losses.is_empty()
            && run.hands.is_empty();
        let calm =
            undisturbed && self.is_clear && self.reach.iter().all(|r| *r == Reach::Everything);
        let traffic = Arc::new(Traffic::of(accounts));
        let silent = self.without(Reach::NoApi);
        let wire = Wire::new(self.dashboard.router.clone(), traffic.clone(), silent);
        let (store, sandbox) = (self.store.clone(), self.dashboard.sandbox.clone());
        let bucket = self.bucket.clone();
        let ahead = self.history.ahead[run.runner];
        let (how, dies) = (run.how, run.dies);
        let declarations = self
            .record
            .accounts
            .first()
            .map_or(0, |told| told.declared.len());
        let lets_go = match how {
            How::AllowWave(one) => Some(one % accounts),
            _ => None,
        };
        async move {
            let from = sandbox.now();
            let ahead = jiff::SignedDuration::from_secs(ahead);
            let writes = bucket.writes();
            let moved = RefCell::default();
            let runner = Runner {
                wire,
                store: &store,
                spec: &spec,
                options,
                clock: Clock::starting_at(from.checked_add(ahead).unwrap()),
                how,
                dies,
                moved: &moved,
            };
            let outcome = runner.run().await;
            let process = Process {
                from,
                to: sandbox.now(),
                chosen,
                unreadable,
                calm,
                lets_go,
            };
            Over {
                process,
                outcome,
                hows,
                declarations,
                saves: bucket.writes() - writes,
                traffic,
                moved: moved.into_inner(),
            }
        }
    }

    /// A fault that answers with another id sometimes answers with one that is there.
    async fn aimed(&self, fault: &Fault) -> Fault {
        let known = if fault.kind == FaultKind::WrongId && fault.nth.is_multiple_of(2) {
            let certificates = self.dashboard.certificates(0).await;
            certificates.first().map(|c| text(&c["id"]))
        } else {
            None
        };
        Fault {
            id: known,
            ..fault.clone()
        }
    }
}
