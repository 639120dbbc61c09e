//! One operation at one account: what it may see, change and leave in the journal.

use std::time::Duration;

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::account::Account;
use crate::certificate::{INACTIVE, PENDING_DEPLOYMENT};
use crate::fault::Oddity;
use crate::journal::{Effect, Entry};
use crate::wire::Refusal;

/// What holds for all accounts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) deploy_delay: Duration,
    /// Deleting what is not inactive answers 500, as was once seen, rather than 2118.
    pub(crate) delete_answers_500: bool,
    /// A deployment that begins ends where it began.
    pub(crate) deployments_fail: bool,
    /// What ids are drawn from; by chance if from nothing.
    pub(crate) seed: Option<u64>,
    /// TLS decryption is switched on as soon as there is a certificate for it.
    pub(crate) inspects: bool,
}

/// One operation.
pub(crate) struct Operation<'a> {
    pub(crate) account_id: &'a str,
    pub(crate) account: &'a mut Account,
    pub(crate) now: Timestamp,
    pub(crate) rules: &'a Rules,
    pub(crate) effects: Vec<Effect>,
    /// The list omits what is younger than this.
    pub(crate) list_lag: Option<Duration>,
    /// What is issued is not what was asked for.
    pub(crate) oddity: Option<Oddity>,
    /// What happened before, in all accounts.
    pub(crate) journal: &'a [Entry],
}

impl<'a> Operation<'a> {
    pub(crate) fn new(
        account_id: &'a str,
        account: &'a mut Account,
        now: Timestamp,
        rules: &'a Rules,
    ) -> Self {
        Self {
            account_id,
            account,
            now,
            rules,
            effects: Vec::new(),
            list_lag: None,
            oddity: None,
            journal: &[],
        }
    }

    pub(crate) fn note(
        &mut self,
        effect: &str,
        certificate_id: Option<&str>,
        from: Option<&str>,
        to: Option<&str>,
    ) {
        self.effects.push(Effect {
            at: self.now,
            effect: effect.to_owned(),
            certificate_id: certificate_id.map(str::to_owned),
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
            days: None,
        });
    }

    /// Notes that a certificate is there which was not, valid for so many days.
    pub(crate) fn note_issued(&mut self, effect: &str, id: &str, days: u32) {
        self.note(effect, Some(id), None, Some(INACTIVE));
        if let Some(effect) = self.effects.last_mut() {
            effect.days = Some(days);
        }
    }

    /// Starts a deployment or its reverse, which ends after the delay of the rules.
    pub(crate) fn begin(&mut self, id: &str, pending: &str) {
        let ends = self.now.checked_add(self.rules.deploy_delay);
        self.set_status(id, pending, ends.ok());
        if self.rules.deployments_fail && pending == PENDING_DEPLOYMENT {
            self.settles_to(id, INACTIVE);
        }
    }

    /// Lets a status end in another one than is usual.
    pub(crate) fn settles_to(&mut self, id: &str, to: &str) {
        if let Some(certificate) = self.account.find_mut(id) {
            certificate.settles_to = Some(to.to_owned());
        }
    }

    /// The id of the next certificate of this account.
    pub(crate) fn new_id(&self) -> String {
        let Some(seed) = self.rules.seed else {
            return Uuid::new_v4().to_string();
        };
        let name = format!("{seed}/{}/{}", self.account_id, self.account.generation);
        let digest = Sha256::digest(name.as_bytes());
        let mut bytes = [0; 16];
        bytes
            .iter_mut()
            .zip(digest)
            .for_each(|(to, from)| *to = from);
        uuid::Builder::from_random_bytes(bytes)
            .into_uuid()
            .to_string()
    }

    /// Changes a status, and says so if it is another.
    pub(crate) fn set_status(&mut self, id: &str, to: &str, settles_at: Option<Timestamp>) {
        let Some(certificate) = self.account.find_mut(id) else {
            return;
        };
        let from = std::mem::replace(&mut certificate.status, to.to_owned());
        certificate.settles_at = settles_at;
        certificate.settles_to = None;
        if from != to {
            self.note("status", Some(id), Some(&from), Some(to));
        }
    }

    /// Says so if what Gateway uses, or whether it can, is no longer what it was.
    pub(crate) fn observe_interception(&mut self) {
        let was = self.account.interception;
        let is = self.account.interception_at(self.now);
        if was != is {
            self.account.interception = is;
            let id = self.account.configured_id().map(str::to_owned);
            self.note(
                "interception",
                id.as_deref(),
                Some(was.as_str()),
                Some(is.as_str()),
            );
        }
    }

    pub(crate) fn is_known(&self, id: &str) -> Result<(), Refusal> {
        self.account
            .find(id)
            .map(|_| ())
            .ok_or_else(Refusal::not_found)
    }
}
