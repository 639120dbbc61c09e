//! One request: its intent is durable before it leaves, its outcome after (laws 1 and 6).

use certctl_cloudflare::{RefusalKind, WriteError, Written};
use certctl_model::{Code, Diagnostic, Intent, Mutation, Note};
use certctl_plan::{Action, Change, Step};
use certctl_state::AuditOutcome;

use crate::event::Event;
use crate::record::{Answer, record_of};
use crate::tried::ATTEMPTS;
use crate::work::Work;

/// What is known after a request.
enum Known {
    /// It was done; these facts follow.
    Done(Vec<Note>),
    /// It had no effect.
    Nothing(WriteError),
    /// Nobody knows: the effect is looked for.
    Unknown(String),
}

impl Known {
    fn outcome(&self) -> AuditOutcome {
        match self {
            Self::Done(_) => AuditOutcome::Done,
            Self::Nothing(WriteError::NotSent(_)) => AuditOutcome::NotSent,
            Self::Nothing(_) => AuditOutcome::Refused,
            Self::Unknown(_) => AuditOutcome::Unknown,
        }
    }
}

/// Sends the request of a step, journalled. An error here is about the state: the account stops.
pub(crate) async fn request(
    work: &mut Work<'_>,
    change: &Change,
    step: &Step,
) -> Result<(), Diagnostic> {
    let name = &change.address.certificate;
    let Some(mutation) = mutation(work, change, step) else {
        return Err(Diagnostic::error(
            Code::StateFailed,
            "a step without a certificate",
        ));
    };
    if !work.tried.begin(name, step.action) {
        let error = format!("{} had no effect {ATTEMPTS} times", step.action.as_str());
        work.fail(change, step, error, None);
        return Ok(());
    }
    // What the rate budget makes wait, waits here: the settle window counts from the intent.
    work.fleet.client.ready(&work.account.account_id).await;
    let intent = Intent {
        mutation: mutation.clone(),
        at: work.observed.date.unwrap_or_else(|| work.fleet.clock.now()),
        sent_at: work.fleet.clock.wall(),
    };
    let mut notes = step.notes.clone();
    notes.push(Note::Begin(intent));
    work.journal.note(&notes).await?;
    if !work.journal.may_send(work.fleet.settings.request_timeout) {
        return Err(Diagnostic::error(
            Code::StateFailed,
            "the lock may end before the request does",
        )
        .hint("run it again"));
    }
    work.options.allowance.count(change, step);
    work.tell(Event::Doing {
        address: change.address.clone(),
        action: step.action,
        certificate_id: step.certificate_id.clone(),
    });
    let (known, answer) = send(work, change, &mutation).await;
    let outcome = known.outcome();
    let record = record_of(work, change, step, &mutation, answer, outcome);
    let settled = settle(work, change, step, mutation, known).await;
    // Also when the outcome could not be remembered: then this is the only trace of it.
    let recorded = work.journal.record(&record).await;
    settled.and(recorded)
}

async fn send(work: &mut Work<'_>, change: &Change, mutation: &Mutation) -> (Known, Answer) {
    let client = work.fleet.client;
    let account = &work.account.account_id;
    let done = || vec![Note::Done(mutation.clone())];
    let sent = match mutation {
        Mutation::Create { days, .. } => client.create(account, *days).await,
        Mutation::Activate { id } => client.activate(account, id).await,
        Mutation::Deactivate { id } => client.deactivate(account, id).await,
        Mutation::Delete { id } => client.delete(account, id).await,
        Mutation::SetInUse { id } => client.set_in_use(account, id).await,
    };
    let answer = Answer::of(&sent);
    let known = match mutation {
        Mutation::Create { .. } => known(sent, |written| {
            let id = written.certificate.as_ref()?.id.clone();
            Some(vec![Note::Created {
                certificate: change.address.certificate.clone(),
                id,
            }])
        }),
        Mutation::SetInUse { id } if sent.is_ok() => confirm(work, change, id).await,
        _ => known(sent, |_| Some(done())),
    };
    (known, answer)
}

/// A switch counts from when the configuration shows it.
async fn confirm(work: &mut Work<'_>, change: &Change, id: &certctl_model::CertificateId) -> Known {
    match work
        .fleet
        .client
        .configuration(&work.account.account_id)
        .await
    {
        Ok(configuration) if configuration.certificate_id.as_ref() == Some(id) => {
            if configuration.tls_decrypt == Some(false) {
                work.diagnostics.push(
                    Diagnostic::warning(
                        Code::TlsDecryptOff,
                        "TLS decryption is switched off in this account: in use does not mean inspecting",
                    )
                    .hint("switch it on in Zero Trust settings when devices trust the certificate")
                    .address(&change.address),
                );
            }
            Known::Done(vec![Note::Done(Mutation::SetInUse { id: id.clone() })])
        }
        Ok(_) => Known::Unknown("the configuration does not show it yet".to_owned()),
        Err(error) => Known::Unknown(error.to_string()),
    }
}

async fn settle(
    work: &mut Work<'_>,
    change: &Change,
    step: &Step,
    mutation: Mutation,
    known: Known,
) -> Result<(), Diagnostic> {
    let name = &change.address.certificate;
    match known {
        Known::Done(notes) => {
            work.journal.strike(&change.address, step);
            work.options.replace.remove(&change.address);
            work.tried.done(name, step.action);
            work.journal.note(&notes).await?;
            work.tell(Event::Done {
                address: change.address.clone(),
                action: step.action,
                certificate_id: created(&notes).or_else(|| step.certificate_id.clone()),
            });
        }
        Known::Nothing(error) => {
            let gone = step.action == Action::Delete && is(&error, RefusalKind::NotFound);
            let note = if gone {
                Note::Done(mutation)
            } else {
                Note::End(mutation)
            };
            work.journal.note(&[note]).await?;
            if gone {
                work.journal.strike(&change.address, step);
                work.tried.acted(name);
            } else {
                refused(work, change, step, &error);
            }
        }
        Known::Unknown(what) => {
            tracing::warn!(address = %change.address, action = step.action.as_str(), what, "outcome unknown; looking for the effect");
            work.hesitate = true;
            work.tried.acted(name);
        }
    }
    Ok(())
}

fn refused(work: &mut Work<'_>, change: &Change, step: &Step, error: &WriteError) {
    let name = &change.address.certificate;
    if step.action == Action::Create && is(error, RefusalKind::QuotaReached) {
        let message = "Cloudflare says that the creations of these 24 hours are used up";
        let diagnostic = Diagnostic::warning(Code::QuotaReached, message)
            .hint("nothing was created; a later run goes on")
            .address(&change.address);
        work.diagnostics.push(diagnostic);
        work.tried.put_off(name);
        return;
    }
    let passing = matches!(error, WriteError::NotSent(_)) || is(error, RefusalKind::RateLimited);
    if passing && work.tried.may_repeat(name, step.action) {
        tracing::warn!(address = %change.address, action = step.action.as_str(), %error, "no effect; trying again");
        work.hesitate = true;
        return;
    }
    work.fail(
        change,
        step,
        error.to_string(),
        error.hint().map(str::to_owned),
    );
}

fn mutation(work: &Work<'_>, change: &Change, step: &Step) -> Option<Mutation> {
    let id = step.certificate_id.clone();
    Some(match step.action {
        Action::Create => {
            let (role, days) = step.makes?;
            Mutation::Create {
                certificate: change.address.certificate.clone(),
                role,
                days,
                known: work
                    .observed
                    .certificates
                    .iter()
                    .map(|c| c.id.clone())
                    .collect(),
            }
        }
        Action::Activate => Mutation::Activate { id: id? },
        Action::SetInUse => Mutation::SetInUse { id: id? },
        Action::Deactivate => Mutation::Deactivate { id: id? },
        Action::Delete => Mutation::Delete { id: id? },
        Action::Record | Action::Adopt | Action::Forget => return None,
    })
}

fn known(
    sent: Result<Written, WriteError>,
    notes: impl FnOnce(&Written) -> Option<Vec<Note>>,
) -> Known {
    match sent {
        Ok(written) => match notes(&written) {
            Some(notes) => Known::Done(notes),
            None => Known::Unknown("the response does not say what was made".to_owned()),
        },
        Err(error) if error.had_no_effect() => Known::Nothing(error),
        Err(error) => Known::Unknown(error.to_string()),
    }
}

fn is(error: &WriteError, kind: RefusalKind) -> bool {
    matches!(error, WriteError::Refused(refusal) if refusal.kind() == kind)
}

fn created(notes: &[Note]) -> Option<certctl_model::CertificateId> {
    notes.iter().find_map(|note| match note {
        Note::Created { id, .. } => Some(id.clone()),
        _ => None,
    })
}
