//! The scenarios of the matrix: what people do with certificates, each phase of it.

use std::time::Duration;

use serde_json::json;

use crate::hand::Hand;
use crate::oracle;
use crate::sweep::{Act, Case, Scenario, case, paused, perform, sweep};
use crate::world::{ACME, OTHER, World};

/// A certificate that somebody else made.
const ID: &str = "f174e90a-fafe-4643-bbbc-4a0ed4fc8415";

/// Another one.
const NEXT: &str = "5d083f37-f9f9-4e75-9459-2682a07ab79e";

/// A period of the scenarios, and an hour: what is due then was delayed by faults.
pub(crate) const PERIOD: Duration = Duration::from_secs(7 * 86_400 + 3_600);

/// An account that declares these certificates, with periods of a week.
fn account(name: &str, id: &str, certificates: &str) -> String {
    format!("  - name: {name}\n    account_id: {id}\n    certificates:{certificates}\n")
}

fn spec(accounts: &[String]) -> Act {
    let rotation = "defaults: { rotation: { trust_period: 7d, retire_after: 7d } }";
    Act::Declare(format!(
        "version: 1\n{rotation}\naccounts:\n{}",
        accounts.concat()
    ))
}

/// The account `acme` declares these certificates.
pub(crate) fn acme(certificates: &str) -> Act {
    spec(&[account("acme", ACME, certificates)])
}

const TWO: &str = "
      - { name: inspection, validity_period_days: 1825, in_use: true }
      - { name: standby, validity_period_days: 365, activate: true, in_use: false }";

const ONE: &str = "
      - { name: inspection, validity_period_days: 1825, in_use: true }";

const ONE_SHORTER: &str = "
      - { name: inspection, validity_period_days: 730, in_use: true }";

pub(crate) fn scenario(
    name: &'static str,
    before: Vec<Act>,
    acts: Vec<Act>,
    creations: usize,
) -> Scenario {
    Scenario {
        name,
        accounts: vec![ACME],
        before,
        acts,
        creations,
    }
}

#[test]
fn first_issue() {
    sweep(&scenario(
        "first issue",
        vec![],
        vec![acme(TWO), Act::Apply],
        2,
    ));
}

#[test]
fn two_accounts_at_once() {
    let accounts = [account("acme", ACME, ONE), account("other", OTHER, ONE)];
    let acts = vec![spec(&accounts), Act::Apply];
    sweep(&Scenario {
        accounts: vec![ACME, OTHER],
        ..scenario("two accounts at once", vec![], acts, 1)
    });
}

/// Create and activate; a week later switch; a week later deactivate and delete.
#[test]
fn replace_of_what_is_in_use() {
    let before = vec![acme(ONE), Act::Apply, Act::Pass(PERIOD), acme(ONE_SHORTER)];
    let mut acts = vec![Act::Apply];
    for _ in 0..2 {
        acts.extend([Act::Pass(PERIOD), Act::Apply]);
    }
    sweep(&scenario("replace of what is in use", before, acts, 2));
}

/// The switch also waits for devices, which are listed; a list that fails is waited for until the next run.
#[test]
fn replace_by_what_devices_have_seen() {
    let evidence = "730, rotation: { trust_evidence: { seen: 98% } }";
    let measured = ONE_SHORTER.replace("730", evidence);
    let mut before = vec![acme(ONE), Act::Apply, Act::Pass(PERIOD), acme(&measured)];
    before.extend([Act::Apply, Act::Pass(PERIOD)]);
    let mut acts = vec![Act::Apply];
    for _ in 0..2 {
        acts.extend([Act::Pass(PERIOD), Act::Apply]);
    }
    sweep(&scenario(
        "replace by what devices have seen",
        before,
        acts,
        2,
    ));
}

/// The same, because its expiry came near, for two certificates of which one is in use.
#[test]
fn renewal() {
    let both = TWO.replace("in_use: ", "rotation: { renew_before: 90d }, in_use: ");
    let years = Duration::from_secs((365 - 89) * 86_400);
    let before = vec![acme(&both), Act::Apply, Act::Pass(years)];
    let mut acts = vec![Act::Apply];
    for _ in 0..2 {
        acts.extend([Act::Pass(PERIOD), Act::Apply]);
    }
    sweep(&scenario("renewal", before, acts, 3));
}

/// The spec changes back while devices learn to trust the successor: it is taken down again.
#[test]
fn change_of_mind() {
    let before = vec![
        acme(ONE),
        Act::Apply,
        Act::Pass(PERIOD),
        acme(ONE_SHORTER),
        Act::Apply,
    ];
    let mut acts = vec![acme(ONE), Act::Apply];
    acts.extend([Act::Pass(PERIOD), Act::Apply]);
    sweep(&scenario("change of mind", before, acts, 2));
}

/// What is in use is removed from the spec, and another takes over: switch, a week, then away.
#[test]
fn removal() {
    let without = "
      - { name: standby, validity_period_days: 365, in_use: true }";
    let before = vec![acme(TWO), Act::Apply, Act::Pass(PERIOD), acme(without)];
    let acts = vec![Act::Apply, Act::Pass(PERIOD), Act::Apply];
    sweep(&scenario("removal", before, acts, 2));
}

#[test]
fn in_use_moves_to_another_address() {
    let swapped = TWO
        .replace("true", "TRUE")
        .replace("false", "true")
        .replace("TRUE }", "false }");
    let swapped = swapped.replace("TRUE", "true");
    let before = vec![acme(TWO), Act::Apply, Act::Pass(PERIOD), acme(&swapped)];
    sweep(&scenario(
        "in use moves to another address",
        before,
        vec![Act::Apply],
        2,
    ));
}

/// One is imported by its id, one is found by what it is, one is made; the first comes into use.
#[test]
fn adoption() {
    let declared = format!(
        "
      - {{ name: inspection, import: {ID}, validity_period_days: 1825, in_use: true }}
      - {{ name: standby, validity_period_days: 365, activate: true }}
      - {{ name: spare, validity_period_days: 730, activate: false }}"
    );
    let asks = account("acme", ACME, &declared);
    let matches = asks.replace("    certificates", "    adopt: matching\n    certificates");
    let before = vec![
        Act::Plant(
            json!({ "id": ID, "validity_period_days": 1825, "binding_status": "available" }),
        ),
        Act::Plant(json!({ "validity_period_days": 365, "binding_status": "inactive" })),
        spec(&[matches]),
    ];
    sweep(&scenario("adoption", before, vec![Act::Apply], 1));
}

/// The account `acme` declares a custom certificate.
fn own(id: &str) -> Act {
    acme(&format!(
        "\n      - {{ name: inspection, custom: {{ id: {id} }}, in_use: true }}"
    ))
}

fn upload(id: &str) -> Act {
    Act::Plant(json!({ "id": id, "type": "custom", "binding_status": "inactive" }))
}

/// A custom certificate takes over from what Cloudflare issued, which is removed.
#[test]
fn custom_instead() {
    let before = vec![
        upload(ID),
        acme(ONE),
        Act::Apply,
        Act::Pass(PERIOD),
        own(ID),
    ];
    let mut acts = vec![Act::Apply];
    for _ in 0..2 {
        acts.extend([Act::Pass(PERIOD), Act::Apply]);
    }
    sweep(&scenario("custom instead", before, acts, 1));
}

/// Its owner's next one takes over from a custom certificate, which is let go.
#[test]
fn custom_successor() {
    let before = vec![upload(ID), upload(NEXT), own(ID), Act::Apply];
    let mut acts = vec![Act::Pass(PERIOD), own(NEXT), Act::Apply];
    for _ in 0..2 {
        acts.extend([Act::Pass(PERIOD), Act::Apply]);
    }
    sweep(&scenario("custom successor", before, acts, 0));
}

/// What is in the state was deleted by hand: a new one is made.
#[test]
fn gone() {
    let spare = |import: &str| {
        let spare = "{ name: spare, validity_period_days: 730, activate: true";
        acme(&format!("{ONE}\n      - {spare}{import} }}"))
    };
    let before = vec![
        Act::Plant(json!({ "id": ID, "validity_period_days": 730, "binding_status": "available" })),
        spare(&format!(", import: {ID}")),
        Act::Apply,
        Act::Pass(PERIOD),
        spare(""),
        Act::Remove(ID),
    ];
    sweep(&scenario("gone", before, vec![Act::Apply], 2));
}

/// A plan that was saved and approved is carried out whatever happens, by runs that may do nothing
/// else.
#[test]
fn a_saved_plan() {
    let acts = vec![Act::ApplySaved];
    sweep(&scenario("a saved plan", vec![acme(TWO)], acts, 2));
}

/// What the matrix is worth depends on its oracle: periods that are cut short do not pass, nor does
/// a certificate too many.
#[test]
fn the_oracle_notices() {
    let replaced = |from: &str, to: &str| {
        let shorten = |act: Act| match act {
            Act::Declare(yaml) => Act::Declare(yaml.replace(from, to)),
            other => other,
        };
        let acts = [
            acme(ONE),
            Act::Apply,
            Act::Pass(PERIOD),
            acme(ONE_SHORTER),
            Act::Apply,
        ];
        let passed = [Act::Pass(PERIOD), Act::Apply];
        let acts = acts.into_iter().chain(passed).map(shorten).collect();
        case(&scenario("shortened", vec![], acts, 2), &Case::of(&[]))
    };
    assert!(replaced("nothing", "nothing").is_ok());
    for (period, says) in [
        ("trust_period", "was set in use at"),
        ("retire_after", "taken from the edge at"),
    ] {
        let why = replaced(&format!("{period}: 7d"), &format!("{period}: 0s")).unwrap_err();
        assert!(why.contains(says), "{why}");
    }
    let twice = scenario("one too many", vec![], vec![acme(TWO), Act::Apply], 1);
    let why = case(&twice, &Case::of(&[])).unwrap_err();
    assert!(
        why.contains("2 certificates were created, 1 are needed"),
        "{why}"
    );
}

/// Nor does what overwrites a person's hand, or takes away what is left while what is in use is not
/// served.
#[test]
fn the_oracle_notices_what_is_done_over_a_hand() {
    paused(async {
        for (hand, says) in [
            (
                Hand::Uses,
                "what somebody set in use by hand was overwritten",
            ),
            (Hand::Turns("inactive"), "while what is in use was inactive"),
        ] {
            let (mut world, first) = (World::new(), [acme(TWO), Act::Apply]);
            world.plant_foreign(ACME).await;
            perform(&mut world, &first, &[]).await.unwrap();
            oracle::check(&world, ACME, 2).await.unwrap();
            let used = world.in_use(ACME).await;
            let issued = world.sandbox.summary().unwrap()[ACME].created.clone();
            let other = issued.iter().find(|id| **id != used).unwrap();
            world.wire.dashboard.strike(hand, ACME.to_owned()).await;
            if hand == Hand::Uses {
                let body = json!({ "settings": { "certificate": { "id": used } } });
                world.ask("PATCH", "gateway/configuration", &body).await;
            } else {
                let path = format!("gateway/certificates/{other}/deactivate");
                world.ask("POST", &path, &json!({})).await;
            }
            let why = oracle::check(&world, ACME, 2).await.unwrap_err();
            assert!(why.contains(says), "{why}");
        }
    });
}
