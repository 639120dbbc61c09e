//! Stores a CA of one's own in an account, once, whatever becomes of the answers.
//!
//! *Guarantees*: the same content is stored once however often it is sent, for the store refuses it a
//! second time. So an outcome that is not known is settled by sending it again. Stored is what the list
//! shows, whatever an answer says. Whether it fits is checked before.

use std::time::Duration;

use certctl_cloudflare::{Client, RefusalKind, Upload, WriteError, Written};
use certctl_model::{AccountId, Action, CertificateId, Diagnostic, Fingerprint};
use certctl_state::{AuditOutcome, AuditRecord};
use certctl_x509::normalise_uploaded;
use tokio::time::sleep;

use crate::answer::{cause, status};
use crate::fleet::Fleet;

/// How often it is sent.
const ATTEMPTS: usize = 4;
/// Before the second attempt; twice that before the next.
const WAIT: Duration = Duration::from_secs(2);
/// How often the list is read for what is there already, which a new one reaches late.
const LOOKS: usize = 8;
/// Between two looks: together a minute, after which reads no longer lag.
const LOOK: Duration = Duration::from_secs(8);

/// What to do where the outcome is not known.
const AGAIN: &str = "run it again: the same content is stored once";

/// What became of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    /// It was stored.
    New(CertificateId),
    /// This very content was there already, perhaps by an attempt whose answer was lost.
    There(CertificateId),
}

/// Why nothing is known to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotStored {
    /// What happened.
    pub what: String,
    /// What to do.
    pub hint: Option<String>,
}

/// What came of it.
#[derive(Debug)]
pub struct Upshot {
    /// Whether it is stored.
    pub stored: Result<Stored, NotStored>,
    /// Why a request could not be put on record.
    pub unrecorded: Option<Diagnostic>,
}

/// Stores it: two requests, where nothing goes wrong. What it waits for it `says`, before it waits. Each
/// upload that is sent is put on record, with the fingerprint of what signs and without the key.
pub async fn upload(
    fleet: &Fleet<'_>,
    account: &AccountId,
    upload: &Upload,
    fingerprint: Fingerprint,
    says: &dyn Fn(&str),
) -> Upshot {
    let mut unrecorded = None;
    let stored = store(fleet, account, upload, fingerprint, says, &mut unrecorded).await;
    Upshot { stored, unrecorded }
}

async fn store(
    fleet: &Fleet<'_>,
    account: &AccountId,
    upload: &Upload,
    fingerprint: Fingerprint,
    says: &dyn Fn(&str),
    unrecorded: &mut Option<Diagnostic>,
) -> Result<Stored, NotStored> {
    let client = fleet.client;
    let mut wait = WAIT;
    let mut attempt = 1;
    loop {
        let sent = client.upload(account, upload).await;
        if let Err(why) = record(fleet, account, fingerprint, &sent).await {
            unrecorded.get_or_insert(why);
        }
        let error = match sent {
            Ok(_) => return find(client, account, upload, says).await.map(Stored::New),
            Err(error) => error,
        };
        match &error {
            WriteError::Refused(no) if no.kind() == RefusalKind::AlreadyUploaded => {
                return find(client, account, upload, says).await.map(Stored::There);
            }
            WriteError::Refused(_) => return Err(failed(&error)),
            WriteError::NotSent(_) | WriteError::Unknown(_) if attempt == ATTEMPTS => {
                return Err(failed(&error));
            }
            WriteError::NotSent(_) | WriteError::Unknown(_) => {}
        }
        says(&format!("{error}; it is sent again"));
        sleep(wait).await;
        wait *= 2;
        attempt += 1;
    }
}

/// Puts on record that it was sent, and what it was answered with.
async fn record(
    fleet: &Fleet<'_>,
    account: &AccountId,
    fingerprint: Fingerprint,
    sent: &Result<Written, WriteError>,
) -> Result<(), Diagnostic> {
    let key = fleet.key(account);
    let now = fleet.clock.wall().0;
    let auditing = &fleet.settings.audit;
    let outcome = match sent {
        Ok(_) => AuditOutcome::Done,
        Err(WriteError::Refused(_)) => AuditOutcome::Refused,
        Err(WriteError::NotSent(_)) => AuditOutcome::NotSent,
        Err(WriteError::Unknown(_)) => AuditOutcome::Unknown,
    };
    let stored = sent.as_ref().ok();
    let failed = sent.as_ref().err();
    let record = AuditRecord {
        actor: auditing.actor.clone(),
        reason: auditing.reason.clone(),
        certificate_id: stored.and_then(|stored| Some(stored.certificate.as_ref()?.id.clone())),
        fingerprint: Some(fingerprint),
        audit_log_id: stored.and_then(|stored| stored.audit_log_id.clone()),
        status: failed.map_or_else(|| stored.map(|stored| stored.status), status),
        outcome,
        error: failed.map(cause),
        ..AuditRecord::new(&key, None, Action::Upload, now)
    };
    auditing.keep(fleet.store, &key, &record).await
}

/// Which of the account's certificates it is.
async fn find(
    client: &Client,
    account: &AccountId,
    upload: &Upload,
    says: &dyn Fn(&str),
) -> Result<CertificateId, NotStored> {
    let wanted = normalise_uploaded(&upload.certificates).ok();
    for look in 0..LOOKS {
        if look == 1 {
            says("it is stored; waiting for up to a minute until Gateway lists it");
        }
        if look > 0 {
            sleep(LOOK).await;
        }
        let listing = client.list(account).await.map_err(|error| NotStored {
            what: format!("the API says that it is stored, but: {error}"),
            hint: error.hint().or_else(|| Some(AGAIN.to_owned())),
        })?;
        let same = |pem: &Option<String>| pem.is_some() && *pem == wanted;
        let found = listing.certificates.into_iter().find(|one| same(&one.pem));
        if let Some(found) = found {
            return Ok(found.id);
        }
    }
    Err(NotStored {
        what: "the API says that it is stored, but Gateway lists no such certificate".to_owned(),
        hint: Some(AGAIN.to_owned()),
    })
}

fn failed(error: &WriteError) -> NotStored {
    let hint = match error {
        WriteError::Unknown(_) => Some(AGAIN.to_owned()),
        _ => error.hint(),
    };
    NotStored {
        what: error.to_string(),
        hint,
    }
}
