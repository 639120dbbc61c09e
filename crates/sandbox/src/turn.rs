//! One operation's turn at one account: what it may see, change and leave in the journal.

use std::time::Duration;

use jiff::Timestamp;

use crate::account::Account;
use crate::certificate::PENDING_DELETION;
use crate::certificate::PENDING_DEPLOYMENT;
use crate::faults::Oddity;
use crate::journal::Effect;
use crate::wire::Refusal;

/// What holds for all accounts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) deploy_delay: Duration,
    /// Deleting what is not inactive answers 500, as was once seen, rather than 2118.
    pub(crate) delete_answers_500: bool,
}

/// One operation's turn.
pub(crate) struct Turn<'a> {
    pub(crate) account_id: &'a str,
    pub(crate) account: &'a mut Account,
    pub(crate) now: Timestamp,
    pub(crate) rules: &'a Rules,
    pub(crate) effects: Vec<Effect>,
    /// The list omits what is younger than this.
    pub(crate) list_lag: Option<Duration>,
    /// What is issued is not what was asked for.
    pub(crate) oddity: Option<Oddity>,
}

impl<'a> Turn<'a> {
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
        });
    }

    /// Starts a deployment or its reverse, which ends after the delay of the rules.
    pub(crate) fn begin(&mut self, id: &str, pending: &str) {
        let ends = self.now.checked_add(self.rules.deploy_delay);
        self.set_status(id, pending, ends.ok());
    }

    /// Changes a status, and says so if it is another.
    pub(crate) fn set_status(&mut self, id: &str, to: &str, settles_at: Option<Timestamp>) {
        let Some(certificate) = self.account.find_mut(id) else {
            return;
        };
        let from = std::mem::replace(&mut certificate.status, to.to_owned());
        let pending = to == PENDING_DEPLOYMENT || to == PENDING_DELETION;
        certificate.settles_at = settles_at.filter(|_| pending);
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
