//! One run of certctl: a client, a clock of its own, a plan, and what was asked for, in a process that
//! can die.

use std::cell::RefCell;
use std::fmt;
use std::future::{Future as _, poll_fn};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use certctl_apply::{
    Approval, Auditing, Beside, Clock, Devices, Fleet, NoKey, Outcome as ResultOutcome,
    PrivateKeys, Report, Settings, Sink, Survey, is_due_shortly,
};
use certctl_cloudflare::{Client, ClientOptions, Credentials, Endpoint, SecretString};
use certctl_model::{Code, Diagnostic};
use certctl_plan::{AccountPlan, Options, Plan};
use certctl_spec::{Account, Own, Spec};
use certctl_state::{Holder, Store};
use tokio::sync::watch;

use crate::history::How;
use crate::wire::Wire;

/// The name under which the state is kept.
pub(crate) const ORIGIN: &str = "sandbox";

/// What the longest run may take: it waits two minutes for the edge and two for another's lock, and
/// patience with a throttled API is bounded by the first. A saved plan lay about for up to two hours.
const LONGEST: Duration = Duration::from_secs(3 * 3_600);

/// No history uploads anything.
pub(crate) struct NoKeys;

#[async_trait]
impl PrivateKeys for NoKeys {
    async fn private_key(&self, account: &Account, _: &Own) -> Result<SecretString, NoKey> {
        panic!("{} has nothing to upload", account.name);
    }
}

/// What became of a run.
#[derive(Debug)]
pub(crate) enum Outcome {
    Killed,
    /// It sent, or waited, without end.
    Endless,
    /// It ended by itself, with what was planned and, unless that was all, what was done.
    By(Box<Plan>, Option<Report>),
}

/// What became of a run in one account.
#[derive(Debug, Clone)]
pub(crate) enum Ended {
    Killed,
    Endless,
    /// Whether it went well there, and what it said of it.
    By {
        success: bool,
        said: Vec<Diagnostic>,
    },
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::By { success, said } = self else {
            return write!(f, "{self:?}");
        };
        write!(f, "success: {success}")?;
        said.iter().try_for_each(|diagnostic| {
            let address = diagnostic.address.iter().map(ToString::to_string);
            let address = address.collect::<String>();
            write!(f, "; {} {address}: {}", diagnostic.code, diagnostic.message)
        })
    }
}

impl Outcome {
    /// What became of it in an account; what is about none is about each.
    pub(crate) fn in_account(&self, name: &str) -> Ended {
        let (plan, report) = match self {
            Self::Killed => return Ended::Killed,
            Self::Endless => return Ended::Endless,
            Self::By(plan, report) => (plan, report.as_ref()),
        };
        let here = |d: &&Diagnostic| d.account.as_ref().is_none_or(|of| of.as_str() == name);
        let mut said: Vec<Diagnostic> = plan.diagnostics.iter().filter(here).cloned().collect();
        let stands = |d: &Diagnostic| report.is_none_or(|report| report.leaves(d));
        let mut success = !said.iter().any(|d| d.is_error() && stands(d));
        if let Some(report) = report {
            let found = report.diagnostics.iter().filter(here).cloned();
            let results = report.results.iter();
            let failed = results.filter(|result| result.outcome == ResultOutcome::Failed);
            let mut failed = failed.filter(|result| result.address.account.as_str() == name);
            let found: Vec<Diagnostic> = found.collect();
            success &= failed.next().is_none() && !found.iter().any(Diagnostic::is_error);
            said.extend(found);
        }
        Ended::By { success, said }
    }
}

/// Everything that a run starts with.
pub(crate) struct Runner<'a> {
    pub(crate) wire: Wire,
    pub(crate) store: &'a Store,
    pub(crate) spec: &'a Spec,
    pub(crate) options: Options,
    pub(crate) clock: Clock,
    pub(crate) how: How,
    pub(crate) dies: Option<u32>,
    /// Where it says which account has another digest beside the others than alone.
    pub(crate) moved: &'a RefCell<Option<String>>,
}

impl Runner<'_> {
    /// Runs to its end, whichever that is.
    pub(crate) async fn run(self) -> Outcome {
        let mut left = self.dies;
        let mut work = Box::pin(self.work());
        // A process that dies is dropped in the middle of an await.
        let mortal = poll_fn(|context| {
            if let Some(left) = &mut left {
                if *left == 0 {
                    return Poll::Ready(Outcome::Killed);
                }
                *left -= 1;
            }
            work.as_mut().poll(context)
        });
        let ended = tokio::time::timeout(LONGEST, mortal).await;
        ended.unwrap_or(Outcome::Endless)
    }

    async fn work(self) -> Outcome {
        let client = client(self.wire.clone());
        let settings = settings();
        let fleet = Fleet {
            planner: &certctl_planner::Rules,
            spec: self.spec,
            client: &client,
            keys: &NoKeys,
            store: self.store,
            origin: ORIGIN,
            options: &self.options,
            devices: Devices::default(),
            clock: self.clock.clone(),
            settings: &settings,
        };
        let surveys = fleet.survey().await;
        let mut plan = self.plan(&fleet, &surveys).await;
        let asks = plan.has_changes || plan.changes.iter().any(|c| is_due_shortly(c, &self.clock));
        let accepted = Options {
            unapproved: self.how == How::Unapproved,
            ..self.options.clone()
        };
        let fleet = Fleet {
            options: &accepted,
            ..fleet
        };
        let approval = match self.how {
            How::Plan => return Outcome::By(Box::new(plan), None),
            // What is due is asked for, and nobody is there to say yes.
            How::Unapproved if asks => return Outcome::By(Box::new(plan), None),
            How::Unapproved => {
                plan = self.plan(&fleet, &surveys).await;
                Approval::Earlier
            }
            How::Saved(seconds) => {
                tokio::time::sleep(Duration::from_secs(seconds.into())).await;
                let saved = Approval::Plan(Box::new(plan));
                plan = self.plan(&fleet, &fleet.survey().await).await;
                saved
            }
            How::Approved
            | How::Answered
            | How::Unattended
            | How::Replace(_)
            | How::Compromised(_)
            | How::Rollback(_)
            | How::Resume(_)
            | How::AllowWave(_) => Approval::Everything,
        };
        let sink: Sink = Arc::new(|_| {});
        let (_keep, stop) = watch::channel(false);
        let report = fleet.apply(&plan, &approval, &sink, &stop).await;
        Outcome::By(Box::new(plan), Some(report))
    }

    async fn plan(&self, fleet: &Fleet<'_>, surveys: &[Survey]) -> Plan {
        let beside = fleet.beside(surveys).await;
        let beside: Vec<_> = beside.iter().map(Beside::bystander).collect();
        let plan = fleet.plan(surveys, &beside, Vec::new());
        let mut digests = plan.accounts.iter().zip(surveys);
        let of_all = |d: &Diagnostic| d.code == Code::MassDestroy;
        if matches!(self.how, How::Plan | How::Saved(_)) && !plan.diagnostics.iter().any(of_all) {
            *self.moved.borrow_mut() =
                digests.find_map(|(planned, survey)| moved_by_others(fleet, planned, survey));
        }
        plan
    }
}

/// The account, where it has another digest alone.
fn moved_by_others(fleet: &Fleet<'_>, planned: &AccountPlan, survey: &Survey) -> Option<String> {
    let mut spec = fleet.spec.clone();
    spec.accounts.retain(|one| one.name == planned.name);
    let alone = Fleet {
        spec: &spec,
        ..fleet.clone()
    };
    let alone = alone.plan(std::slice::from_ref(survey), &[], Vec::new());
    let same = alone
        .accounts
        .iter()
        .all(|one| one.digest == planned.digest);
    (!same).then(|| format!("{} at {}", planned.name, alone.planned_at))
}

fn client(wire: Wire) -> Client {
    let endpoint = Endpoint::parse("http://127.0.0.1:1/client/v4").unwrap();
    let credentials = Credentials::token("a-token-for-tests").unwrap();
    Client::with_transport(
        endpoint,
        credentials,
        ClientOptions::default(),
        Arc::new(wire),
    )
}

fn settings() -> Settings {
    Settings {
        // More than one account at a time, and not all of them.
        parallelism: 2,
        wait_timeout: Duration::from_secs(120),
        lock_timeout: Duration::from_secs(120),
        request_timeout: ClientOptions::default().timeout,
        holder: Holder {
            who: "a simulation".to_owned(),
            r#where: "here".to_owned(),
            operation: "apply".to_owned(),
        },
        audit: Auditing::default(),
    }
}
