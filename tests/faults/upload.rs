//! An upload is stored once, and its key shown nowhere, whatever becomes of the requests.

use std::cell::RefCell;
use std::time::Duration;

use certctl_apply::Stored;
use certctl_cloudflare::{SecretString, Upload};
use certctl_model::{AccountId, Action, Fingerprint};
use certctl_state::AuditRecord;
use serde_json::Value;

use crate::fault::{Fault, Trouble};
use crate::own::Ca;
use crate::sweep::paused;
use crate::world::{ACME, World, settings};

/// Longer than any run.
const DEAD: Duration = Duration::from_secs(3_600);

fn own_ca() -> (Upload, String) {
    let ca = Ca::new("own-ca");
    let sentinel = ca.key.lines().nth(1).unwrap().to_owned();
    let upload = Upload {
        name: ca.name.to_owned(),
        certificates: ca.pem,
        private_key: SecretString::from(ca.key),
    };
    (upload, sentinel)
}

/// Uploads until that went well, as a person does; gives what was said, and what became of it.
async fn persist(world: &World, upload: &Upload) -> (Vec<String>, Option<Stored>) {
    let account: AccountId = ACME.parse().unwrap();
    let told = RefCell::new(Vec::new());
    let mut said = Vec::new();
    for _ in 0..3 {
        world.begin();
        let client = world.client(world.wire.clone());
        let says = |what: &str| told.borrow_mut().push(what.to_owned());
        let settings = settings();
        let fleet = world.fleet(&client, &settings);
        let print = Fingerprint::from_bytes([7; 32]);
        let work = certctl_apply::upload(&fleet, &account, upload, print, &says);
        let Ok(upshot) = tokio::time::timeout(DEAD, work).await else {
            said.push("killed".to_owned());
            continue;
        };
        assert_eq!(upshot.unrecorded, None);
        match upshot.stored {
            Ok(stored) => {
                said.extend(told.take());
                return (said, Some(stored));
            }
            Err(why) => said.push(format!("{} {}", why.what, why.hint.unwrap_or_default())),
        }
    }
    said.extend(told.take());
    (said, None)
}

/// The custom certificates of the account that nobody else planted.
async fn stored(world: &World) -> Vec<String> {
    let path = format!("/sandbox/accounts/{ACME}");
    let shown = world.control("GET", &path, &Value::Null).await;
    let certificates = shown["certificates"].as_array().unwrap().clone();
    let custom = certificates.iter().filter(|c| c["kind"] == "custom");
    custom
        .map(|c| c["id"].as_str().unwrap().to_owned())
        .filter(|id| !world.foreign[ACME].contains(id))
        .collect()
}

#[test]
fn an_upload_is_stored_once_whatever_becomes_of_the_requests() {
    let (upload, sentinel) = own_ca();
    for fault in Fault::ALL.into_iter().filter(|fault| !fault.is_a_hand()) {
        for at in 0..3 {
            paused(async {
                let mut world = World::new();
                world.plant_foreign(ACME).await;
                world.arm(&[Trouble::Request(at, fault)]);
                let (said, became) = persist(&world, &upload).await;
                // What is late may come after all.
                tokio::time::sleep(DEAD).await;
                let there = stored(&world).await;
                let Some(Stored::New(id) | Stored::There(id)) = became else {
                    panic!("{fault:?} at {at}: {said:?}");
                };
                assert_eq!(there, [id.to_string()], "{fault:?} at {at}: {said:?}");
                assert!(!said.concat().contains(&sentinel), "{said:?}");
                let records = world.records(ACME).await;
                assert!(!records.is_empty(), "{fault:?} at {at}: {said:?}");
                let known = |record: &AuditRecord| {
                    record.action == Action::Upload && record.fingerprint.is_some()
                };
                assert!(records.iter().all(known), "{records:?}");
                assert!(!format!("{records:?}").contains(&sentinel), "{records:?}");
                let journal = serde_json::to_string(&world.sandbox.journal().unwrap());
                assert!(!journal.unwrap().contains(&sentinel), "{fault:?} at {at}");
            });
        }
    }
}

#[test]
fn what_is_there_already_is_found() {
    paused(async {
        let mut world = World::new();
        world.plant_foreign(ACME).await;
        let (upload, _) = own_ca();
        let (_, first) = persist(&world, &upload).await;
        let (_, again) = persist(&world, &upload).await;
        let Some(Stored::New(id)) = first else {
            panic!("{first:?}");
        };
        assert_eq!(again, Some(Stored::There(id)));
    });
}
