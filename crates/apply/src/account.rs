//! One account, under its lock: observe, plan, do the first approved step that is due, and again.
//!
//! The planner is asked after every request, so the executor never has to know what follows from an
//! outcome, an expected one or not: the approval only filters what the planner wants. What is not
//! due is waited for only where Cloudflare or a lagging list is at work; periods are for later runs.

use std::collections::{BTreeMap, BTreeSet};

use certctl_model::{AccountState, Code, Diagnostic, Name, Note, Observed};
use certctl_plan::{AccountOutcome, Action, Allowance, Change, ChangeKind, Options, Step};
use certctl_spec::Account;
use certctl_state::Session;
use tokio::sync::watch;

use crate::approval::Approved;
use crate::choose::{concerns_a_run, due_shortly, next, wants_witness, worth_waiting_for};
use crate::conclude::result_line;
use crate::fleet::{Survey, state_failed, version_of};
use crate::observe::{add_configuration, observe};
use crate::poll::Poll;
use crate::report::{Outcome, ResultLine};
use crate::{Approval, Event, Fleet, Sink};

/// How often a step whose effect failed to appear is begun again within one run.
pub(crate) const ATTEMPTS: u32 = 3;

/// The work on one account.
pub(crate) struct AccountRun<'a> {
    pub(crate) fleet: &'a Fleet<'a>,
    pub(crate) account: &'a Account,
    pub(crate) approval: &'a Approval,
    pub(crate) sink: &'a Sink,
    pub(crate) stop: watch::Receiver<bool>,
    /// The plan that was shown.
    pub(crate) shown: &'a certctl_plan::Plan,
}

/// What became of it.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    pub(crate) results: Vec<ResultLine>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// What changes while an account is worked on.
pub(crate) struct Progress {
    pub(crate) session: Session,
    pub(crate) state: AccountState,
    pub(crate) observed: Observed,
    pub(crate) options: Options,
    pub(crate) approved: Approved,
    /// The digest whose approval is kept in the state.
    pub(crate) digest: Option<String>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What stands in the way of each address.
    pub(crate) failures: BTreeMap<Name, String>,
    /// Addresses of which something was carried out.
    pub(crate) acted: BTreeSet<Name>,
    /// Addresses that the server told to wait although nothing here says so.
    pub(crate) put_off: BTreeSet<Name>,
    /// Whether the last request may be repeated only after a pause.
    pub(crate) hesitate: bool,
    /// How often each step was begun.
    pub(crate) attempts: BTreeMap<(Name, Action), u32>,
}

/// Why the work stops.
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

impl<'a> AccountRun<'a> {
    /// Runs the account; never fails as a whole, what goes wrong is in the result.
    pub(crate) async fn run(self) -> Ended {
        let planned = self.planned();
        if let Some(diagnostic) = self.shown_as_blocked() {
            return self.skipped(&planned, diagnostic);
        }
        if !planned
            .iter()
            .any(|change| concerns_a_run(change, &self.fleet.clock))
        {
            let results = planned
                .iter()
                .filter_map(|change| untouched(change))
                .collect();
            return Ended {
                results,
                diagnostics: Vec::new(),
            };
        }
        match self.begin().await {
            Ok(progress) => self.work(progress, &planned).await,
            Err(diagnostics) => self.skipped(&planned, diagnostics),
        }
    }

    fn planned(&self) -> Vec<&'a Change> {
        let of_this = |change: &&Change| change.address.account == self.account.name;
        self.shown.changes.iter().filter(of_this).collect()
    }

    /// An account that was blocked when it was planned is not begun; its diagnostics were shown.
    fn shown_as_blocked(&self) -> Option<Vec<Diagnostic>> {
        let account = self
            .shown
            .accounts
            .iter()
            .find(|a| a.name == self.account.name)?;
        (!account.applyable).then(Vec::new)
    }

    /// The planning options, with what the shown plan granted this account of the policy's limits.
    fn options(&self) -> Options {
        let shown = &self.shown.accounts;
        let planned = shown.iter().find(|a| a.name == self.account.name);
        let tally = planned.map(|planned| planned.tally).unwrap_or_default();
        Options {
            allowance: Allowance::granted(&self.fleet.spec.policy, &tally),
            ..self.fleet.options.clone()
        }
    }

    fn skipped(&self, planned: &[&Change], diagnostics: Vec<Diagnostic>) -> Ended {
        let results = planned
            .iter()
            .filter(|change| change.kind != ChangeKind::NoOp)
            .map(|change| result_line(change, Outcome::Skipped, None))
            .collect();
        Ended {
            results,
            diagnostics,
        }
    }

    /// Takes the lock, reads everything afresh, and checks that it is still what was approved.
    async fn begin(&self) -> Result<Progress, Vec<Diagnostic>> {
        let fleet = self.fleet;
        let key = fleet.key(&self.account.account_id);
        let settings = fleet.settings;
        let session = fleet
            .store
            .lock(&key, &settings.holder, settings.lock_timeout)
            .await
            .map_err(|error| vec![self.place(state_failed(&error))])?;
        let state = session.state().clone();
        let remembered = session.document().is_some().then_some(&state);
        let observed = observe(
            fleet.client,
            &self.account.account_id,
            remembered,
            &fleet.clock,
        )
        .await
        .map_err(|diagnostic| vec![self.place(diagnostic)])?;
        let survey = Survey {
            observed: Ok(observed.clone()),
            state: remembered.cloned(),
            version: version_of(session.document()),
        };
        let options = self.options();
        let outcome = survey.outcome(fleet, self.account, &options);
        let (approved, digest) = self.approved(&outcome, &state)?;
        if !outcome.account.applyable {
            return Err(outcome.diagnostics);
        }
        (self.sink)(Event::Started {
            account: self.account.name.clone(),
            steps: approved.calls(),
        });
        Ok(Progress {
            session,
            state,
            observed,
            options,
            approved,
            digest,
            diagnostics: Vec::new(),
            failures: BTreeMap::new(),
            acted: BTreeSet::new(),
            put_off: BTreeSet::new(),
            hesitate: false,
            attempts: BTreeMap::new(),
        })
    }

    /// What may be done, and the digest under which that is kept: all of the fresh plan where its
    /// digest is the approved one, or what an interrupted run of the same approval had left.
    fn approved(
        &self,
        outcome: &AccountOutcome,
        state: &AccountState,
    ) -> Result<(Approved, Option<String>), Vec<Diagnostic>> {
        let now = self.fleet.clock.now();
        let id = &self.account.account_id;
        if matches!(self.approval, Approval::Everything) {
            return Ok((Approved::of(outcome, now).and_everything_else(), None));
        }
        if self.approval.digest(id, self.shown) == Some(&outcome.account.digest) {
            let label = self.approval.label(id, self.shown).cloned();
            return Ok((Approved::of(outcome, now), label));
        }
        match &state.accepted {
            Some(accepted) if self.approval.covers(id, &accepted.digest) => {
                Ok((Approved::resume(accepted), Some(accepted.digest.clone())))
            }
            _ => Err(vec![self.moved(outcome)]),
        }
    }

    fn moved(&self, outcome: &AccountOutcome) -> Diagnostic {
        let fresh = certctl_plan::Plan::assemble(
            vec![outcome.clone()],
            Vec::new(),
            self.fleet.options,
            self.fleet.clock.now(),
        );
        let what = match self.approval {
            Approval::Plan(saved) => {
                certctl_plan::moved(saved, &fresh, &self.account.name).join("; ")
            }
            Approval::Everything | Approval::Digests(_) => String::new(),
        };
        let message = if what.is_empty() {
            format!(
                "what would be done is no longer what was approved; its digest is now {}",
                outcome.account.digest
            )
        } else {
            format!("what would be done is no longer what was approved: {what}")
        };
        self.place(Diagnostic::error(Code::PlanMoved, message).hint("plan again, and review that"))
    }

    pub(crate) fn place(&self, diagnostic: Diagnostic) -> Diagnostic {
        match diagnostic.account {
            Some(_) => diagnostic,
            None => diagnostic.account(&self.account.name),
        }
    }

    async fn work(mut self, mut progress: Progress, planned: &[&Change]) -> Ended {
        let mut poll = Poll::new(self.fleet.settings.wait_timeout);
        let (end, outcome) = loop {
            let survey = Survey {
                observed: Ok(progress.observed.clone()),
                state: Some(progress.state.clone()),
                version: version_of(progress.session.document()),
            };
            let outcome = survey.outcome(self.fleet, self.account, &progress.options);
            if *self.stop.borrow() {
                break (End::Stopped, outcome);
            }
            if !outcome.account.applyable {
                break (End::Settled, outcome);
            }
            if let Some((change, step)) = next(&outcome, &progress) {
                let (change, step) = (change.clone(), step.clone());
                let looks = wants_witness(&step, &progress);
                if let Err(diagnostic) = self.carry_out(&mut progress, &change, &step).await {
                    progress.diagnostics.push(self.place(diagnostic));
                    break (End::BrokenOff, outcome);
                }
                if std::mem::take(&mut progress.hesitate) {
                    poll.wait().await;
                } else if !looks {
                    poll.reset();
                }
                continue;
            }
            let waiting = worth_waiting_for(&outcome, &progress).or_else(|| {
                let clock = &self.fleet.clock;
                let moves = !clock.is_pinned();
                moves.then(|| due_shortly(&outcome, &progress, clock.now()))?
            });
            let Some(waiting) = waiting else {
                break (End::Settled, outcome);
            };
            (self.sink)(waiting);
            tokio::select! {
                waited = poll.wait() => if !waited { break (End::TimedOut, outcome) },
                Ok(()) = self.stop.changed() => continue,
            }
            if let Err(diagnostic) = self.look(&mut progress).await {
                progress.diagnostics.push(self.place(diagnostic));
                break (End::BrokenOff, outcome);
            }
        };
        self.conclude(progress, planned, &outcome, &end).await
    }

    /// Carries out one step, with the second witness where it matters, and looks at what came of it.
    async fn carry_out(
        &self,
        progress: &mut Progress,
        change: &Change,
        step: &Step,
    ) -> Result<(), Diagnostic> {
        if wants_witness(step, progress) {
            // Planned once more with what it says; if the step is then still due, it is done.
            self.look(progress).await?;
            return add_configuration(self.fleet.client, &mut progress.observed).await;
        }
        if step.action.is_state_only() {
            self.remember(progress, &step.notes).await?;
            progress
                .approved
                .strike(&progress.state, &change.address, step);
            if step
                .notes
                .iter()
                .any(|note| matches!(note, Note::Created { .. }))
            {
                // The create that was approved is done: its certificate was found.
                let create = Step::new(Action::Create, None);
                progress
                    .approved
                    .strike(&progress.state, &change.address, &create);
            }
            progress.options.spend(&change.address, &step.notes);
            return Ok(());
        }
        self.request(progress, change, step).await?;
        self.look(progress).await
    }

    /// Observes the account again.
    async fn look(&self, progress: &mut Progress) -> Result<(), Diagnostic> {
        let account = &self.account.account_id;
        progress.observed = observe(
            self.fleet.client,
            account,
            Some(&progress.state),
            &self.fleet.clock,
        )
        .await?;
        Ok(())
    }

    /// Makes notes and saves them; durable when this returns.
    pub(crate) async fn remember(
        &self,
        progress: &mut Progress,
        notes: &[Note],
    ) -> Result<(), Diagnostic> {
        let now = self.fleet.clock.now();
        let mut state = progress.state.clone();
        let named = Note::Named {
            account: self.account.name.clone(),
            spec: self
                .fleet
                .spec
                .name
                .clone()
                .or_else(|| state.spec_name.clone()),
        };
        let accepted = progress
            .digest
            .as_deref()
            .map(|digest| progress.approved.accepted(digest));
        let notes = notes.iter().cloned().chain([named, Note::Accept(accepted)]);
        for note in notes {
            state
                .note(&note, now)
                .map_err(|illegal| Diagnostic::error(Code::StateFailed, illegal.to_string()))?;
        }
        progress
            .session
            .save(&state)
            .await
            .map_err(|error| state_failed(&error))?;
        progress.state = state;
        Ok(())
    }
}

fn untouched(change: &Change) -> Option<ResultLine> {
    change
        .waiting
        .as_ref()
        .map(|_| result_line(change, Outcome::Waiting, None))
}
