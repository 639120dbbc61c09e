//! One request: its intent is durable before it leaves, its outcome after (laws 1 and 6).
//!
//! *Expected flow*: leave by the rate budget, then what the request rests on is read (both by the
//! caller), then the intent is saved, then the lock has to outlive the request, then it is sent. So
//! nothing that takes time stands between what was seen and what is done. *Guarantee*: an answer is
//! not taken for an effect: what was accepted, and what nobody knows, stays open in the state until
//! its effect is seen or can no longer show.

use std::time::Duration;

use certctl_cloudflare::{Client, Failure, RefusalKind, WriteError, Written};
use certctl_model::{
    ApiTime, CertificateId, CertificateType, Code, Custom, Diagnostic, Intent, Moment, Mutation,
    Note, Period, RemoteCertificate, Timestamp,
};
use certctl_plan::{Action, Change, Step};
use certctl_state::AuditOutcome;
use tokio::time::Instant;

use crate::answer::{Answer, cause};
use crate::approval::named;
use crate::event::Event;
use crate::record::record_of;
use crate::tried::ATTEMPTS;
use crate::work::{Awaited, Halt, Leave, Work, tell_pause};

/// What is known after a request.
enum Known {
    /// A create or upload made a certificate that a GET knows; this follows.
    Created(Note),
    /// The API said yes; the effect is looked for.
    Accepted,
    /// It had no effect.
    Nothing(WriteError),
    /// Nobody knows, and this was said of it: the effect is looked for.
    Unknown(String),
}

impl Known {
    fn outcome(&self) -> AuditOutcome {
        match self {
            Self::Created(_) | Self::Accepted => AuditOutcome::Done,
            Self::Nothing(WriteError::NotSent(_)) => AuditOutcome::NotSent,
            Self::Nothing(_) => AuditOutcome::Refused,
            Self::Unknown(_) => AuditOutcome::Unknown,
        }
    }
}

/// Sends the request of a step, journalled. A fault here is about the state: the account stops.
pub(crate) async fn request(
    work: &mut Work<'_>,
    leave: Leave,
    change: &Change,
    step: &Step,
) -> Result<(), Halt> {
    let known = work.observed.certificates.iter().map(|c| c.id.clone());
    let Some(mutation) = step.mutation(&change.address.certificate, known) else {
        let message = format!("a step without a certificate: {}", step.action().as_str());
        return Err(Diagnostic::error(Code::StateFailed, message).into());
    };
    if !work.tried.begin(change, step) {
        let error = format!("it had no effect {ATTEMPTS} times");
        work.fail(change, step, error, None);
        return Ok(());
    }
    let intent = Intent::new(mutation.clone(), planner_time(work), moment(work, &leave));
    let mut notes = step.notes.clone();
    notes.push(Note::Intent(intent));
    work.journal.note(&notes).await?;
    if !leave.is_fresh() {
        // Writing took so long that what was read, and the intent's own time, are of the past.
        work.journal.note(&[Note::End(mutation)]).await?;
        return Ok(());
    }
    if !work.journal.may_send(work.fleet.settings.request_timeout) {
        // Nothing was sent: the next run need not look for an effect, if this can still be saved.
        let noted = work.journal.note(&[Note::End(mutation)]).await;
        let message = "the lock may end before the request does";
        let diagnostic = Diagnostic::error(Code::StateFailed, message).hint("run it again");
        return Err(noted.err().unwrap_or(diagnostic).into());
    }
    work.options.allowance.count(change, step);
    work.tell(Event::Doing {
        address: change.address.clone(),
        action: step.action(),
        certificate_id: step.certificate_id().cloned(),
    });
    let sent = send(&leave.client, work, &mutation).await;
    let answer = Answer::of(&sent);
    let known = judge(work, &mutation, sent).await;
    let record = record_of(work, change, step, &mutation, answer, known.outcome());
    let remembered = remember(work, change, step, mutation, known).await;
    // Also when the outcome could not be remembered: then this is the only trace of it.
    let recorded = work.journal.record(&record).await;
    Ok(remembered.and(recorded)?)
}

/// The moment at which a request leaves. The API's clock goes on since its last answer.
fn moment(work: &Work<'_>, leave: &Leave) -> Moment {
    let seen = work.observed.moment();
    let since = Period::seconds(u32::try_from(leave.read_at.elapsed().as_secs()).unwrap_or(0));
    Moment {
        machine: work.fleet.clock.wall(),
        on: Some(work.fleet.clock.machine().clone()),
        api: seen.api.map(|date| ApiTime(since.after(date.0))),
    }
}

/// Now, as the API's own times are compared with it.
fn planner_time(work: &Work<'_>) -> Timestamp {
    work.observed.date.unwrap_or_else(|| work.fleet.clock.now())
}

async fn send(
    client: &Client,
    work: &Work<'_>,
    mutation: &Mutation,
) -> Result<Written, WriteError> {
    let account = &work.account.account_id;
    let is_uploaded = |id| {
        let observed = work.observed.certificate(id);
        observed.is_some_and(|remote| remote.kind == CertificateType::Custom)
    };
    match mutation {
        Mutation::Create { days, .. } => client.create(account, *days).await,
        Mutation::Upload { .. } => match &work.upload {
            Some((_, upload)) => client.upload(account, upload).await,
            None => Err(WriteError::NotSent(Failure {
                request: "POST …/mtls_certificates".to_owned(),
                what: "there is no CA to upload".to_owned(),
                status: None,
                ray: None,
                retry_after: None,
                hint: None,
            })),
        },
        Mutation::Activate { id } => client.activate(account, id).await,
        Mutation::Deactivate { id } => client.deactivate(account, id).await,
        Mutation::Delete { id } if is_uploaded(id) => client.remove_uploaded(account, id).await,
        Mutation::Delete { id } => client.delete(account, id).await,
        Mutation::SetInUse { id } => client.set_in_use(account, id).await,
    }
}

async fn judge(work: &Work<'_>, mutation: &Mutation, sent: Result<Written, WriteError>) -> Known {
    let written = match sent {
        Ok(written) => written,
        Err(error) if deleted_already(mutation, &error) => return Known::Accepted,
        Err(error) if error.had_no_effect() => return Known::Nothing(error),
        Err(error) => return Known::Unknown(cause(&error)),
    };
    let Some((certificate, _)) = mutation.makes() else {
        return Known::Accepted;
    };
    let Some(made) = written.certificate else {
        return Known::Unknown("the response does not say what was made".to_owned());
    };
    let id = made.id;
    if work.observed.certificate(&id).is_some() || work.journal.state().binding(&id).is_some() {
        return Known::Unknown(format!(
            "HTTP {}, with {id}, which was there before",
            written.status
        ));
    }
    let certificate = certificate.clone();
    match exists(work, mutation, &id).await {
        Ok(()) => Known::Created(Note::Created { certificate, id }),
        Err(why) => Known::Unknown(format!("HTTP {}, with {id}, {why}", written.status)),
    }
}

/// A DELETE that is refused because there is no such certificate: whether that is true, a GET says.
fn deleted_already(mutation: &Mutation, error: &WriteError) -> bool {
    matches!(mutation, Mutation::Delete { .. })
        && matches!(error, WriteError::Refused(refusal) if refusal.kind() == RefusalKind::NotFound)
}

/// Whether a GET knows what a create or upload was answered with.
async fn exists(work: &Work<'_>, mutation: &Mutation, id: &CertificateId) -> Result<(), String> {
    let client = work.fleet.client;
    let say = |left: Duration| tell_pause(work.sink, work.account, left);
    let account = &work.account.account_id;
    let asked = client.get(account, id);
    match work.patience.hear(client, account, say, asked).await {
        Ok(Ok(Some(found))) if is_made_by(mutation, &found) => Ok(()),
        Ok(Ok(Some(found))) => Err(format!(
            "which is of type `{}`, or not what was asked",
            found.kind
        )),
        Ok(Ok(None)) => Err("which no GET knows".to_owned()),
        Ok(Err(error)) => Err(format!("which could not be looked at: {error}")),
        Err(_) => Err("which could not be looked at before the run ended".to_owned()),
    }
}

/// Whether a certificate is of the kind that the request makes; an uploaded one is known by its content.
fn is_made_by(mutation: &Mutation, found: &RemoteCertificate) -> bool {
    match mutation {
        Mutation::Upload { content, .. } => Custom::Own(*content).is(found),
        _ => found.kind == CertificateType::GatewayManaged,
    }
}

async fn remember(
    work: &mut Work<'_>,
    change: &Change,
    step: &Step,
    mutation: Mutation,
    known: Known,
) -> Result<(), Diagnostic> {
    let name = &change.address.certificate;
    match known {
        Known::Created(note) => {
            work.journal.strike(&change.address, named(step));
            work.options
                .spend(&change.address, std::slice::from_ref(&note));
            work.tried.acted(name);
            work.upload = None;
            let certificate_id = match &note {
                Note::Created { id, .. } => Some(id.clone()),
                _ => None,
            };
            work.journal.note(&[note]).await?;
            work.tell(Event::Done {
                address: change.address.clone(),
                action: step.action(),
                certificate_id,
            });
        }
        Known::Accepted => {
            work.tried.accepted(name);
            work.awaited.push(awaited(change, step, mutation));
        }
        Known::Unknown(answer) => {
            tracing::warn!(address = %change.address, action = step.action().as_str(), answer, "outcome unknown; looking for the effect");
            work.tried.acted(name);
            match step.action() {
                Action::Create => work.create_may_show = Some(Instant::now() + window(work)),
                // What does not show is sent again: the store refuses the same content twice.
                Action::Upload => work.hesitate = true,
                _ => work.awaited.push(awaited(change, step, mutation.clone())),
            }
            let note = Note::Answered { mutation, answer };
            work.journal.note(&[note]).await?;
        }
        Known::Nothing(error) => {
            work.journal.note(&[Note::End(mutation)]).await?;
            refused(work, change, step, &error);
        }
    }
    Ok(())
}

fn awaited(change: &Change, step: &Step, mutation: Mutation) -> Awaited {
    Awaited {
        address: change.address.clone(),
        step: step.clone(),
        mutation,
    }
}

/// How long the effect of a request may take to show.
fn window(work: &Work<'_>) -> Duration {
    let seconds = work.options.settle_timeout.as_seconds();
    Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
}

fn refused(work: &mut Work<'_>, change: &Change, step: &Step, error: &WriteError) {
    let name = &change.address.certificate;
    if step.action() == Action::Create && is(error, RefusalKind::QuotaReached) {
        let message = "Cloudflare says that the creations of these 24 hours are used up";
        let diagnostic = Diagnostic::warning(Code::QuotaReached, message)
            .hint("nothing was created; a later run goes on")
            .address(&change.address);
        work.diagnostics.push(diagnostic);
        work.tried.put_off(name);
        return;
    }
    if is(error, RefusalKind::AlreadyUploaded) {
        // This very content is there, by an attempt of before or by somebody else, and the list shows it
        // late: then it is taken over.
        tracing::warn!(address = %change.address, %error, "it is there already; waiting for the list");
        work.create_may_show = Some(Instant::now() + window(work));
        return;
    }
    let passing = matches!(error, WriteError::NotSent(_)) || is(error, RefusalKind::RateLimited);
    if passing && work.tried.may_repeat(change, step) {
        tracing::warn!(address = %change.address, action = step.action().as_str(), %error, "no effect; trying again");
        work.hesitate = true;
        return;
    }
    work.fail(change, step, error.to_string(), error.hint());
}

fn is(error: &WriteError, kind: RefusalKind) -> bool {
    matches!(error, WriteError::Refused(refusal) if refusal.kind() == kind)
}
