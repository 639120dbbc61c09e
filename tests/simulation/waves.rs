//! Nobody is switched ahead of its wave, by what happened and what was declared.
//!
//! A switch that was made is held against every account of an earlier wave: could it be read, is a switch
//! for the same reason still to come there, was one made too short a time before, was one taken back? Only
//! what is beyond doubt counts: an account in which a hand or an order left more than one answer holds
//! nobody here.

use certctl_model::Timestamp;
use certctl_sandbox::{Cause, Effect, Entry};
use jiff::SignedDuration;

use crate::declared::{Declared, Periods};
use crate::history::Status;
use crate::oracle::{Broken, broken};
use crate::reason::Reason;
use crate::record::{Process, Ran, Record};
use crate::timeline::Certificate;
use crate::watch::Watch;

/// Judges a change of the so many-th account.
pub(crate) fn judge(
    record: &Record,
    watches: &[Watch<'_>],
    of: usize,
    entry: &Entry,
    effect: &Effect,
) -> Result<(), Broken> {
    let plain = entry.cause == Cause::Request && entry.fault.is_none();
    if watches.len() == 1 || effect.effect != "in_use" || !plain {
        return Ok(());
    }
    let Some(switch) = Ahead::of(record, watches, of, effect) else {
        return Ok(());
    };
    switch.judge()
}

/// A switch that may be ahead of its wave.
struct Ahead<'a> {
    watches: &'a [Watch<'a>],
    of: usize,
    at: Timestamp,
    why: Reason,
    process: &'a Process,
    ran: &'a Ran,
}

impl<'a> Ahead<'a> {
    /// A switch that would wait for its wave, where there is one.
    fn of(
        record: &'a Record,
        watches: &'a [Watch<'a>],
        of: usize,
        effect: &Effect,
    ) -> Option<Self> {
        let (watch, at) = (&watches[of], effect.at);
        let account = &watch.account;
        let next = account.certificates.get(effect.to.as_ref()?)?;
        let used = account.used()?;
        let seen = at.duration_since(used.since) > watch.blind && watch.settled(at);
        if !used.is_sound(at) || !seen || watch.is_emergency(at) || watch.goes_back(at) {
            return None;
        }
        let why = watch.reason(Some(used), next, at)?;
        let during = |(_, process): &(usize, &Process)| process.from <= at && at <= process.to;
        let mut running = record.processes.iter().enumerate().filter(during);
        let (number, process) = running.next()?;
        let alone = running.next().is_none();
        let ran = watch.told.runs.iter().find(|run| run.process == number)?;
        let free = process.lets_go == Some(of) || !alone;
        (!free).then_some(Self {
            watches,
            of,
            at,
            why,
            process,
            ran,
        })
    }

    fn judge(&self) -> Result<(), Broken> {
        let settings = self.settings(self.of);
        let mut kept = settings.iter().map(|settings| self.kept(settings));
        // Whatever of all this was accepted, somebody had to be waited for.
        let keepers: Option<Vec<String>> = kept.by_ref().collect();
        match keepers.as_ref().and_then(|all| all.first()) {
            Some(keeper) => {
                let (id, at) = (self.watches[self.of].told.id, self.at);
                let how = format!("{:?} of {id} at {at}, though {keeper}", self.why);
                broken("nobody is switched ahead of its wave", how)
            }
            None => Ok(()),
        }
    }

    /// What may have been accepted of an account, as far as this run goes by it.
    fn settings(&self, account: usize) -> Vec<&'a Declared> {
        self.watches[account].goes_by(self.ran)
    }

    fn periods(&self, of: &Declared) -> Periods {
        of.periods(self.watches[self.of].record.periods)
    }

    /// Who had to be waited for, where these are the settings.
    fn kept(&self, settings: &Declared) -> Option<String> {
        let bakes = self.periods(settings).waves;
        let own = wave(bakes, settings.tier);
        if self.presses(settings) {
            return None;
        }
        (0..self.watches.len()).find_map(|other| {
            let theirs = self.settings(other);
            let is_now = |one: &&Declared| !one.suspended && !one.certificates.is_empty();
            let managed = self.watches[other]
                .declared_at(self.ran)
                .filter(is_now)
                .is_some();
            let waves: Vec<usize> = theirs.iter().map(|one| wave(bakes, one.tier)).collect();
            let last = waves.iter().max().copied()?;
            let first = waves.iter().min().copied()?;
            let bake =
                SignedDuration::from_hours(bakes.get(first..=last)?.iter().min().copied()?.into());
            let why = (managed && last < own).then(|| self.keeps(other, &theirs, bake))??;
            Some(format!("{} {why}", self.watches[other].told.id))
        })
    }

    /// Whether a switch waits for no wave any more, for devices have to get their trust period before the
    /// last resort.
    fn presses(&self, settings: &Declared) -> bool {
        let watch = &self.watches[self.of];
        let hours = self
            .settings(self.of)
            .into_iter()
            .map(|one| self.periods(one).trust_hours);
        let trust = hours.max().unwrap_or(self.periods(settings).trust_hours);
        let trust = SignedDuration::from_hours(trust.into());
        let used = watch.account.used();
        used.is_none_or(|used| {
            let left = used.expires_on().duration_since(self.at);
            left <= trust + used.resort() + watch.slack
        })
    }

    /// Why an account of an earlier wave is waited for.
    fn keeps(&self, other: usize, theirs: &[&Declared], bake: SignedDuration) -> Option<String> {
        if self.process.unreadable[other] {
            return Some("could not be read".to_owned());
        }
        let watch = &self.watches[other];
        if watch.orders(self.at) > 0 {
            return None;
        }
        let baking = || self.is_baking(watch, bake).then_some("has not baked");
        let begun = || {
            self.is_begun(watch, theirs)
                .then_some("is about to be switched")
        };
        let due = || self.is_due(other, theirs).then_some("is due");
        let back = || self.went_back(other, theirs).then_some("went back by hand");
        let why = baking().or_else(begun).or_else(due).or_else(back)?;
        Some(why.to_owned())
    }

    /// Whether it was switched for the same reason too short a time before.
    fn is_baking(&self, watch: &Watch<'_>, bake: SignedDuration) -> bool {
        watch.switches.last().is_some_and(|last| {
            let since = self.at.duration_since(last.at) + watch.slack;
            !last.by_hand
                && last.why == Some(self.why)
                && since < bake
                && !watch.is_disturbed_since(last.at)
        })
    }

    /// Whether there is a successor that is not in use, or not any more.
    fn is_begun(&self, watch: &Watch<'_>, theirs: &[&Declared]) -> bool {
        let Some(used) = watch.account.used().filter(|used| used.ours) else {
            return false;
        };
        let lasts = |next: &Certificate| next.expires_on() > self.at && !next.odd && !next.faulty;
        watch.account.certificates.values().any(|next| {
            next.ours
                && lasts(next)
                && next.created_at > used.created_at
                && next.created_at < self.process.from
                && next.name() == used.name()
                && watch.reason(Some(used), next, self.at) == Some(self.why)
                && !watch.is_disturbed_since(used.created_at)
                && watch.is_wanted(next, theirs)
        })
    }

    /// Whether it is to be renewed by the calendar; or to use another address, by what is declared.
    fn is_due(&self, other: usize, theirs: &[&Declared]) -> bool {
        let watch = &self.watches[other];
        let Some(used) = watch.account.used().filter(|used| used.ours) else {
            return false;
        };
        // What has a status that nobody knows is left alone: no switch is to come there.
        let known = used.status != Status::InOrbit.word();
        if !known || !self.process.chosen[other] || watch.is_disturbed_since(used.created_at) {
            return false;
        }
        let renewed = |one: &&Declared| {
            let wanted = one.made(used);
            let renew =
                SignedDuration::from_hours(24 * i64::from(self.periods(one).renew_before_days));
            let left = used.expires_on().duration_since(self.process.from);
            let is_near = left + watch.slack < renew;
            is_near && one.in_use == used.name() && wanted.is_some_and(|wanted| wanted.renewed)
        };
        let lasts = used.expires_on().duration_since(self.at) > watch.slack;
        let mut theirs = theirs.iter();
        self.why == Reason::Renewal && lasts && theirs.all(renewed)
    }

    /// Whether a hand went back to what was in use before it was switched for the same reason.
    fn went_back(&self, other: usize, theirs: &[&Declared]) -> bool {
        let watch = &self.watches[other];
        let [.., there, back] = watch.switches.as_slice() else {
            return false;
        };
        let certificate = |id: &String| watch.account.certificates.get(id);
        let (Some(used), Some(left)) = (certificate(&back.to), certificate(&there.to)) else {
            return false;
        };
        let seen = self.process.from.duration_since(back.at) > watch.blind;
        back.by_hand
            && !there.by_hand
            && there.why == Some(self.why)
            && there.from.as_ref() == Some(&back.to)
            && self.process.chosen[other]
            && seen
            && watch
                .hands
                .iter()
                .filter(|hand| **hand > left.created_at)
                .count()
                == 1
            && used.is_sound(self.at)
            && left.is_sound(self.at)
            && watch.is_wanted(left, theirs)
    }
}

/// In which wave a tier is, counted from 0.
fn wave(bakes: [u32; 2], tier: usize) -> usize {
    let waves = bakes.iter().take_while(|bake| **bake > 0).count();
    tier.min(waves)
}
