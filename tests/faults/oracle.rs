//! The oracle: what the server's own journal says happened, held against the laws.
//!
//! It asks neither the plan nor the report. It knows the periods of the scenarios, which are a week
//! each, and what somebody else put into each account.

use std::collections::BTreeMap;

use certctl_model::Timestamp;
use certctl_sandbox::{Cause, Effect, Entry, Outage};

use crate::hand::Hand;
use crate::world::{STRANGER, World};

/// `trust_period` and `retire_after` in every scenario.
const WEEK: i64 = 7 * 86_400;

/// Checks one account; `creations` is how many certificates the scenario needs.
///
/// # Errors
/// The first law that was broken, in words.
pub(crate) async fn check(world: &World, account: &str, creations: usize) -> Result<(), String> {
    let journal = world.sandbox.journal().unwrap();
    let entries: Vec<&Entry> = journal
        .iter()
        .filter(|entry| entry.account_id.as_deref() == Some(account))
        .collect();
    let summary = world
        .sandbox
        .summary()
        .unwrap()
        .remove(account)
        .unwrap_or_default();
    let made = summary.creations;
    let struck = world.wire.dashboard.struck();
    let again = struck
        .iter()
        .filter(|(hand, _)| *hand == Hand::Deletes)
        .count();
    if !(creations..=creations + again).contains(&made) {
        return Err(format!(
            "{made} certificates were created, {creations} are needed"
        ));
    }
    let by_hand = |outage: &&Outage| struck.iter().any(|(_, at)| *at == outage.from);
    if let Some(outage) = summary.outages.iter().find(|outage| !by_hand(outage)) {
        return Err(format!("Gateway could not intercept: {outage:?}"));
    }
    let mut watch = Watch {
        uploaded: world.uploaded.clone(),
        ..Watch::default()
    };
    let foreign = world.foreign.get(account).cloned().unwrap_or_default();
    for entry in entries {
        for effect in &entry.effects {
            let by_hand = entry.cause == Cause::Control;
            watch
                .judge(effect, &foreign)
                .or_else(|why| if by_hand { Ok(()) } else { Err(why) })?;
            watch.see(effect);
        }
    }
    no_orphans(world, account, &foreign).await
}

/// What was seen of each certificate.
#[derive(Default)]
struct Watch {
    status: BTreeMap<String, (String, Timestamp)>,
    in_use: Option<String>,
    /// What was in use once, and until when.
    used: BTreeMap<String, Timestamp>,
    /// What its owner uploaded and the spec names: it may be brought to the edge, and never taken away.
    uploaded: Vec<String>,
}

impl Watch {
    /// Whether this was allowed, by what was seen until now.
    fn judge(&self, effect: &Effect, foreign: &[String]) -> Result<(), String> {
        let id = effect.certificate_id.as_deref().unwrap_or_default();
        let word = effect.effect.as_str();
        if matches!(word, "status" | "deleted") && foreign.iter().any(|other| other == id) {
            return Err(format!("{id} is not ours, and was touched: {effect:?}"));
        }
        let takes_away =
            word == "deleted" || (word == "status" && effect.from.as_deref() == Some("available"));
        if takes_away && self.uploaded.iter().any(|other| other == id) {
            return Err(format!("{id} was uploaded, and taken away: {effect:?}"));
        }
        match (word, effect.from.as_deref()) {
            ("status", Some("available")) => self.may_go(id, effect.at),
            ("deleted", status) if status != Some("inactive") => {
                Err(format!("{id} was deleted at the edge: {effect:?}"))
            }
            ("in_use", from) => self.may_switch(from, effect.to.as_deref(), effect.at),
            _ => Ok(()),
        }
    }

    fn see(&mut self, effect: &Effect) {
        let id = effect.certificate_id.clone().unwrap_or_default();
        match effect.effect.as_str() {
            "created" | "seeded" | "uploaded" | "status" => {
                let status = effect.to.clone().unwrap_or_default();
                self.status.insert(id, (status, effect.at));
            }
            "deleted" => drop(self.status.remove(&id)),
            "in_use" => {
                if let Some(from) = &effect.from {
                    self.used.insert(from.clone(), effect.at);
                }
                self.in_use.clone_from(&effect.to);
            }
            _ => {}
        }
    }

    fn may_go(&self, id: &str, at: Timestamp) -> Result<(), String> {
        if self.in_use.as_deref() == Some(id) {
            return Err(format!("{id} was taken from the edge while it was in use"));
        }
        let used = self.in_use.as_ref().and_then(|used| self.status.get(used));
        if let Some((status, _)) = used.filter(|(status, _)| status != "available") {
            return Err(format!(
                "{id} was taken from the edge while what is in use was {status}"
            ));
        }
        match self.used.get(id) {
            Some(until) if at.duration_since(*until).as_secs() < WEEK => Err(format!(
                "{id} was in use until {until}, and taken from the edge at {at}"
            )),
            _ => Ok(()),
        }
    }

    fn may_switch(
        &self,
        from: Option<&str>,
        to: Option<&str>,
        at: Timestamp,
    ) -> Result<(), String> {
        let available = |id: &str| match self.status.get(id) {
            Some((status, since)) if status == "available" => Some(*since),
            _ => None,
        };
        let Some(since) = to.and_then(available) else {
            return Err(format!("{to:?} was set in use, and is not available"));
        };
        if from == Some(STRANGER) {
            return Err("what somebody set in use by hand was overwritten".to_owned());
        }
        let is_usable = from.is_some_and(|from| available(from).is_some());
        if is_usable && at.duration_since(since).as_secs() < WEEK {
            return Err(format!(
                "{to:?} was set in use at {at}, available since {since}"
            ));
        }
        Ok(())
    }
}

/// Every managed certificate that is there is bound, and everything that is bound is there. What was
/// uploaded stays, bound or not.
async fn no_orphans(world: &World, account: &str, foreign: &[String]) -> Result<(), String> {
    let path = format!("/sandbox/accounts/{account}");
    let body = serde_json::Value::Null;
    let shown = world.control("GET", &path, &body).await;
    let certificates = shown["certificates"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let mut there: Vec<String> = certificates
        .iter()
        .filter_map(|certificate| certificate["id"].as_str())
        .map(str::to_owned)
        .collect();
    for id in foreign.iter().chain(&world.uploaded) {
        if !there.contains(id) {
            return Err(format!("{id} is not ours, and is gone"));
        }
    }
    there.retain(|id| !foreign.contains(id) && !world.uploaded.contains(id));
    there.sort();
    let document = world.document(account).await;
    let state = document.map(|document| document.state).unwrap_or_default();
    let mut bound: Vec<String> = state.bindings().map(|(_, b)| b.id.to_string()).collect();
    bound.retain(|id| !world.uploaded.contains(id));
    bound.sort();
    if there != bound {
        return Err(format!("there are {there:?}, bound are {bound:?}"));
    }
    if let Some(intent) = state.intents.first() {
        return Err(format!("an intent is still open: {intent:?}"));
    }
    Ok(())
}
