//! One account, under its lock: observe, plan, do the first approved step that is due, and again.
//!
//! The planner is asked after every request, so the executor never has to know what follows from an
//! outcome, an expected one or not: the approval only filters what the planner wants. What is not
//! due is waited for only where Cloudflare or a lagging list is at work; periods are for later runs.

use certctl_model::{AccountState, Code, Diagnostic, Severity};
use certctl_plan::{AccountOutcome, Allowance, Change, ChangeKind, Options, digest};
use certctl_spec::Account;
use tokio::sync::watch;

use crate::approval::{Approval, Approved};
use crate::choose::{concerns_a_run, touches_the_account};
use crate::conclude::{conclude, result_line};
use crate::event::{Event, Sink};
use crate::fault::state_failed;
use crate::fleet::Fleet;
use crate::journal::Journal;
use crate::patience::{Impatience, Patience, aloud};
use crate::poll::Poll;
use crate::report::{Outcome, ResultLine};
use crate::survey::{Survey, version_of};
use crate::tried::Tried;
use crate::turn::turn;
use crate::work::{End, Halt, Work, read, tell_pause};

/// The work on one account, before its lock is held.
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
    /// Whether it was planned anew under its lock, so that the shown plan's errors are no longer its own.
    pub(crate) judged: bool,
}

impl<'a> AccountRun<'a> {
    /// Runs the account; never fails as a whole, what goes wrong is in the result.
    pub(crate) async fn run(self) -> Ended {
        let planned = self.planned();
        let blocked = self.shown.is_blocked(&self.account.name);
        // What stood in the way may have been another run at work: who waits for it judges after that.
        if blocked && self.fleet.settings.lock_timeout.is_zero() {
            return self.skipped(&planned, Vec::new());
        }
        let concerns = |change: &&Change| concerns_a_run(change, &self.fleet.clock);
        if !blocked && !planned.iter().any(concerns) {
            let results = planned.iter().filter_map(|change| untouched(change));
            return Ended {
                results: results.collect(),
                ..Ended::default()
            };
        }
        let patience = Patience::new(self.fleet.settings.wait_timeout, self.stop.clone());
        if patience.is_stopped() {
            return self.skipped(&planned, vec![self.place(stopped())]);
        }
        match self.begin(patience, &planned).await {
            Ok(work) => self.work(work, &planned).await,
            Err(Refused::Unlocked(diagnostic)) => self.skipped(&planned, vec![*diagnostic]),
            Err(Refused::Because(diagnostics)) => Ended {
                judged: true,
                ..self.skipped(&planned, diagnostics)
            },
            Err(Refused::Impatient(Impatience::Stopped)) => {
                self.skipped(&planned, vec![self.place(stopped())])
            }
            Err(Refused::Impatient(Impatience::TimedOut)) => {
                self.all(&planned, Outcome::Pending, Vec::new())
            }
        }
    }

    fn planned(&self) -> Vec<&'a Change> {
        self.shown.changes_of(&self.account.name).iter().collect()
    }

    /// The planning options, with what the shown plan granted this account of the policy's limits.
    fn options(&self) -> Options {
        let planned = self.shown.account(&self.account.name);
        let tally = planned.map(|planned| planned.tally).unwrap_or_default();
        Options {
            allowance: Allowance::granted(&tally),
            wave: planned.and_then(|planned| planned.wave.clone()),
            unapproved: matches!(self.approval, Approval::Earlier),
            ..self.fleet.options.clone()
        }
    }

    /// What was refused this account for the sake of all accounts: no plan of one account finds that.
    fn refused(&self) -> Option<Diagnostic> {
        let here = |d: &&Diagnostic| {
            d.code == Code::MassDestroy
                && d.is_blocking()
                && d.account.as_ref() == Some(&self.account.name)
        };
        self.shown.diagnostics.iter().find(here).cloned()
    }

    fn skipped(&self, planned: &[&Change], diagnostics: Vec<Diagnostic>) -> Ended {
        self.all(planned, Outcome::Skipped, diagnostics)
    }

    /// The same became of every change.
    fn all(&self, planned: &[&Change], outcome: Outcome, diagnostics: Vec<Diagnostic>) -> Ended {
        let changes = planned
            .iter()
            .filter(|change| change.kind != ChangeKind::NoOp);
        Ended {
            results: changes
                .map(|change| result_line(change, outcome, None))
                .collect(),
            diagnostics,
            judged: false,
        }
    }

    /// Takes the lock, reads everything afresh, and checks that it is still what was approved.
    async fn begin(&self, patience: Patience, planned: &[&Change]) -> Result<Work<'a>, Refused> {
        let (fleet, account, sink) = (self.fleet, self.account, self.sink);
        let key = fleet.key(&account.account_id);
        let settings = fleet.settings;
        let say = |left| tell_pause(sink, account, left);
        let lock = fleet
            .store
            .lock(&key, &settings.holder, settings.lock_timeout);
        let account_name = account.name.clone();
        let lock = aloud(fleet.client, lock, || {
            sink(Event::Locked {
                account: account_name,
            });
        });
        let session = patience
            .hear(fleet.client, &account.account_id, say, lock)
            .await?
            .map_err(|error| Refused::Unlocked(Box::new(self.place(state_failed(&error)))))?;
        let state = session.state().clone();
        let remembered = session.document().is_some().then_some(&state);
        // What the shown plan rested on is read again; of one that was blocked nobody knows what follows.
        let blocked = self.shown.is_blocked(&account.name);
        let configuration = blocked || planned.iter().any(|change| touches_the_account(change));
        let reading = read(fleet, account, remembered, configuration);
        let (observed, leave) = patience
            .hear(fleet.client, &account.account_id, say, reading)
            .await?
            .map_err(|diagnostic| vec![self.place(diagnostic)])?;
        let survey = Survey {
            observed: Ok(observed.clone()),
            state: remembered.cloned(),
            version: version_of(session.document()),
        };
        let options = self.options();
        let refused = self.refused();
        let outcome = fleet.plan_one(&survey, account, &options, refused.as_ref());
        let (approved, digest) = self.approved(&outcome, &state)?;
        if outcome.is_blocked() {
            return Err(outcome.diagnostics.into());
        }
        sink(Event::Started {
            account: account.name.clone(),
            steps: approved.calls(),
        });
        let mut journal = Journal::new(fleet, account, session, approved, digest);
        journal.saw(&observed);
        Ok(Work {
            fleet,
            account,
            sink,
            patience,
            journal,
            observed,
            leave: Some(leave),
            options,
            refused,
            tried: Tried::default(),
            awaited: Vec::new(),
            create_may_show: None,
            upload: None,
            diagnostics: Vec::new(),
            hesitate: false,
        })
    }

    /// What may be done, and the digest under which that is kept: all of the fresh plan where its
    /// digest is the approved one, or what an interrupted run of the same approval had left, as long
    /// as it is asked for the same.
    fn approved(
        &self,
        outcome: &AccountOutcome,
        state: &AccountState,
    ) -> Result<(Approved, Option<String>), Vec<Diagnostic>> {
        let now = self.fleet.clock.now();
        let id = &self.account.account_id;
        let policy = &self.fleet.spec.policy;
        let basis = digest::of_declared(self.account, policy, &self.fleet.options.words());
        if let Approval::Everything | Approval::Earlier = self.approval {
            let approved = Approved::of(outcome, basis, now);
            return Ok((approved.and_everything_else(), None));
        }
        if self.approval.digest(id, self.shown) == Some(&outcome.account.digest) {
            let label = self.approval.label(id, self.shown).cloned();
            return Ok((Approved::of(outcome, basis, now), label));
        }
        match &state.accepted {
            Some(accepted)
                if self.approval.covers(id, &accepted.digest)
                    && accepted.basis.as_ref() == Some(&basis) =>
            {
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
            Approval::Everything | Approval::Earlier | Approval::Digests(_) => String::new(),
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

    fn place(&self, diagnostic: Diagnostic) -> Diagnostic {
        match diagnostic.account {
            Some(_) => diagnostic,
            None => diagnostic.account(&self.account.name),
        }
    }

    async fn work(self, mut work: Work<'a>, planned: &[&Change]) -> Ended {
        let mut poll = Poll::new();
        let mut emergencies = Vec::new();
        let (end, outcome) = loop {
            let outcome = work.plan();
            emergencies.extend(outcome.diagnostics.iter().filter(is_emergency).cloned());
            match turn(&mut work, &mut poll, &outcome).await {
                Ok(None) => {}
                Ok(Some(end)) => break (end, outcome),
                Err(Halt::Impatient(impatience)) => break (impatience.into(), outcome),
                Err(Halt::Fault(diagnostic)) => {
                    work.diagnostics.push(*diagnostic);
                    break (End::BrokenOff, outcome);
                }
            }
        };
        let done = |said: &Diagnostic| {
            let about = said.address.as_ref();
            let acted = about.is_some_and(|about| work.tried.has_acted(&about.certificate));
            acted && !outcome.diagnostics.contains(said)
        };
        // Nothing of it is left to do, and still somebody has to know.
        emergencies.dedup();
        emergencies.retain(done);
        work.diagnostics.extend(emergencies);
        self.end(work, planned, &outcome, end).await
    }

    /// Says what became of everything, and lets others in.
    async fn end(
        &self,
        mut work: Work<'a>,
        planned: &[&Change],
        outcome: &AccountOutcome,
        end: End,
    ) -> Ended {
        // An approval is kept until all that is due of it is done.
        let settled = end == End::Settled && outcome.account.applyable;
        if settled && work.tried.is_clear() {
            let finished = work.journal.finish().await;
            work.diagnostics.extend(finished.err());
        }
        if end == End::Stopped {
            work.diagnostics.push(stopped());
        }
        let Work {
            journal,
            tried,
            mut diagnostics,
            ..
        } = work;
        diagnostics.extend(left_over(outcome));
        let state = journal.state();
        let results = conclude(planned, outcome, end, &tried, state, &mut diagnostics);
        diagnostics.extend(journal.close().await.err());
        (self.sink)(Event::Finished {
            account: self.account.name.clone(),
        });
        let diagnostics = diagnostics.into_iter().map(|d| self.place(d)).collect();
        Ended {
            results,
            diagnostics,
            judged: true,
        }
    }
}

/// Why the work on an account does not begin.
enum Refused {
    /// Its lock could not be had.
    Unlocked(Box<Diagnostic>),
    /// What was read under the lock.
    Because(Vec<Diagnostic>),
    Impatient(Impatience),
}

impl From<Vec<Diagnostic>> for Refused {
    fn from(diagnostics: Vec<Diagnostic>) -> Self {
        Self::Because(diagnostics)
    }
}

impl From<Impatience> for Refused {
    fn from(impatience: Impatience) -> Self {
        Self::Impatient(impatience)
    }
}

fn stopped() -> Diagnostic {
    let message = "stopped before everything was done; what was done is in the state";
    Diagnostic::error(Code::Stopped, message).hint("run it again to go on")
}

/// What is an error because of what a run does about it.
fn is_emergency(said: &&Diagnostic) -> bool {
    said.code == Code::LastResort && said.is_error()
}

/// What stands in the way; and, for a run that came only to wait, what came due meanwhile.
fn left_over(outcome: &AccountOutcome) -> impl Iterator<Item = Diagnostic> {
    let counts = |d: &&Diagnostic| d.is_error() || d.code == Code::NotApproved;
    let left = outcome.diagnostics.iter().filter(counts).cloned();
    left.map(|diagnostic| Diagnostic {
        severity: Severity::Error,
        ..diagnostic
    })
}

fn untouched(change: &Change) -> Option<ResultLine> {
    change
        .waiting
        .as_ref()
        .map(|_| result_line(change, Outcome::Waiting, None))
}
