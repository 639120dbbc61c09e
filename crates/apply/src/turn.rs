//! One turn of the work on an account: a step that is due, or a wait and a look.

use certctl_model::{Code, Diagnostic, Note};
use certctl_plan::{AccountOutcome, Action, Change, Step};

use crate::approval::named;
use crate::choose::{due_shortly, held_back, next, rests_on_use, wants_witness, worth_waiting_for};
use crate::own::make_ready;
use crate::poll::Poll;
use crate::request::request;
use crate::work::{End, Halt, Work};

/// One turn: a step that is due, or a wait and a look; or the end.
pub(crate) async fn turn(
    work: &mut Work<'_>,
    poll: &mut Poll,
    outcome: &AccountOutcome,
) -> Result<Option<End>, Halt> {
    if work.patience.is_stopped() {
        return Ok(Some(End::Stopped));
    }
    if outcome.is_blocked() {
        return Ok(Some(End::Settled));
    }
    let (approved, state) = (&work.journal.approved, work.journal.state());
    let may_show = work.a_create_may_show();
    if let Some((change, step)) = next(outcome, approved, state, &work.tried, may_show) {
        if carry_out(work, change, step).await? {
            poll.reset();
        }
        if std::mem::take(&mut work.hesitate) {
            work.patience.wait(work.fleet.client, poll.next()).await?;
        }
        return Ok(None);
    }
    let held_back = || held_back(outcome, approved, state, &work.tried);
    let waiting = worth_waiting_for(outcome, &work.tried).or_else(held_back);
    let waiting = waiting.or_else(|| {
        let clock = &work.fleet.clock;
        let shortly = || due_shortly(outcome, approved, state, &work.tried, clock.now());
        (!clock.is_pinned()).then(shortly)?
    });
    let Some(waiting) = waiting else {
        return Ok(Some(End::Settled));
    };
    work.tell(waiting);
    // What is read next brings its own; meanwhile the budget is for others.
    work.leave = None;
    work.patience.wait(work.fleet.client, poll.next()).await?;
    work.look(false).await?;
    Ok(None)
}

/// Carries out one step and looks at what came of it; says whether anything was done. A request first
/// gets leave, and what it rests on is read after that: the account is then planned once more, and if
/// the step is still due, it is sent.
async fn carry_out(work: &mut Work<'_>, change: &Change, step: &Step) -> Result<bool, Halt> {
    if !step.action().is_state_only() {
        if step.action() == Action::Upload && !make_ready(work, change, step).await {
            return Ok(false);
        }
        let leave = work.take_leave();
        let Some(leave) = leave.filter(|_| !wants_witness(step, &work.observed)) else {
            work.look(rests_on_use(step)).await?;
            // Where reading takes all of the leave, or too long, the next try is not at once.
            work.hesitate = !work.has_leave();
            return Ok(false);
        };
        request(work, leave, change, step).await?;
        work.look(false).await?;
        return Ok(true);
    }
    if !work.tried.note(&change.address.certificate) {
        let message = format!("{} is noted again and again", change.address);
        return Err(Diagnostic::error(Code::StateFailed, message).into());
    }
    work.journal.note(&step.notes).await?;
    work.journal.strike(&change.address, named(step));
    if !change.only_remembers() {
        work.tried.acted(&change.address.certificate);
    }
    let is_creation = |note: &Note| matches!(note, Note::Created { .. });
    if step.notes.iter().any(is_creation) {
        // The create that was approved is done: its certificate was found.
        for made in [Action::Create, Action::Upload] {
            work.journal.strike(&change.address, (made, None));
        }
        work.create_may_show = None;
    }
    work.options.spend(&change.address, &step.notes);
    Ok(true)
}
