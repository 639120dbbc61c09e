//! What of all that was ever declared somebody may have accepted by a moment (law 10).

use certctl_model::Timestamp;
use certctl_sandbox::{Cause, Effect, Entry};
use jiff::SignedDuration;

use crate::declared::{Certificate as Wanted, Declared, Periods};
use crate::history::How;
use crate::oracle::{Broken, broken};
use crate::record::Ran;
use crate::runner::Ended;
use crate::timeline::Certificate;
use crate::watch::{Watch, label};

impl<'a> Watch<'a> {
    /// Law 10: a run that nobody approved makes nothing that nobody accepted.
    pub(crate) fn was_accepted(&self, entry: &Entry, effect: &Effect) -> Result<(), Broken> {
        let during = |run: &&Ran| run.from <= effect.at && effect.at <= run.to;
        let mut running = self.told.runs.iter().filter(during).peekable();
        let unattended = running.peek().is_some() && running.all(|run| !run.how.approves());
        if !unattended || entry.cause != Cause::Request {
            return Ok(());
        }
        let label = label(effect);
        let of = |declared: &Declared| declared.certificates.values().any(|c| c.days == label);
        let since = self.told.declared.iter().find(|(_, declared)| of(declared));
        let approved = self.told.runs.iter().filter(|run| run.how.approves());
        let accepted =
            |run: &Ran| run.from <= effect.at && since.is_some_and(|(since, _)| *since <= run.from);
        if approved.into_iter().any(accepted) {
            return Ok(());
        }
        broken(
            "what was accepted is what is done",
            format!("nobody approved {effect:?}"),
        )
    }

    /// Law 10: the shortest period that somebody may have accepted by then.
    pub(crate) fn accepted_hours(&self, at: Timestamp, of: fn(Periods) -> u32) -> SignedDuration {
        let accepted = self.accepted(at);
        let hours = accepted
            .map(|one| of(one.periods(self.record.periods)))
            .min();
        SignedDuration::from_hours(hours.unwrap_or_default().into())
    }

    /// Law 10: what somebody may have accepted by then. The last run that was approved and went well
    /// accepted what was declared when it began; those after it perhaps did. What was accepted before an
    /// old state came back may be forgotten by it.
    pub(crate) fn accepted(&self, at: Timestamp) -> impl Iterator<Item = &'a Declared> {
        let runs = self.told.runs.iter().filter(|run| run.how.approves());
        let runs: Vec<&Ran> = runs.filter(|run| run.from <= at).collect();
        let went_well =
            |run: &&&Ran| run.to <= at && matches!(run.ended, Ended::By { success: true, .. });
        let known = |run: &&&Ran| {
            let mut came_back = self.told.states_came_back.iter();
            !came_back.any(|came_back| run.from <= *came_back && *came_back <= at)
        };
        let certain = runs.iter().filter(went_well).filter(known);
        let certain = certain.map(|run| run.from).max();
        let later = runs
            .into_iter()
            .filter(move |run| certain.is_none_or(|certain| run.to >= certain));
        later.filter_map(|run| {
            let before = self.told.declared.get(..run.declarations)?;
            let (_, declared) = before.last()?;
            Some(declared)
        })
    }

    /// What is declared as a run begins.
    pub(crate) fn declared_at(&self, ran: &Ran) -> Option<&'a Declared> {
        let before = self.told.declared.get(..ran.declarations)?;
        before.last().map(|(_, declared)| declared)
    }

    /// What a run goes by: what is declared where it was approved, else what may have been accepted. The run
    /// may have been in another account.
    pub(crate) fn goes_by(&self, ran: &Ran) -> Vec<&'a Declared> {
        let accepted: Vec<_> = self.accepted(ran.from).collect();
        if ran.how.approves() || accepted.is_empty() {
            return self.declared_at(ran).into_iter().collect();
        }
        accepted
    }

    /// Whether everything that was declared since it was made, and everything that a run may go by, wants
    /// Gateway to use it.
    pub(crate) fn is_wanted(&self, next: &Certificate, theirs: &[&Declared]) -> bool {
        let wants = |one: &Declared| one.made(next).is_some() && one.in_use == next.name();
        let declared = &self.told.declared;
        let then = declared.partition_point(|(at, _)| *at <= next.created_at);
        let mut since = declared.iter().skip(then.saturating_sub(1));
        since.all(|(_, one)| wants(one)) && theirs.iter().all(|one| wants(one))
    }

    /// How long before its expiry a certificate may be renewed, by what was ever declared until then.
    pub(crate) fn earliest_renewal(&self, at: Timestamp) -> SignedDuration {
        let declared = self.told.declared.iter().filter(|(since, _)| *since <= at);
        let days = declared.map(|(_, declared)| declared.periods(self.record.periods));
        let days = days.map(|periods| periods.renew_before_days).max();
        SignedDuration::from_hours(24 * i64::from(days.unwrap_or_default()))
    }

    /// How often a label was declared anew until then.
    pub(crate) fn declarations(&self, label: u32, at: Timestamp) -> usize {
        let mut count = 0;
        let mut before = false;
        for (_, declared) in self.told.declared.iter().filter(|(since, _)| *since <= at) {
            let now = declared.certificates.values().any(|c| c.days == label);
            count += usize::from(now && !before);
            before = now;
        }
        count
    }

    /// How many certificates people have asked for beside the spec, until then.
    pub(crate) fn orders(&self, at: Timestamp) -> usize {
        let orders = self.told.runs.iter().filter(|run| run.from <= at);
        orders
            .filter(|run| matches!(run.how, How::Replace(_) | How::Compromised(_)))
            .count()
    }

    /// Whether somebody orders a certificate beside the spec, at that moment. What is made for it and cannot be
    /// verified does not fulfil the order.
    pub(crate) fn is_ordered(&self, at: Timestamp) -> bool {
        let during = |run: &&Ran| run.from <= at && at <= run.to;
        let mut running = self.told.runs.iter().filter(during);
        running.any(|run| matches!(run.how, How::Replace(_) | How::Compromised(_)))
    }

    /// Whether somebody has said that a key is not to be trusted, until then.
    pub(crate) fn is_emergency(&self, at: Timestamp) -> bool {
        let runs = self.told.runs.iter().filter(|run| run.from <= at);
        runs.into_iter()
            .any(|run| matches!(run.how, How::Compromised(_)))
    }
}

impl Declared {
    /// The declaration for which a certificate was made, where it is one of these.
    pub(crate) fn made(&self, certificate: &Certificate) -> Option<&Wanted> {
        let wanted = self.certificates.get(certificate.name()?)?;
        (wanted.days == certificate.label()).then_some(wanted)
    }
}
