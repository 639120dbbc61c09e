//! The state store: can it be read, does it keep conditional writes, and who holds the lock?

use std::time::Duration;

use certctl_apply::Fleet;
use certctl_state::{Key, StateError};

use super::report::{Check, Verdict};

pub(super) async fn look(fleet: &Fleet<'_>) -> Vec<Check> {
    let location = fleet.store.location();
    let mut checks = Vec::new();
    let mut readable = 0_usize;
    for account in &fleet.spec.accounts {
        let key = Key {
            origin: fleet.origin.to_owned(),
            account_id: account.account_id.clone(),
        };
        let name = format!("{}: state", account.name);
        match fleet.store.load(&key).await {
            Ok(None) => checks.push(Check::new(
                name,
                Verdict::Ok,
                format!("none yet in {location}: the first apply makes it"),
            )),
            Ok(Some(document)) => {
                readable += 1;
                let held = document.state.certificates.len();
                checks.push(Check::new(
                    name,
                    Verdict::Ok,
                    format!(
                        "version {}, {held} addresses, in {location}",
                        document.serial
                    ),
                ));
            }
            Err(error) => checks.push(failed(name, &error)),
        }
        checks.push(lock(fleet, &key, &account.name.to_string()).await);
    }
    if location.is_local() && readable > 0 {
        checks.push(
            Check::new(
                "state store",
                Verdict::Note,
                format!("{location} is on this machine alone"),
            )
            .advice(
                "a team or a pipeline needs one place for all: `state: s3://BUCKET/PREFIX` (or gs://, \
                 az://, R2)",
            ),
        );
    }
    checks
}

/// Whether the lock is free. In a bucket it is taken and let go of, which also proves that the store
/// keeps conditional writes; as a file it is only looked at.
async fn lock(fleet: &Fleet<'_>, key: &Key, account: &str) -> Check {
    let name = format!("{account}: lock");
    if fleet.store.location().is_local() {
        return match fleet.store.unlock(key).await {
            Ok(_) => Check::new(name, Verdict::Ok, "free"),
            Err(error) => held(name, &error),
        };
    }
    let holder = &fleet.settings.holder;
    match fleet.store.lock(key, holder, Duration::ZERO).await {
        Ok(session) => match session.release().await {
            Ok(()) => Check::new(
                name,
                Verdict::Ok,
                "free; the store keeps conditional writes",
            ),
            Err(error) => failed(name, &error),
        },
        Err(error) => held(name, &error),
    }
}

fn held(name: String, error: &StateError) -> Check {
    match error {
        StateError::Locked { .. } => {
            Check::new(name, Verdict::Note, error.to_string()).maybe_advice(error.hint())
        }
        _ => failed(name, error),
    }
}

fn failed(name: String, error: &StateError) -> Check {
    Check::new(name, Verdict::Error, error.to_string()).maybe_advice(error.hint())
}
