//! The journal: what was asked, what was answered, what changed, and whether Gateway could
//! intercept all the while.
//!
//! It is the oracle of tests: it is written by the server, so it also knows what a client that was
//! killed or lied to does not.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What made an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A request to the API.
    Request,
    /// Time: a deployment ended, a delayed effect came, what is in use expired.
    Time,
    /// The control plane below `/sandbox`.
    Control,
}

/// Whether Gateway can intercept with what is set in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interception {
    /// Nothing is set.
    #[default]
    Unset,
    /// The certificate in use is available and unexpired.
    Working,
    /// It is not available at the edge.
    NotAvailable,
    /// It has expired.
    Expired,
    /// It no longer exists.
    Missing,
    /// The nil UUID is set: Cloudflare's shared root, which expired in 2025.
    Nil,
}

/// One thing that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// When.
    pub at: Timestamp,
    /// What: `created`, `uploaded`, `seeded`, `status`, `deleted`, `in_use`, `configuration`,
    /// `interception`, `edited`.
    pub effect: String,
    /// Which certificate, where one is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_id: Option<String>,
    /// What it was before: a status, an id, an [`Interception`] word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Of what was `created` or `seeded`: for how many days it is valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
}

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Counts from 1, without gaps.
    pub seq: u64,
    /// When it was handled.
    pub at: Timestamp,
    /// What made it.
    pub cause: Cause,
    /// The method; empty for [`Cause::Time`].
    pub method: String,
    /// The path with its query; empty for [`Cause::Time`].
    pub path: String,
    /// The account, where the path names one.
    pub account_id: Option<String>,
    /// The certificate that the path names, or that was created.
    pub certificate_id: Option<String>,
    /// The status that was decided; none if the request was dropped before it was looked at. With a
    /// fault it may not be what the client saw.
    pub status: Option<u16>,
    /// The code of a refusal.
    pub code: Option<u32>,
    /// The fault that was put in its way.
    pub fault: Option<String>,
    /// The `Cf-Auditlog-Id` of the response.
    pub audit_log_id: Option<String>,
    /// What changed.
    pub effects: Vec<Effect>,
    /// How interception stands afterwards.
    pub interception: Option<Interception>,
}

/// A time in which Gateway could not intercept although it had been told to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outage {
    /// Since when.
    pub from: Timestamp,
    /// Until when; none if it still lasts.
    pub until: Option<Timestamp>,
    /// The word that interception stood at.
    pub why: String,
}

/// What the journal says about one account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Summary {
    /// How many certificates the API has created, whoever asked and whatever became of them.
    pub creations: usize,
    /// Their ids, oldest first.
    pub created: Vec<String>,
    /// The ids of all that were deleted.
    pub deleted: Vec<String>,
    /// Requests to the API.
    pub requests: usize,
    /// Every certificate that was set in use, in this order; `none` where it was unset.
    pub in_use: Vec<String>,
    /// Must be empty where nothing but a reconciler acts.
    pub outages: Vec<Outage>,
}

/// What the journal says, account by account.
pub(crate) fn summarise(entries: &[Entry]) -> BTreeMap<String, Summary> {
    let mut accounts: BTreeMap<String, Summary> = BTreeMap::new();
    for entry in entries {
        let Some(account) = &entry.account_id else {
            continue;
        };
        let summary = accounts.entry(account.clone()).or_default();
        summary.requests += usize::from(entry.cause == Cause::Request);
        for effect in &entry.effects {
            note(summary, effect);
        }
    }
    accounts
}

fn note(summary: &mut Summary, effect: &Effect) {
    let id = effect.certificate_id.clone().unwrap_or_default();
    match effect.effect.as_str() {
        "created" => {
            summary.creations += 1;
            summary.created.push(id);
        }
        "deleted" => summary.deleted.push(id),
        "in_use" => summary
            .in_use
            .push(effect.to.clone().unwrap_or_else(|| "none".to_owned())),
        "interception" => {
            if let Some(last) = summary.outages.last_mut()
                && last.until.is_none()
            {
                last.until = Some(effect.at);
            }
            let to = effect.to.clone().unwrap_or_default();
            if to != "working" {
                summary.outages.push(Outage {
                    from: effect.at,
                    until: None,
                    why: to,
                });
            }
        }
        _ => {}
    }
}

impl Interception {
    /// The word that stands in the journal.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unset => "unset",
            Self::Working => "working",
            Self::NotAvailable => "not_available",
            Self::Expired => "expired",
            Self::Missing => "missing",
            Self::Nil => "nil",
        }
    }
}
