use certctl_model::{CertificateType, Code, Diagnostic, Place};

use super::*;
use crate::change::{BlastRadius, ChangeKind, Unmanaged};
use crate::fixture;
use crate::json::json;
use crate::operation::Action;
use crate::plan::Plan;
use crate::step::{WaitFor, Waiting};
use crate::wave::{AccountWave, Because, WaveGate};

fn document(plan: &Plan) -> Value {
    serde_json::from_str(&json(plan)).unwrap()
}

fn full() -> Plan {
    let warning = Diagnostic::warning(Code::PendingLong, "slow")
        .hint("wait")
        .at(Some(Place {
            file: "certctl.yaml".into(),
            line: 1,
            column: 2,
            length: 1,
        }))
        .address(&"acme/a".parse().unwrap());
    let mut plan = fixture::plan_with(
        vec![
            fixture::create("acme/a"),
            fixture::waits_for_trust(),
            fixture::delete("beta/a"),
            fixture::no_op("beta/b"),
        ],
        vec![warning],
    );
    plan.unmanaged.push(Unmanaged {
        account: "beta".parse().unwrap(),
        certificate_id: fixture::id(fixture::NEW),
        kind: CertificateType::Unknown("?".to_owned()),
        in_use: false,
        expires_on: None,
    });
    let gate = WaveGate {
        wave: 1,
        account: "lab".parse().unwrap(),
        because: Because::Baking,
        since: Some(plan.planned_at),
        until: None,
    };
    for (account, waits_for) in plan.accounts.iter_mut().zip([Some(gate), None]) {
        account.wave = Some(AccountWave {
            number: 2,
            of: 2,
            waits_for,
        });
    }
    plan
}

#[test]
fn plans_are_what_the_schema_says() {
    let schema = json_schema();
    assert!(jsonschema::meta::is_valid(&schema));
    let validator = jsonschema::validator_for(&schema).unwrap();
    for plan in [full(), fixture::plan(Vec::new())] {
        let document = document(&plan);
        let errors: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

#[test]
fn every_word_of_a_plan_is_in_the_schema() {
    let schema = json_schema();
    let enumerated = |words: &Value, word: Value| {
        assert!(words.as_array().unwrap().contains(&word), "{word}");
    };
    let change = &schema["properties"]["changes"]["items"]["properties"];
    for kind in ChangeKind::ALL.into_iter().chain([ChangeKind::NoOp]) {
        enumerated(
            &change["change"]["enum"],
            serde_json::to_value(kind).unwrap(),
        );
    }
    for radius in [
        BlastRadius::Nobody,
        BlastRadius::UnsyncedDevices,
        BlastRadius::Everybody,
    ] {
        enumerated(
            &change["blast_radius"]["enum"],
            serde_json::to_value(radius).unwrap(),
        );
    }
    for action in [
        Action::Record,
        Action::Adopt,
        Action::Forget,
        Action::Activate,
        Action::SetInUse,
        Action::Create,
        Action::Upload,
        Action::Deactivate,
        Action::Delete,
    ] {
        enumerated(
            &schema["$defs"]["action"]["enum"],
            serde_json::to_value(action).unwrap(),
        );
    }
    for why in [
        WaitFor::TrustPeriod,
        WaitFor::RetireAfter,
        WaitFor::Deploying,
        WaitFor::CreationQuota,
        WaitFor::AvailableCap,
        WaitFor::Settling,
        WaitFor::Window,
        WaitFor::Hold,
        WaitFor::Paused,
        WaitFor::Unattended,
        WaitFor::PolicyLimit,
        WaitFor::Wave,
        WaitFor::StaleState,
    ] {
        let waiting = Waiting {
            until: None,
            why,
            next: Action::Create,
        };
        let word = serde_json::to_value(waiting).unwrap()["for"].clone();
        enumerated(
            &schema["$defs"]["waiting"]["properties"]["for"]["enum"],
            word,
        );
    }
}

#[test]
fn every_reason_to_wait_for_a_wave_is_in_the_schema() {
    let account = &json_schema()["properties"]["accounts"]["items"]["properties"];
    let gate = &account["wave"]["properties"]["waits_for"]["properties"];
    for because in [
        Because::Unreadable,
        Because::WentBack,
        Because::NotSwitched,
        Because::Baking,
    ] {
        let words = gate["because"]["enum"].as_array().unwrap();
        assert!(words.contains(&serde_json::to_value(because).unwrap()));
    }
}

#[test]
fn the_schema_refuses_what_is_no_plan_and_takes_new_fields() {
    let validator = jsonschema::validator_for(&json_schema()).unwrap();
    let mut document = document(&full());
    document["weather"] = json!("fine");
    document["changes"][0]["mood"] = json!(1);
    assert!(validator.is_valid(&document));
    for (pointer, wrong) in [
        ("/kind", json!("apply")),
        ("/format_version", json!("2.0")),
        ("/digest", json!("md5:0")),
        ("/changes/0/change", json!("explode")),
        ("/changes/0/steps/0/action", json!("panic")),
        ("/changes/0/after/validity_period_days", json!(0)),
        ("/accounts/0/name", json!("No Name")),
        ("/summary/create", json!(-1)),
    ] {
        let mut edited = document.clone();
        *edited.pointer_mut(pointer).unwrap() = wrong;
        assert!(!validator.is_valid(&edited), "{pointer}");
    }
}
