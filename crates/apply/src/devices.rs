//! What the devices of each account show, asked at most once a run: a list of thousands is read again for
//! no second look.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use certctl_cloudflare::{Client, Uncounted};
use certctl_model::{AccountId, DeviceQuestion, Evidence, Timestamp};
use certctl_plan::Change;

use crate::choose::switches;

/// Whether devices are counted, and what came of it; clones share that.
#[derive(Debug, Clone, Default)]
pub struct Devices {
    when: When,
    as_of: Option<Timestamp>,
    known: Arc<Mutex<BTreeMap<AccountId, Evidence>>>,
}

/// In which accounts they are counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum When {
    Never,
    #[default]
    Declared,
    Asked,
}

impl Devices {
    /// For what shows no plan: they are not counted at all.
    #[must_use]
    pub fn never() -> Self {
        Self {
            when: When::Never,
            ..Self::default()
        }
    }

    /// Where a switch waits for `rotation.trust_evidence`; wherever a switch is to come, if evidence was
    /// `asked` for.
    #[must_use]
    pub fn counted(asked: bool) -> Self {
        let when = if asked { When::Asked } else { When::Declared };
        Self {
            when,
            ..Self::default()
        }
    }

    /// As the devices are at this moment, for a plan of another one.
    #[must_use]
    pub fn as_of(self, moment: Option<Timestamp>) -> Self {
        Self {
            as_of: moment,
            ..self
        }
    }

    /// Whether a change may depend on them, or show them: it switches Gateway, and evidence is declared or
    /// asked for.
    pub(crate) fn matter(&self, change: &Change) -> bool {
        let declared = || {
            let after = change.after.as_ref();
            after.is_some_and(|after| after.trust_evidence.is_some())
        };
        let counted = match self.when {
            When::Never => false,
            When::Declared => declared(),
            When::Asked => true,
        };
        counted && switches(change)
    }

    /// What to ask, by what is planned for an account.
    pub(crate) fn question(&self, changes: &[Change]) -> Option<DeviceQuestion> {
        if self.when == When::Never {
            return None;
        }
        let asked = self.when == When::Asked;
        changes.iter().find_map(|change| change.asks_devices(asked))
    }

    /// What is known of an account in this run.
    pub(crate) fn known(&self, account: &AccountId) -> Option<Evidence> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(account).cloned()
    }

    /// Counts the devices of an account, unless this run knows the answer. A list that cannot be read is an
    /// answer too.
    pub(crate) async fn count(
        &self,
        client: &Client,
        account: &AccountId,
        question: DeviceQuestion,
        now: Timestamp,
    ) -> Evidence {
        match self.known(account) {
            Some(Evidence::Counted {
                question: answered,
                counts,
            }) if answered == question => Evidence::Counted { question, counts },
            Some(failed @ (Evidence::Denied | Evidence::Unreadable)) => failed,
            _ => {
                let evidence = match client
                    .devices(account, &question, self.as_of.unwrap_or(now))
                    .await
                {
                    Ok(counts) => Evidence::Counted { question, counts },
                    Err(Uncounted::Denied) => Evidence::Denied,
                    Err(Uncounted::Unreadable) => Evidence::Unreadable,
                };
                let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
                known.insert(account.clone(), evidence.clone());
                evidence
            }
        }
    }
}
