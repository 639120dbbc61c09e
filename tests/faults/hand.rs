//! The colleague in the dashboard: what somebody does by hand while a run waits, and takes back when
//! the run has ended.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use certctl_model::Timestamp;
use certctl_sandbox::Sandbox;
use http::Request;
use serde_json::{Value, json};

use crate::wire::act;
use crate::world::{STRANGER, UNMANAGED};

/// How long the budget makes a run wait, and when in that time the hand strikes.
pub(crate) const WAIT: u64 = 12;
const WITHIN: Duration = Duration::from_secs(WAIT / 2);

/// What somebody does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Hand {
    /// Sets a certificate of their own in use.
    Uses,
    /// Takes the newest one of ours that is not in use from the edge.
    Withdraws,
    /// Deletes it.
    Deletes,
    /// Not a person but the edge: what is in use turns to this status.
    Turns(&'static str),
}

/// What was done, and is to be taken back.
#[derive(Debug)]
struct Done {
    account: String,
    hand: Hand,
    /// The certificate that it concerned: for [`Hand::Uses`], what was in use before.
    id: String,
}

/// Whoever sits at the dashboard.
#[derive(Clone)]
pub(crate) struct Dashboard {
    sandbox: Sandbox,
    done: Arc<Mutex<Vec<Done>>>,
    struck: Arc<Mutex<Vec<(Hand, Timestamp)>>>,
}

impl Dashboard {
    pub(crate) fn new(sandbox: &Sandbox) -> Self {
        Self {
            sandbox: sandbox.clone(),
            done: Arc::default(),
            struck: Arc::default(),
        }
    }

    /// What was done, and when.
    pub(crate) fn struck(&self) -> Vec<(Hand, Timestamp)> {
        self.struck.lock().unwrap().clone()
    }

    /// Lets a hand strike while the run waits, if it still runs then.
    pub(crate) fn strike_soon(
        &self,
        hand: Hand,
        account: String,
        runs: impl Fn() -> bool + Send + 'static,
    ) {
        let dashboard = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(WITHIN).await;
            if runs() {
                dashboard.strike(hand, account).await;
            }
        });
    }

    /// Lets a hand strike; what it finds nothing for it does not do.
    pub(crate) async fn strike(&self, hand: Hand, account: String) {
        let shown = self.call("GET", &account, "", &Value::Null).await;
        let certificates = shown["certificates"].as_array().unwrap();
        let used = shown["settings"]["certificate"]["id"].as_str();
        let id = match hand {
            Hand::Uses | Hand::Turns(_) => used,
            Hand::Withdraws | Hand::Deletes => {
                let ours = certificates.iter().rev().find(|certificate| {
                    let id = certificate["id"].as_str();
                    certificate["kind"] == "gateway_managed"
                        && id != Some(UNMANAGED)
                        && id != used
                        && (hand == Hand::Deletes || certificate["status"] == "available")
                });
                ours.and_then(|certificate| certificate["id"].as_str())
            }
        };
        let Some(id) = id.map(str::to_owned) else {
            return;
        };
        let (method, of, body) = match hand {
            Hand::Uses => ("PATCH", STRANGER, json!({ "in_use": true })),
            Hand::Withdraws => (
                "PATCH",
                &*id,
                json!({ "binding_status": "pending_deletion" }),
            ),
            Hand::Deletes => ("DELETE", &*id, Value::Null),
            Hand::Turns(to) => (
                "PATCH",
                &*id,
                json!({ "binding_status": to, "stuck": true }),
            ),
        };
        self.call(method, &account, of, &body).await;
        let now = self.sandbox.now();
        self.struck.lock().unwrap().push((hand, now));
        self.done.lock().unwrap().push(Done { account, hand, id });
    }

    /// Takes back what was done, unless it was undone already; gives whether anything was done.
    pub(crate) async fn take_back(&self) -> bool {
        let done = std::mem::take(&mut *self.done.lock().unwrap());
        let struck = !done.is_empty();
        for Done { account, hand, id } in done {
            let shown = self.call("GET", &account, "", &Value::Null).await;
            let certificates = shown["certificates"].as_array().unwrap();
            let of = |id: &str| certificates.iter().find(|c| c["id"] == id);
            let body = match hand {
                Hand::Uses if shown["settings"]["certificate"]["id"] == STRANGER => {
                    json!({ "in_use": true })
                }
                Hand::Turns(to) if of(&id).is_some_and(|c| c["status"] == to) => {
                    json!({ "binding_status": "available" })
                }
                _ => continue,
            };
            self.call("PATCH", &account, &id, &body).await;
        }
        struck
    }

    async fn call(&self, method: &str, account: &str, id: &str, body: &Value) -> Value {
        let certificate = match id {
            "" => String::new(),
            id => format!("/certificates/{id}"),
        };
        let path = format!("/sandbox/accounts/{account}{certificate}");
        let request = Request::builder().method(method).uri(&path);
        let body = Bytes::from(body.to_string());
        let response = act(self.sandbox.router(), request.body(body).unwrap()).await;
        let text = String::from_utf8_lossy(response.body()).into_owned();
        assert!(response.status().is_success(), "{method} {path}: {text}");
        serde_json::from_str(&text).unwrap()
    }
}
