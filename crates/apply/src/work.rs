//! The work on one account, under its lock: what was read, what is remembered, what was tried.

use certctl_model::{Code, Diagnostic, Observed};
use certctl_plan::{AccountOutcome, Change, Options, Step};
use certctl_spec::Account;

use crate::event::{Event, Sink};
use crate::fleet::Fleet;
use crate::journal::Journal;
use crate::observe::{add_configuration, observe};
use crate::survey::Survey;
use crate::tried::Tried;

/// What changes while an account is worked on, and what it is worked on with.
pub(crate) struct Work<'a> {
    pub(crate) fleet: &'a Fleet<'a>,
    pub(crate) account: &'a Account,
    pub(crate) sink: &'a Sink,
    pub(crate) journal: Journal<'a>,
    pub(crate) observed: Observed,
    pub(crate) options: Options,
    pub(crate) tried: Tried,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Whether the last request may be repeated only after a pause.
    pub(crate) hesitate: bool,
}

/// Why the work stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Nothing is due, and nothing is worth waiting for.
    Settled,
    /// The wait for Cloudflare ended first.
    TimedOut,
    /// Somebody asked to stop.
    Stopped,
    /// The state could not be written, or the account not be read: what is left is for the next run.
    BrokenOff,
}

impl Work<'_> {
    /// What the planner wants now.
    pub(crate) fn plan(&self) -> AccountOutcome {
        let survey = Survey {
            observed: Ok(self.observed.clone()),
            state: Some(self.journal.state().clone()),
            version: self.journal.version(),
        };
        self.fleet.plan_one(&survey, self.account, &self.options)
    }

    /// Observes the account again.
    pub(crate) async fn look(&mut self) -> Result<(), Diagnostic> {
        let fleet = self.fleet;
        let (id, state) = (&self.account.account_id, self.journal.state());
        self.observed = observe(fleet.client, id, Some(state), &fleet.clock).await?;
        Ok(())
    }

    /// The same, with the second witness of what is in use.
    pub(crate) async fn look_twice(&mut self) -> Result<(), Diagnostic> {
        self.look().await?;
        add_configuration(self.fleet.client, &mut self.observed).await
    }

    /// Tells whoever watches.
    pub(crate) fn tell(&self, event: Event) {
        (self.sink)(event);
    }

    /// A step failed for good: nothing more is sent for its address.
    pub(crate) fn fail(
        &mut self,
        change: &Change,
        step: &Step,
        error: String,
        hint: Option<String>,
    ) {
        let message = format!("{}: {error}", step.action.as_str());
        let mut diagnostic = Diagnostic::error(Code::RequestFailed, message);
        diagnostic.hint = hint;
        self.diagnostics.push(diagnostic.address(&change.address));
        self.tried.fail(&change.address.certificate, error.clone());
        self.tell(Event::Failed {
            address: change.address.clone(),
            action: step.action,
            error,
        });
    }
}
