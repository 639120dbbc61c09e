//! What the simulation is worth depends on its oracle: a history in which a law was broken does not
//! pass. The history is one and the same; what the oracle is told of it is made stricter.

use crate::declared::{Adopt, Certificate, Removal};
use crate::history::{History, How};
use crate::live;
use crate::oracle::judge;
use crate::record::{Ran, Record};

/// Which law a history breaks that is spoiled.
fn told(history: &str, spoil: fn(&mut Record)) -> Option<&'static str> {
    let history: History = serde_json::from_str(history).unwrap();
    let mut record = live(&history);
    spoil(&mut record);
    judge(&record).err().map(|broken| broken.law)
}

/// Changes all that was declared.
fn each(record: &mut Record, change: fn(&mut Certificate)) {
    let declared = record.accounts[0].declared.iter_mut();
    let all = declared.flat_map(|(_, one)| one.certificates.values_mut());
    all.for_each(change);
}

#[test]
fn the_oracle_notices() {
    let rotation = r#"{ "seed": 1, "ahead": [0, 0],
        "periods": { "trust_hours": 12, "retire_hours": 12, "renew_before_days": 15 },
        "events": [
            { "edit": { "add": 0 } }, { "edit": { "in_use": 0 } }, { "run": { "how": "approved" } },
            { "hand": { "create": { "available": true } } },
            { "pass": 100000 }, { "edit": { "days": 0 } }, { "run": { "how": "approved" } },
            { "days": [3, "unattended"] }, { "run": { "how": "plan" } }
        ] }"#;
    let told = |spoil: fn(&mut Record)| told(rotation, spoil);
    assert_eq!(told(|_| {}), None);
    let notices = |spoil, law| assert_eq!(told(spoil), Some(law));
    notices(
        |record| record.periods.trust_hours = 240,
        "no device that was there is left behind",
    );
    notices(
        |record| record.periods.trust_hours = 26,
        "interception never breaks by our hand",
    );
    notices(
        |record| record.periods.retire_hours = 48,
        "interception never breaks by our hand",
    );
    // The second declaration never was.
    notices(
        |record| record.accounts[0].declared.truncate(2),
        "one intent, one certificate",
    );
    // What was made for the second declaration was made for the first.
    notices(
        |record| {
            let effects = record
                .journal
                .iter_mut()
                .flat_map(|entry| &mut entry.effects);
            effects
                .filter(|effect| effect.days.is_some())
                .for_each(|effect| effect.days = Some(60));
        },
        "one intent, one certificate",
    );
    // Nobody but the first run ever approved anything.
    notices(
        |record| {
            let runs = record.accounts[0].runs.iter_mut().skip(1);
            runs.for_each(|run| run.how = How::Unattended);
        },
        "what was accepted is what is done",
    );
    // Everything was made by other hands.
    notices(
        |record| {
            let effects = record
                .journal
                .iter_mut()
                .flat_map(|entry| &mut entry.effects);
            effects
                .filter(|effect| effect.effect == "created")
                .for_each(|effect| effect.effect = "seeded".to_owned());
        },
        "we touch only what is ours",
    );
    notices(
        |record| {
            let hours = |run: &mut Ran| run.how = How::Plan;
            record.accounts[0].runs.iter_mut().take(1).for_each(hours);
        },
        "plan only reads",
    );
    notices(
        |record| {
            record.accounts[0]
                .runs
                .iter_mut()
                .for_each(|run| run.requests += 400)
        },
        "every run ends",
    );
    notices(
        |record| record.accounts[0].last_difference = Some("one is inactive".to_owned()),
        "in the end it is as declared",
    );
    notices(
        |record| record.periods.window = Some(5),
        "a switch waits for its window",
    );
}

#[test]
fn the_oracle_notices_who_is_ahead_of_its_wave() {
    let fleet = |waves: &str| {
        format!(
            r#"{{ "seed": 1, "ahead": [0, 0], "tiers": [0, 1, 1],
            "periods": {{ "trust_hours": 12, "retire_hours": 12, "renew_before_days": 26, "waves": {waves} }},
            "events": [
                {{ "edit": {{ "add": 9 }} }}, {{ "edit": {{ "in_use": 9 }} }}, {{ "run": {{ "how": "approved" }} }},
                {{ "pass": 700000 }}, {{ "edit": {{ "days": 0 }} }}, {{ "edit": {{ "days": 3 }} }},
                {{ "run": {{ "how": "approved" }} }}, {{ "days": [60, "unattended"] }}
            ] }}"#
        )
    };
    let (none, three_days) = (fleet("[0, 0]"), fleet("[72, 0]"));
    let law = Some("nobody is switched ahead of its wave");
    assert_eq!(told(&none, |_| {}), None);
    assert_eq!(told(&none, |record| record.periods.waves = [24, 0]), law);
    assert_eq!(told(&three_days, |_| {}), None);
    assert_eq!(
        told(&three_days, |record| record.periods.waves = [96, 0]),
        law
    );
    // Whom nobody could read held the others.
    let unreadable = |record: &mut Record| {
        let processes = record.processes.iter_mut();
        processes.for_each(|process| process.unreadable[0] = true);
    };
    assert_eq!(told(&three_days, unreadable), law);
    // A run that was for one account touched another.
    let strays = |record: &mut Record| record.strayed = Some("acme".to_owned());
    assert_eq!(
        told(&none, strays),
        Some("what was not chosen is left alone")
    );
}

#[test]
fn the_oracle_notices_what_is_against_its_lifecycle() {
    let lives = r#"{ "seed": 1, "ahead": [0, 0],
        "periods": { "trust_hours": 12, "retire_hours": 12, "renew_before_days": 15 },
        "events": [
            { "edit": { "add": 0 } }, { "edit": { "in_use": 0 } }, { "run": { "how": "approved" } },
            { "edit": { "add": 1 } }, { "edit": { "removal": [1, "retain"] } }, { "run": { "how": "approved" } },
            { "pass": 100 }, { "edit": { "days": 0 } }, { "run": { "how": "approved" } }, { "days": [2, "approved"] },
            { "pass": 100 }, { "edit": { "remove": 1 } }, { "run": { "how": "approved" } },
            { "pass": 100 }, { "edit": { "return": 1 } }, { "run": { "how": "approved" } },
            { "pass": 100 }, { "edit": { "remove": 1 } }, { "run": { "how": "approved" } }
        ] }"#;
    assert_eq!(told(lives, |_| {}), None);
    let protect = |record: &mut Record| each(record, |one| one.protected = true);
    assert_eq!(
        told(lives, protect),
        Some("what is protected is not replaced")
    );
    let retain = |record: &mut Record| each(record, |one| one.removal = Removal::Retain);
    let law = Some("what is removed goes as its lifecycle says");
    assert_eq!(told(lives, retain), law);
    let ask = |record: &mut Record| {
        let declared = record.accounts[0].declared.iter_mut();
        declared.for_each(|(_, one)| one.adopt = Adopt::Ask);
    };
    assert_eq!(
        told(lives, ask),
        Some("what fits is asked about, or adopted")
    );
}
