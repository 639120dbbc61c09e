//! The accounts, as their people see and change them: the control plane of the sandbox.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::{Body, to_bytes};
use certctl_sandbox::{ControlCall, Sandbox};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::declared::{ACCOUNTS, Declared, NAMES, name_of};
use crate::history::Hand;

/// The control plane.
pub(crate) struct Dashboard {
    pub(crate) sandbox: Sandbox,
    pub(crate) router: axum::Router,
    /// How many accounts there are.
    pub(crate) accounts: usize,
    /// How many hands have made a certificate.
    others: u32,
}

impl Dashboard {
    pub(crate) fn new(sandbox: Sandbox, accounts: usize) -> Self {
        Self {
            router: sandbox.router(),
            sandbox,
            accounts,
            others: 0,
        }
    }

    /// Lets a hand do what it does, as things stand.
    pub(crate) async fn lend(&mut self, hand: Hand) {
        if let Some(call) = self.call(hand).await {
            self.control(&call.method, &call.path, &call.body).await;
        }
    }

    /// What a hand does, as things stand.
    pub(crate) async fn call(&mut self, hand: Hand) -> Option<ControlCall> {
        let call = |method: &str, path: String, body: Value| {
            let method = method.to_owned();
            Some(ControlCall { method, path, body })
        };
        match hand {
            Hand::Create { available, account } => {
                self.others += 1;
                let status = if available { "available" } else { "inactive" };
                let seed = json!({
                    "validity_period_days": 1_000 + self.others, "binding_status": status,
                    "spends_quota": true,
                });
                let account = path(account % self.accounts);
                call("POST", format!("{account}/certificates"), seed)
            }
            Hand::Spend => {
                self.others += 1;
                let seed =
                    json!({ "validity_period_days": 1_000 + self.others, "spends_quota": true });
                let account = path(self.others as usize % self.accounts);
                call("POST", format!("{account}/certificates"), seed)
            }
            Hand::Use(index) => call("PATCH", self.at(index).await?, json!({ "in_use": true })),
            Hand::Deactivate(index) => {
                let body = json!({ "binding_status": "pending_deletion" });
                call("PATCH", self.at(index).await?, body)
            }
            Hand::Delete(index) => call("DELETE", self.at(index).await?, Value::Null),
            Hand::Activate(index) => {
                let body = json!({ "binding_status": "pending_deployment" });
                call("PATCH", self.at(index).await?, body)
            }
            Hand::Turn(index, to, seconds) => {
                let turns = json!({ "settles_in_seconds": seconds, "settles_to": to.word() });
                call("PATCH", self.at(index).await?, turns)
            }
        }
    }

    /// The path of the so many-th certificate, accounts counted first.
    async fn at(&self, index: usize) -> Option<String> {
        let account = index % self.accounts;
        let certificates = self.certificates(account).await;
        let index = index / self.accounts;
        let chosen = certificates.get(index % certificates.len().max(1))?;
        let id = text(&chosen["id"]);
        Some(format!("{}/certificates/{id}", path(account)))
    }

    /// Statuses that nobody knows are taken back, and what is stuck is finished.
    pub(crate) async fn heal(&self) {
        for account in 0..self.accounts {
            for certificate in self.certificates(account).await {
                let edit = match certificate["status"].as_str() {
                    Some("in_orbit") => json!({ "binding_status": "inactive" }),
                    Some("pending_deployment" | "pending_deletion") => {
                        json!({ "settles_in_seconds": 1 })
                    }
                    _ => continue,
                };
                let id = text(&certificate["id"]);
                let path = format!("{}/certificates/{id}", path(account));
                self.control("PATCH", &path, &edit).await;
            }
        }
    }

    /// What of the declaration is not so; none when the account is exactly what is declared. Of some names
    /// something may be left of what was declared before.
    pub(crate) async fn difference(
        &self,
        account: usize,
        declared: &Declared,
        left: &BTreeSet<&str>,
    ) -> Option<String> {
        if declared.suspended || declared.certificates.is_empty() {
            return None;
        }
        let certificates = self.certificates(account).await;
        let issued = self.issued();
        let label = |c: &Value| issued.get(&text(&c["id"])).map(|days| (days + 1) / 10 * 10);
        let used = self.in_use(account).await;
        let mut expected = 0;
        for name in NAMES {
            let Some(one) = declared.certificates.get(name) else {
                continue;
            };
            let is_of_it = |c: &&Value| label(c) == Some(one.days);
            let of_it: Vec<&Value> = certificates.iter().filter(is_of_it).collect();
            let wanted = if one.active { "available" } else { "inactive" };
            let wrong = |found: &Value| {
                let status = text(&found["status"]);
                if status != wanted {
                    return Some(format!("{name} is {status}"));
                }
                (declared.in_use == Some(name) && used.as_ref() != Some(&text(&found["id"])))
                    .then(|| format!("{name} is not in use"))
            };
            let may_be_more = left.contains(name);
            if of_it.is_empty() || of_it.len() > 1 && !may_be_more {
                let (count, days) = (of_it.len(), one.days);
                return Some(format!("{count} certificates of {days} days are there"));
            }
            let wrongs: Vec<String> = of_it.iter().filter_map(|c| wrong(c)).collect();
            if wrongs.len() == of_it.len() {
                return wrongs.into_iter().next();
            }
            expected += usize::from(!may_be_more);
        }
        let counts = |c: &&Value| {
            let name = label(c).and_then(name_of);
            name.is_some_and(|name| !left.contains(name))
        };
        let ours = certificates.iter().filter(counts).count();
        (ours != expected).then(|| format!("{ours} certificates are ours"))
    }

    /// The days of each certificate that requests have made.
    fn issued(&self) -> BTreeMap<String, u32> {
        let journal = self.sandbox.journal().unwrap();
        let effects = journal.into_iter().flat_map(|entry| entry.effects);
        let created = effects.filter(|effect| effect.effect == "created");
        created
            .filter_map(|effect| Some((effect.certificate_id?, effect.days?)))
            .collect()
    }

    async fn in_use(&self, account: usize) -> Option<String> {
        let shown = self.control("GET", &path(account), &Value::Null).await;
        let id = shown["settings"]["certificate"]["id"].as_str();
        id.map(str::to_owned)
    }

    /// The certificates of an account.
    pub(crate) async fn certificates(&self, account: usize) -> Vec<Value> {
        let shown = self.control("GET", &path(account), &Value::Null).await;
        shown["certificates"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    }

    /// Calls the control plane; what it refuses has no effect, and gives null.
    async fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = match body {
            Value::Null => Body::empty(),
            body => Body::from(body.to_string()),
        };
        let request = http::Request::builder().method(method);
        let request = request.uri(format!("/sandbox{path}")).body(body).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        serde_json::from_slice(&body).unwrap_or_default()
    }
}

fn path(account: usize) -> String {
    format!("/accounts/{}", ACCOUNTS[account].1)
}

/// A text of a document.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
