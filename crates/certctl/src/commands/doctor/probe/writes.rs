//! What can be compared only by spending one of the three creations of a day.
//!
//! *Guarantees*: the account's lock is held all the while, so that no run takes the certificate for its
//! own; Gateway is never switched; what was created is removed again, or its id is given back.

use std::time::{Duration, Instant};

use certctl_apply::Fleet;
use certctl_cloudflare::{Answer, Client, Method, decode_certificate};
use certctl_model::{AccountId, BindingStatus, CertificateId, InUse};
use certctl_state::Key;
use serde_json::{Value, json};

use super::lines::Lines;
use super::reads::{Read, told};
use crate::printer::{Printer, Problem};

/// How long the edge is waited for.
const PATIENCE: Duration = Duration::from_secs(300);
const POLL: Duration = Duration::from_secs(1);
/// What is asked for; short, should it be left behind.
const DAYS: u32 = 30;
/// So many certificates can be available at once.
const SLOTS: usize = 10;

/// Gives the id of what it created and could not remove.
pub(super) async fn probe(
    fleet: &Fleet<'_>,
    account: &AccountId,
    read: &Read,
    lines: &mut Lines,
    printer: Printer,
) -> Result<Option<CertificateId>, Problem> {
    let taken = |status: &BindingStatus| *status != BindingStatus::Inactive;
    let certificates = read.observed.certificates.iter();
    if certificates.filter(|c| taken(&c.binding_status)).count() >= SLOTS {
        lines.skip(
            "create, activate, deactivate, delete",
            "no slot at the edge is free",
        );
        return Ok(None);
    }
    let key = Key {
        origin: fleet.origin.to_owned(),
        account_id: account.clone(),
    };
    let locked = fleet
        .store
        .lock(&key, &fleet.settings.holder, Duration::ZERO);
    let session = locked
        .await
        .map_err(|error| Problem::from_error(&error).maybe_hint(error.hint()))?;
    printer.line("Creating a certificate of 30 days; it is removed at the end.");
    let trial = Trial {
        client: fleet.client,
        account,
        list: format!("/accounts/{account}/gateway/certificates"),
        configuration: format!("/accounts/{account}/gateway/configuration"),
    };
    let left = trial.run(read, lines).await;
    let released = session.release().await;
    released.map_err(|error| Problem::from_error(&error).maybe_hint(error.hint()))?;
    Ok(left)
}

struct Trial<'a> {
    client: &'a Client,
    account: &'a AccountId,
    list: String,
    configuration: String,
}

impl Trial<'_> {
    async fn ask(&self, path: &str) -> Answer {
        self.client.ask(self.account, path).await
    }

    async fn tell(&self, method: Method, path: &str, body: &Value) -> Answer {
        self.client.tell(self.account, method, path, body).await
    }

    async fn run(&self, read: &Read, lines: &mut Lines) -> Option<CertificateId> {
        let body = json!({ "validity_period_days": DAYS });
        let answer = self.tell(Method::POST, &self.list, &body).await;
        lines.check(
            "a create answers 200",
            answer.status() == Some(200),
            told(&answer),
        );
        let made = answer
            .result()
            .and_then(|result| decode_certificate(result).ok());
        let Some(made) = made else {
            lines.check(
                "a create answers with the certificate",
                false,
                told(&answer),
            );
            return None;
        };
        lines.check(
            "what was created is inactive",
            made.binding_status == BindingStatus::Inactive,
            made.binding_status.to_string(),
        );
        let days = made.facts().map(certctl_model::CaFacts::days);
        lines.check(
            "it is a sound CA of the validity that was asked for",
            days == Some(i64::from(DAYS)),
            days.map_or_else(
                || "it is not sound".to_owned(),
                |days| format!("{days} days"),
            ),
        );
        self.list_lag(&made.id, lines).await;
        self.activate(&made.id, lines).await;
        self.patch(read, lines).await;
        self.remove(&made.id, lines).await
    }

    /// How long the list takes to show it.
    async fn list_lag(&self, id: &CertificateId, lines: &mut Lines) {
        let start = Instant::now();
        loop {
            let answer = self.ask(&self.list).await;
            let items = answer.result().and_then(Value::as_array);
            let shown = items.into_iter().flatten().any(|item| names(item, id));
            if shown {
                let seconds = start.elapsed().as_secs();
                return lines.seen(
                    "how long the list lags behind a create",
                    format!(
                        "{seconds} s, within the settle window of 60 s: {}",
                        yes(seconds < 60)
                    ),
                );
            }
            if start.elapsed() > PATIENCE {
                return lines.check("the list shows what was created", false, "not in 5 minutes");
            }
            tokio::time::sleep(POLL).await;
        }
    }

    async fn activate(&self, id: &CertificateId, lines: &mut Lines) {
        let path = format!("{}/{id}/activate", self.list);
        let answer = self.tell(Method::POST, &path, &json!({})).await;
        lines.check(
            "an activation answers 202",
            answer.status() == Some(202),
            told(&answer),
        );
        let again = self.tell(Method::POST, &path, &json!({})).await;
        lines.seen(
            "an activation of what is pending or available",
            told(&again),
        );
        let status = self.settled(id, &BindingStatus::Available).await;
        lines.check(
            "after it the certificate becomes available",
            status == "available",
            status,
        );
        let path = format!("{}/{id}", self.list);
        let answer = self.tell(Method::DELETE, &path, &json!({})).await;
        lines.check(
            "a delete of what is available does not happen",
            self.status(id).await == Some(BindingStatus::Available),
            told(&answer),
        );
    }

    /// A PATCH that names what is in use anyway: does it change anything else?
    async fn patch(&self, read: &Read, lines: &mut Lines) {
        let what = "a PATCH of `settings.certificate` leaves every other block as it is";
        let InUse::Certificate(id) = read.observed.in_use() else {
            return lines.skip(what, "nothing is in use, or it is disputed");
        };
        let body = json!({ "settings": { "certificate": { "id": id } } });
        let answer = self.tell(Method::PATCH, &self.configuration, &body).await;
        lines.check(
            "a PATCH answers 200",
            answer.status() == Some(200),
            told(&answer),
        );
        let after = self.ask(&self.configuration).await;
        let others = |configuration: Option<&Value>| {
            let mut settings = configuration?.get("settings")?.as_object()?.clone();
            settings.remove("certificate");
            Some(settings)
        };
        let same = others(Some(&read.configuration)) == others(after.result());
        lines.check(what, same, yes(same));
    }

    /// Gives the id if it is still there.
    async fn remove(&self, id: &CertificateId, lines: &mut Lines) -> Option<CertificateId> {
        let path = format!("{}/{id}/deactivate", self.list);
        let answer = self.tell(Method::POST, &path, &json!({})).await;
        lines.check(
            "a deactivation answers 201",
            answer.status() == Some(201),
            told(&answer),
        );
        let status = self.settled(id, &BindingStatus::Inactive).await;
        lines.check(
            "after it the certificate becomes inactive",
            status == "inactive",
            status,
        );
        let path = format!("{}/{id}", self.list);
        let answer = self.tell(Method::DELETE, &path, &json!({})).await;
        lines.check(
            "a delete answers 200",
            answer.status() == Some(200),
            told(&answer),
        );
        let gone = self.ask(&path).await;
        let is_gone = gone.codes().contains(&2027);
        lines.check(
            "what was deleted is refused with code 2027",
            is_gone,
            told(&gone),
        );
        (!is_gone).then(|| id.clone())
    }

    /// The status that it ends in, once it is this one or the patience is over.
    async fn settled(&self, id: &CertificateId, wanted: &BindingStatus) -> String {
        let start = Instant::now();
        loop {
            let status = self.status(id).await;
            if status.as_ref() == Some(wanted) || start.elapsed() > PATIENCE {
                return status.map_or_else(|| "unknown".to_owned(), |status| status.to_string());
            }
            tokio::time::sleep(POLL).await;
        }
    }

    async fn status(&self, id: &CertificateId) -> Option<BindingStatus> {
        let answer: Answer = self.ask(&format!("{}/{id}", self.list)).await;
        let certificate = decode_certificate(answer.result()?).ok()?;
        Some(certificate.binding_status)
    }
}

fn names(item: &Value, id: &CertificateId) -> bool {
    let text = item.get("id").and_then(Value::as_str);
    text.is_some_and(|text| text.eq_ignore_ascii_case(id.as_str()))
}

fn yes(is: bool) -> &'static str {
    if is { "yes" } else { "no" }
}
