//! One run of certctl: a client, a clock of its own, a plan, and what was asked for, in a process that
//! can die.

use std::fmt;
use std::future::{Future as _, poll_fn};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use certctl_apply::{Approval, Auditing, Clock, Devices, Fleet, Report, Settings, Sink};
use certctl_cloudflare::{Client, ClientOptions, Credentials, Endpoint};
use certctl_model::{Diagnostic, Severity};
use certctl_plan::{Options, Plan};
use certctl_spec::Spec;
use certctl_state::{Holder, Store};
use tokio::sync::watch;

use crate::history::How;
use crate::wire::{Traffic, Wire};

/// The name under which the state is kept.
pub(crate) const ORIGIN: &str = "sandbox";

/// What the longest run may take: it waits two minutes for the edge and two for another's lock, and
/// patience with a throttled API is bounded by the first. A saved plan lay about for up to two hours.
const LONGEST: Duration = Duration::from_secs(3 * 3_600);

/// What became of a run.
#[derive(Debug)]
pub(crate) enum Ended {
    Killed,
    /// It sent, or waited, without end.
    Endless,
    /// It ended by itself: whether its exit code is 0, and what it said.
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

/// Everything that a run starts with.
pub(crate) struct Runner<'a> {
    pub(crate) router: axum::Router,
    pub(crate) traffic: Arc<Traffic>,
    pub(crate) store: &'a Store,
    pub(crate) spec: &'a Spec,
    pub(crate) options: Options,
    pub(crate) clock: Clock,
    pub(crate) how: How,
    pub(crate) dies: Option<u32>,
}

impl Runner<'_> {
    /// Runs to its end, whichever that is.
    pub(crate) async fn run(self) -> Ended {
        let mut left = self.dies;
        let mut work = Box::pin(self.work());
        // A process that dies is dropped in the middle of an await.
        let mortal = poll_fn(|context| {
            if let Some(left) = &mut left {
                if *left == 0 {
                    return Poll::Ready(Ended::Killed);
                }
                *left -= 1;
            }
            work.as_mut().poll(context)
        });
        let ended = tokio::time::timeout(LONGEST, mortal).await;
        ended.unwrap_or(Ended::Endless)
    }

    async fn work(self) -> Ended {
        let client = client(Wire::new(self.router.clone(), self.traffic.clone()));
        let settings = settings();
        let fleet = Fleet {
            planner: &certctl_planner::Rules,
            spec: self.spec,
            client: &client,
            store: self.store,
            origin: ORIGIN,
            options: &self.options,
            devices: Devices::default(),
            clock: self.clock.clone(),
            settings: &settings,
        };
        let plan = fleet.plan(&fleet.survey().await, &[], Vec::new());
        let approval = match self.how {
            How::Plan => return ended(&plan, None),
            // What is due is asked for, and nobody is there to say yes.
            How::Unapproved if plan.has_changes => return ended(&plan, None),
            How::Unapproved => Approval::Earlier,
            How::Saved(seconds) => {
                tokio::time::sleep(Duration::from_secs(seconds.into())).await;
                Approval::Plan(Box::new(plan.clone()))
            }
            How::Approved
            | How::Answered
            | How::Unattended
            | How::Replace(_)
            | How::Compromised(_)
            | How::Rollback(_)
            | How::Resume(_) => Approval::Everything,
        };
        let sink: Sink = Arc::new(|_| {});
        let (_keep, stop) = watch::channel(false);
        let report = fleet.apply(&plan, &approval, &sink, &stop).await;
        ended(&plan, Some(report))
    }
}

fn ended(plan: &Plan, report: Option<Report>) -> Ended {
    let fails = |said: &[Diagnostic]| said.iter().any(|d| d.severity == Severity::Error);
    let mut said = plan.diagnostics.clone();
    let success = match &report {
        None => !fails(&said),
        Some(report) => {
            let stands = |d: &Diagnostic| d.is_error() && report.leaves(d);
            !report.has_failed() && !said.iter().any(stands)
        }
    };
    said.extend(report.into_iter().flat_map(|report| report.diagnostics));
    Ended::By { success, said }
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
        parallelism: 1,
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
