//! What accounts were like a moment ago, for reads that lag.
//!
//! Nothing is kept while no read lags.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;

use crate::account::Account;

/// The versions of each account, as far back as a read may look.
#[derive(Debug, Default)]
pub(crate) struct Past {
    versions: BTreeMap<String, VecDeque<(Timestamp, Account)>>,
}

impl Past {
    /// Remembers that an account became another one; nobody will look further back than `horizon`.
    pub(crate) fn record(
        &mut self,
        id: &str,
        before: Option<&Account>,
        at: Timestamp,
        after: &Account,
        horizon: Timestamp,
    ) {
        let versions = self.versions.entry(id.to_owned()).or_insert_with(|| {
            let first = before.cloned().unwrap_or_default();
            VecDeque::from([(Timestamp::MIN, first)])
        });
        versions.push_back((at, after.clone()));
        while versions.get(1).is_some_and(|(since, _)| *since <= horizon) {
            versions.pop_front();
        }
    }

    /// Nothing is known of an account's past any more.
    pub(crate) fn forget(&mut self, id: &str) {
        self.versions.remove(id);
    }

    /// An account as it was; none if it has not changed since.
    pub(crate) fn view(&self, id: &str, at: Timestamp) -> Option<Account> {
        let versions = self.versions.get(id)?;
        let then = versions.iter().rev().find(|(since, _)| *since <= at);
        let mut account = then.or(versions.front()).map(|(_, a)| a.clone())?;
        // What they will do belongs to the present.
        account.late.clear();
        Some(account)
    }
}
