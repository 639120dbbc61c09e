//! The matrix: a scenario is run once without faults, which says how many requests and writes it
//! makes; then once for each of them and each fault, and once in each of the surroundings, alone and
//! with the worst faults. The oracle is asked after every case.

use std::future::Future;
use std::time::Duration;

use certctl_apply::Approval;
use certctl_model::Code;
use certctl_plan::{Plan, WaitFor};
use serde_json::Value;

use crate::fault::{Fault, Trouble, WriteFault};
use crate::meetings;
use crate::oracle;
use crate::surroundings::Surroundings;
use crate::world::{ACME, Run, World};

/// How many runs a phase may take in which faults strike.
const RUNS: usize = 4;

/// One thing that happens in a scenario.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// The spec is this from now on.
    Declare(String),
    /// Somebody else puts a certificate into the first account.
    Plant(Value),
    /// Somebody else deletes one of the first account, whatever it is.
    Remove(&'static str),
    /// Time passes.
    Pass(Duration),
    /// `apply`, again and again, until everything that is due is done.
    Apply,
    /// The same with a plan that was saved and approved before, and with nothing else.
    ApplySaved,
}

/// A story that ends well, whatever happens.
#[derive(Debug, Clone)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) accounts: Vec<&'static str>,
    /// What happened before faults strike.
    pub(crate) before: Vec<Act>,
    /// What happens while they do.
    pub(crate) acts: Vec<Act>,
    /// How many certificates each account needs to have created at the end.
    pub(crate) creations: usize,
}

/// What goes wrong in one play of a scenario.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) around: Vec<Surroundings>,
    pub(crate) troubles: Vec<Trouble>,
}

impl Case {
    /// Nothing goes wrong but this.
    pub(crate) fn of(troubles: &[Trouble]) -> Self {
        Self {
            around: Vec::new(),
            troubles: troubles.to_vec(),
        }
    }
}

/// How much a scenario does: for each request whether it only reads, and how many writes.
#[derive(Debug)]
pub(crate) struct Size {
    pub(crate) requests: Vec<bool>,
    writes: usize,
}

/// Runs the whole matrix of a scenario, and prints how many cases hold.
///
/// # Panics
/// With the first cases that do not.
pub(crate) fn sweep(scenario: &Scenario) {
    let calm = case(scenario, &Case::of(&[]));
    let size = calm.unwrap_or_else(|why| panic!("{}: {why}", scenario.name));
    let mut cases: Vec<Case> = singles(&size).map(|trouble| Case::of(&[trouble])).collect();
    cases.extend(surrounded(&size));
    cases.extend(meetings::of(&size));
    if std::env::var("CERTCTL_FAULTS").as_deref() == Ok("all") {
        cases.extend(pairs(&size).map(|troubles| Case::of(&troubles)));
    }
    let failed: Vec<String> = cases
        .iter()
        .filter_map(|one| {
            let why = case(scenario, one).err()?;
            Some(format!("{one:?}: {why}"))
        })
        .collect();
    let (all, bad) = (cases.len(), failed.len());
    assert!(
        failed.is_empty(),
        "{}: {bad} of {all} cases do not hold:\n{}",
        scenario.name,
        failed
            .iter()
            .take(12)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n"),
    );
    crate::tell(&format!(
        "faults: {}: {all} cases hold ({} requests, {} writes)",
        scenario.name,
        size.requests.len(),
        size.writes,
    ));
}

/// Whether a write follows, or is one itself: a hand elsewhere is one that the next look sees.
pub(crate) fn is_near_a_write(size: &Size, n: usize) -> bool {
    size.requests.iter().skip(n).take(3).any(|reads| !reads)
}

fn singles(size: &Size) -> impl Iterator<Item = Trouble> {
    let requests = size
        .requests
        .iter()
        .enumerate()
        .flat_map(move |(n, reads)| {
            let near = is_near_a_write(size, n);
            let faults = Fault::ALL
                .into_iter()
                .filter(move |fault| !reads || fault.concerns_reads())
                .filter(move |fault| near || !fault.is_a_hand());
            faults.map(move |fault| Trouble::Request(n, fault))
        });
    let writes =
        (0..size.writes).flat_map(|n| WriteFault::all().map(move |f| Trouble::Write(n, f)));
    requests.chain(writes)
}

/// Each of the surroundings, alone, and where answers to writes are lost besides.
fn surrounded(size: &Size) -> impl Iterator<Item = Case> {
    let alone = Surroundings::ALL.into_iter().map(|around| (around, None));
    let writes = size.requests.iter().enumerate();
    let writes: Vec<usize> = writes
        .filter(|(_, reads)| !*reads)
        .map(|(n, _)| n)
        .collect();
    let with = Surroundings::WITH_FAULTS
        .into_iter()
        .flat_map(move |around| {
            let lost = writes.clone().into_iter().flat_map(move |n| {
                [Fault::ResetAfter, Fault::Late].map(|fault| Trouble::Request(n, fault))
            });
            lost.map(move |trouble| (around, Some(trouble)))
        });
    alone.chain(with).map(|(around, trouble)| Case {
        around: vec![around],
        troubles: trouble.into_iter().collect(),
    })
}

/// Two faults, the worst of them, at any two places.
fn pairs(size: &Size) -> impl Iterator<Item = Vec<Trouble>> {
    let worst = |trouble: &Trouble| match trouble {
        Trouble::Request(_, fault) => Fault::WORST.contains(fault),
        Trouble::Write(_, fault) => matches!(fault, WriteFault::Kills(_)),
    };
    let first: Vec<Trouble> = singles(size).filter(worst).collect();
    let second = first.clone();
    first.into_iter().flat_map(move |one| {
        let later: Vec<Vec<Trouble>> = second
            .iter()
            .filter(|other| is_later(**other, one))
            .map(|other| vec![one, *other])
            .collect();
        later
    })
}

fn is_later(other: Trouble, one: Trouble) -> bool {
    match (one, other) {
        (Trouble::Request(a, _), Trouble::Request(b, _))
        | (Trouble::Write(a, _), Trouble::Write(b, _)) => a < b,
        (Trouble::Request(..), Trouble::Write(..)) => true,
        (Trouble::Write(..), Trouble::Request(..)) => false,
    }
}

/// Runs a scenario with these faults, on a paused clock of its own.
pub(crate) fn case(scenario: &Scenario, case: &Case) -> Result<Size, String> {
    paused(async {
        let mut world = World::new();
        for account in &scenario.accounts {
            world.plant_foreign(account).await;
        }
        perform(&mut world, &scenario.before, &[]).await?;
        world.arm(&case.troubles);
        perform(&mut world, &scenario.acts, &case.around).await?;
        let size = Size {
            requests: world.wire.sent(),
            writes: world.writes(),
        };
        for account in &scenario.accounts {
            oracle::check(&world, account, scenario.creations).await?;
        }
        Ok(size)
    })
}

/// On a runtime whose clock leaps to the next thing that anybody waits for.
pub(crate) fn paused<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(work)
}

/// Lets these things happen, each run of them in these surroundings.
pub(crate) async fn perform(
    world: &mut World,
    acts: &[Act],
    around: &[Surroundings],
) -> Result<(), String> {
    for act in acts {
        match act {
            Act::Declare(yaml) => world.declare(yaml),
            Act::Plant(seed) => {
                let id = world.plant(ACME, seed).await;
                if seed["type"] == "custom" {
                    world.uploaded.push(id);
                }
            }
            Act::Remove(id) => {
                let path = format!("/sandbox/accounts/{ACME}/certificates/{id}");
                world.control("DELETE", &path, &Value::Null).await;
            }
            Act::Pass(time) => tokio::time::sleep(*time).await,
            Act::Apply => converge_in(world, None, around).await?,
            Act::ApplySaved => {
                let saved = world.plan().await;
                converge_in(world, Some(&saved), around).await?;
            }
        }
    }
    Ok(())
}

/// Applies until nothing is due, and holds every run that says so to its word.
pub(crate) async fn converge(world: &World, saved: Option<&Plan>) -> Result<(), String> {
    converge_in(world, saved, &[]).await
}

/// The same; the first run finds these surroundings.
async fn converge_in(
    world: &World,
    saved: Option<&Plan>,
    around: &[Surroundings],
) -> Result<(), String> {
    let (mut said, mut saved) = (String::new(), saved);
    for n in 0..RUNS {
        // The first retry comes at once, as from a person; those that follow as from a schedule.
        if n > 1 {
            tokio::time::sleep(Duration::from_secs(90)).await;
        }
        let approved = saved.map(|saved| Approval::Plan(Box::new(saved.clone())));
        let found = if n == 0 { around } else { &[] };
        let before = world.writes_sent();
        world.surround(Surroundings::of_all(found));
        let run = world
            .apply_as(|_| approved.unwrap_or(Approval::Everything))
            .await;
        world.surround(Surroundings::of_all(&[]));
        let by_hand = world.wire.dashboard.take_back().await;
        if by_hand || found.contains(&Surroundings::Fails) {
            // What was approved before is no longer what is to be done.
            saved = None;
        }
        if found.iter().any(|one| one.forbids_writes()) && world.writes_sent() != before {
            return Err(format!("something was written in {found:?}"));
        }
        let plan = world.plan().await;
        if is_done(&plan) {
            return Ok(());
        }
        if run.is_success() && !by_hand && !counted_nobody(&run) {
            return Err(format!("a run says that it is done, but: {}", told(&plan)));
        }
        said = match &run {
            Run::Killed => format!("killed; {}", told(&plan)),
            Run::Ended { report, .. } => {
                let said = report.diagnostics.iter().map(|d| d.message.as_str());
                format!("{}; {}", said.collect::<Vec<_>>().join("; "), told(&plan))
            }
        };
        let borne = found.iter().all(|one| one.is_borne());
        if !found.is_empty() && borne && !world.was_struck() {
            return Err(format!("not borne: {said}"));
        }
    }
    Err(format!("not done after {RUNS} runs: {said}"))
}

/// Whether a switch waits, as the run says, because the devices could not be counted: no failure, and the
/// next run counts them again.
fn counted_nobody(run: &Run) -> bool {
    let said = |plan: &Plan| {
        let mut said = plan.diagnostics.iter();
        said.any(|said| said.code == Code::TrustEvidence)
    };
    matches!(run, Run::Ended { plan, .. } if said(plan))
}

/// What is left to do, and what stands in the way, in few words.
fn told(plan: &Plan) -> String {
    let changes = plan.changes.iter().map(|change| {
        let steps: Vec<&str> = change
            .steps
            .iter()
            .map(|step| step.action().as_str())
            .collect();
        let waiting = change.waiting.as_ref().map(|waiting| waiting.why);
        format!("{} {:?} {steps:?} {waiting:?}", change.address, change.kind)
    });
    let said = plan.diagnostics.iter().map(|d| d.message.clone());
    changes.chain(said).collect::<Vec<_>>().join(" | ")
}

/// Whether everything is done that can be done now.
fn is_done(plan: &Plan) -> bool {
    let by_itself = |why| matches!(why, WaitFor::Deploying | WaitFor::Settling);
    let mut waiting = plan
        .changes
        .iter()
        .filter_map(|change| change.waiting.as_ref());
    plan.applyable && !plan.has_changes && !waiting.any(|waiting| by_itself(waiting.why))
}
