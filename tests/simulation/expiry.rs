//! What is in use does not expire in silence, nor where a successor could have taken over.

use certctl_model::Timestamp;
use jiff::SignedDuration;

use crate::history::How;
use crate::oracle::{Broken, broken};
use crate::record::Ran;
use crate::runner::Ended;
use crate::timeline::Certificate;
use crate::watch::Watch;

impl Watch<'_> {
    /// Law 12: what is in use does not expire in silence.
    pub(crate) fn in_silence(&self, at: Timestamp) -> Result<(), Broken> {
        if self.account.used().is_none_or(|used| !used.ours) {
            return Ok(());
        }
        let recent =
            |run: &&Ran| run.to <= at && at.duration_since(run.to) < SignedDuration::from_hours(48);
        let quiet = |run: &&Ran| matches!(run.ended, Ended::By { success: true, .. });
        match self.told.runs.iter().rev().find(recent).filter(quiet) {
            Some(run) => {
                let how = format!(
                    "what was in use expired at {at}; the run of {} was content",
                    run.from
                );
                broken("nothing ends in silence", how)
            }
            None => Ok(()),
        }
    }

    /// What is in use expired: a run that nothing disturbed, and that began within the last resort, had no
    /// successor that it could set in use, whatever that waited for.
    pub(crate) fn in_vain(&self, at: Timestamp) -> Result<(), Broken> {
        let Some(used) = self.account.used().filter(|used| used.ours) else {
            return Ok(());
        };
        let held = |run: &Ran| matches!(run.how, How::Rollback(_));
        if self.orders(at) > 0
            || self.told.runs.iter().any(held)
            || self.is_disturbed_since(used.created_at)
        {
            return Ok(());
        }
        let recently = |run: &&Ran| {
            let calm = self.record.processes[run.process].calm;
            let asks = !matches!(run.how, How::Plan | How::Saved(_) | How::Unapproved);
            let left = used.expires_on().duration_since(run.from);
            calm && asks && run.to <= at && left + self.slack < used.resort()
        };
        let Some(run) = self.told.runs.iter().rev().find(recently) else {
            return Ok(());
        };
        let theirs = self.goes_by(run);
        let could = |next: &&Certificate| {
            let seen = run.from.duration_since(self.seen_available_since(next)) > self.blind;
            next.ours
                && next.is_sound(at)
                && !next.odd
                && !next.faulty
                && next.name() == used.name()
                && next.created_at > used.created_at
                && seen
                && self.is_wanted(next, &theirs)
        };
        match self.account.certificates.values().find(could) {
            Some(next) => {
                let from = run.from;
                let how = format!("{used:?} expired at {at}; the run at {from} had {next:?}");
                broken("nothing expires beside its successor", how)
            }
            None => Ok(()),
        }
    }
}
