//! Creates whose outcome is not known, and what else could double them: two runs at once, a plan that
//! is applied twice, somebody else who creates at the same moment.

use certctl_apply::Approval;
use certctl_model::{CertificateId, Code, Diagnostic};
use serde_json::json;

use crate::fault::{Fault, Trouble};
use crate::oracle;
use crate::sweep::{converge, paused};
use crate::world::{ACME, Run, World};

/// The request of the first run that creates: the plan reads the list, the settings of devices and the
/// configuration, and the run the first and the last of them.
const CREATE: usize = 5;

fn spec(import: &str) -> String {
    format!(
        "version: 1
accounts:
  - name: acme
    account_id: {ACME}
    certificates:
      - {{ name: inspection, validity_period_days: 1825, in_use: true{import} }}"
    )
}

async fn world() -> World {
    let mut world = World::new();
    world.plant_foreign(ACME).await;
    world.declare(&spec(""));
    world
}

fn errors(run: &Run) -> Vec<&Diagnostic> {
    match run {
        Run::Killed => panic!("it was killed"),
        Run::Ended { report, .. } => report.diagnostics.iter().filter(|d| d.is_error()).collect(),
    }
}

/// Our response is lost, and at the same moment somebody else creates one that looks the same.
async fn two_that_fit() -> (World, Vec<String>) {
    let world = world().await;
    world.arm(&[Trouble::Request(CREATE, Fault::KillAfter)]);
    assert!(matches!(world.apply().await, Run::Killed));
    let now = world.sandbox.now().to_string();
    let theirs =
        json!({ "validity_period_days": 1825, "binding_status": "inactive", "created_at": now });
    let theirs = world.plant(ACME, &theirs).await;
    let ours = world.sandbox.summary().unwrap()[ACME].created[0].clone();
    (world, vec![ours, theirs])
}

#[test]
fn two_candidates_are_named_and_nothing_is_done() {
    paused(async {
        let (world, both) = two_that_fit().await;
        let plan = world.plan().await;
        let run = world.apply().await;
        assert!(!run.is_success());
        let error = plan.diagnostics.iter().find(|d| d.is_error()).unwrap();
        assert_eq!(error.code, Code::AmbiguousCreate);
        for id in &both {
            assert!(error.message.contains(id), "{}", error.message);
        }
        let hint = error.hint.as_deref().unwrap();
        assert!(
            hint.contains("import:") && hint.contains("state settle"),
            "{hint}"
        );
        assert_eq!(world.sandbox.summary().unwrap()[ACME].creations, 1);
    });
}

#[test]
fn an_import_settles_two_candidates() {
    for ours in [true, false] {
        paused(async {
            let (mut world, both) = two_that_fit().await;
            let (chosen, other) = if ours {
                (&both[0], &both[1])
            } else {
                (&both[1], &both[0])
            };
            world.declare(&spec(&format!(", import: {chosen}")));
            converge(&world, None).await.unwrap();
            let document = world.document(ACME).await.unwrap();
            let chosen: CertificateId = chosen.parse().unwrap();
            assert!(document.state.binding(&chosen).is_some());
            // The other one is nobody's: it is shown, and left alone.
            world.foreign.get_mut(ACME).unwrap().push(other.clone());
            oracle::check(&world, ACME, 1).await.unwrap();
        });
    }
}

#[test]
fn of_two_runs_at_once_one_is_refused() {
    paused(async {
        let world = world().await;
        let (one, other) = tokio::join!(world.apply(), world.apply());
        assert!(one.is_success() != other.is_success());
        let refused = if one.is_success() { &other } else { &one };
        let [error] = errors(refused)[..] else {
            panic!("{refused:?}");
        };
        for word in ["a test", "here", "since"] {
            assert!(error.message.contains(word), "{}", error.message);
        }
        converge(&world, None).await.unwrap();
        oracle::check(&world, ACME, 1).await.unwrap();
    });
}

/// Also where it was made from an empty state, so that no serial tells it from the one after.
#[test]
fn a_plan_that_is_applied_twice_creates_once() {
    paused(async {
        let mut world = world().await;
        let saved = world.plan().await;
        let approved = || Approval::Plan(Box::new(saved.clone()));
        let (one, other) = tokio::join!(
            world.apply_as(|_| approved()),
            world.apply_as(|_| approved())
        );
        assert!(one.is_success() != other.is_success());
        world.apply_as(|_| approved()).await;
        world
            .apply_as(|_| Approval::Digests([saved.digest.clone()].into()))
            .await;
        oracle::check(&world, ACME, 1).await.unwrap();
        // Gone from the spec and from the account, it is not brought back by the old plan either.
        world.declare(&spec("").replace("inspection", "another"));
        let stale = world.apply_as(|_| approved()).await;
        assert!(!stale.is_success());
        oracle::check(&world, ACME, 1).await.unwrap();
    });
}

#[test]
fn planning_only_reads() {
    paused(async {
        let world = world().await;
        let before = world.sandbox.journal().unwrap().len();
        world.plan().await;
        let journal = world.sandbox.journal().unwrap();
        assert!(journal.len() > before);
        assert!(
            journal
                .iter()
                .skip(before)
                .all(|entry| entry.method == "GET")
        );
        assert!(world.document(ACME).await.is_none());
        assert_eq!(world.files(), 0);
    });
}
