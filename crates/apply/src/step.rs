//! One request: its intent is durable before it leaves, its outcome after (laws 1 and 6).

use certctl_cloudflare::{RefusalKind, WriteError, Written};
use certctl_model::{Code, Diagnostic, Intent, Mutation, Note};
use certctl_plan::{Action, Change, Step};
use certctl_state::AuditOutcome;

use crate::Event;
use crate::account::{ATTEMPTS, AccountRun, Progress};
use crate::audit::Answer;

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

impl AccountRun<'_> {
    /// Sends the request of a step, journalled. An error here is about the state: the account stops.
    pub(crate) async fn request(
        &self,
        progress: &mut Progress,
        change: &Change,
        step: &Step,
    ) -> Result<(), Diagnostic> {
        let name = &change.address.certificate;
        let Some(mutation) = mutation(progress, change, step) else {
            return Err(Diagnostic::error(
                Code::StateFailed,
                "a step without a certificate",
            ));
        };
        let attempts = progress
            .attempts
            .entry((name.clone(), step.action))
            .or_default();
        *attempts += 1;
        if *attempts > ATTEMPTS {
            let error = format!("{} had no effect {ATTEMPTS} times", step.action.as_str());
            self.fail(progress, change, step, error, None);
            return Ok(());
        }
        // What the rate budget makes wait, waits here: the settle window counts from the intent.
        self.fleet.client.ready().await;
        let intent = Intent {
            mutation: mutation.clone(),
            at: progress
                .observed
                .date
                .unwrap_or_else(|| self.fleet.clock.now()),
            sent_at: self.fleet.clock.wall(),
        };
        let mut notes = step.notes.clone();
        notes.push(Note::Begin(intent));
        self.remember(progress, &notes).await?;
        if !progress
            .session
            .may_send(self.fleet.settings.request_timeout)
        {
            return Err(Diagnostic::error(
                Code::StateFailed,
                "the lock may end before the request does",
            )
            .hint("run it again"));
        }
        progress.options.allowance.count(change, step);
        (self.sink)(Event::Doing {
            address: change.address.clone(),
            action: step.action,
            certificate_id: step.certificate_id.clone(),
        });
        let (known, answer) = self.send(progress, change, &mutation).await;
        let outcome = known.outcome();
        let record = self.on_record(progress, change, step, &mutation, answer, outcome);
        let settled = self.settle(progress, change, step, mutation, known).await;
        // Also when the outcome could not be remembered: then this is the only trace of it.
        let recorded = self.put_on_record(&record).await;
        settled.and(recorded)
    }

    async fn send(
        &self,
        progress: &mut Progress,
        change: &Change,
        mutation: &Mutation,
    ) -> (Known, Answer) {
        let client = self.fleet.client;
        let account = &self.account.account_id;
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
            Mutation::SetInUse { id } if sent.is_ok() => self.confirm(progress, change, id).await,
            _ => known(sent, |_| Some(done())),
        };
        (known, answer)
    }

    /// A switch counts from when the configuration shows it.
    async fn confirm(
        &self,
        progress: &mut Progress,
        change: &Change,
        id: &certctl_model::CertificateId,
    ) -> Known {
        match self
            .fleet
            .client
            .configuration(&self.account.account_id)
            .await
        {
            Ok(configuration) if configuration.certificate_id.as_ref() == Some(id) => {
                if configuration.tls_decrypt == Some(false) {
                    progress.diagnostics.push(
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
        &self,
        progress: &mut Progress,
        change: &Change,
        step: &Step,
        mutation: Mutation,
        known: Known,
    ) -> Result<(), Diagnostic> {
        let name = &change.address.certificate;
        match known {
            Known::Done(notes) => {
                progress
                    .approved
                    .strike(&progress.state, &change.address, step);
                progress.options.replace.remove(&change.address);
                progress.acted.insert(name.clone());
                progress.attempts.remove(&(name.clone(), step.action));
                self.remember(progress, &notes).await?;
                (self.sink)(Event::Done {
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
                self.remember(progress, &[note]).await?;
                if gone {
                    progress
                        .approved
                        .strike(&progress.state, &change.address, step);
                    progress.acted.insert(name.clone());
                } else {
                    self.refused(progress, change, step, &error);
                }
            }
            Known::Unknown(what) => {
                tracing::warn!(address = %change.address, action = step.action.as_str(), what, "outcome unknown; looking for the effect");
                progress.hesitate = true;
                progress.acted.insert(name.clone());
            }
        }
        Ok(())
    }

    fn refused(&self, progress: &mut Progress, change: &Change, step: &Step, error: &WriteError) {
        let name = &change.address.certificate;
        if step.action == Action::Create && is(error, RefusalKind::QuotaReached) {
            let message = "Cloudflare says that the creations of these 24 hours are used up";
            let diagnostic = Diagnostic::warning(Code::QuotaReached, message)
                .hint("nothing was created; a later run goes on")
                .address(&change.address);
            progress.diagnostics.push(diagnostic);
            progress.put_off.insert(name.clone());
            return;
        }
        let passing =
            matches!(error, WriteError::NotSent(_)) || is(error, RefusalKind::RateLimited);
        let attempts = progress.attempts.get(&(name.clone(), step.action)).copied();
        if passing && attempts.unwrap_or_default() < ATTEMPTS {
            tracing::warn!(address = %change.address, action = step.action.as_str(), %error, "no effect; trying again");
            progress.hesitate = true;
            return;
        }
        self.fail(
            progress,
            change,
            step,
            error.to_string(),
            error.hint().map(str::to_owned),
        );
    }

    fn fail(
        &self,
        progress: &mut Progress,
        change: &Change,
        step: &Step,
        error: String,
        hint: Option<String>,
    ) {
        let message = format!("{}: {error}", step.action.as_str());
        let mut diagnostic = Diagnostic::error(Code::RequestFailed, message);
        diagnostic.hint = hint;
        progress
            .diagnostics
            .push(diagnostic.address(&change.address));
        progress
            .failures
            .insert(change.address.certificate.clone(), error.clone());
        (self.sink)(Event::Failed {
            address: change.address.clone(),
            action: step.action,
            error,
        });
    }
}

fn mutation(progress: &Progress, change: &Change, step: &Step) -> Option<Mutation> {
    let id = step.certificate_id.clone();
    Some(match step.action {
        Action::Create => {
            let (role, days) = step.makes?;
            Mutation::Create {
                certificate: change.address.certificate.clone(),
                role,
                days,
                known: progress
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
