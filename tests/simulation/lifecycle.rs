//! What is protected is neither replaced nor removed; what is removed goes as its `deletion_policy` says;
//! what was given away is no longer touched, and not made a second time where `adopt` asks about it.

use certctl_model::Timestamp;
use certctl_sandbox::{Cause, Effect, Entry};

use crate::declared::{Adopt, Certificate as Wanted, Removal, name_of};
use crate::oracle::{Broken, broken};
use crate::record::Ran;
use crate::runner::Ended;
use crate::timeline::Certificate;
use crate::watch::{Watch, label};

impl Watch<'_> {
    /// What is made is neither refused by a protection nor to be adopted.
    pub(crate) fn may_be_made(&self, entry: &Entry, effect: &Effect) -> Result<(), Broken> {
        let (at, label) = (effect.at, label(effect));
        let (Some(name), Some(run)) = (name_of(label), self.only_run(at)) else {
            return Ok(());
        };
        if entry.cause != Cause::Request || self.is_emergency(at) {
            return Ok(());
        }
        let theirs = self.goes_by(run);
        let Some((id, newest)) = self.newest(name) else {
            return Ok(());
        };
        let lasts = newest.expires_on().duration_since(at) > self.slack;
        if newest.odd || newest.faulty || !lasts || self.is_disturbed_since(newest.created_at) {
            return Ok(());
        }
        let protects = |one: &Wanted| one.protected;
        let declared =
            |one: &&crate::declared::Declared| one.certificates.get(name).is_some_and(protects);
        let always = self.since(newest, at).all(|one| one.is_some());
        let new = newest.label() != label && !self.made.contains(&label);
        if new && always && theirs.iter().all(declared) {
            let how = format!("{effect:?}, in place of {newest:?}");
            return broken("what is protected is not replaced", how);
        }
        let asks = theirs.iter().all(|one| one.adopt != Adopt::Never);
        if asks && newest.label() == label && self.is_given_away(id, newest, run.from) {
            let how = format!("{effect:?}, beside {newest:?}");
            return broken("what fits is asked about, or adopted", how);
        }
        Ok(())
    }

    /// What a request changes is not what was given away, nor what is to stay as it is.
    pub(crate) fn may_be_touched(
        &self,
        id: &str,
        deletes: bool,
        takes_away: bool,
        at: Timestamp,
    ) -> Result<(), Broken> {
        let (Some(certificate), Some(run)) = (self.account.certificates.get(id), self.only_run(at))
        else {
            return Ok(());
        };
        if self.is_emergency(at) || self.is_disturbed_since(certificate.created_at) {
            return Ok(());
        }
        if self.is_given_away(id, certificate, run.from) {
            let how = format!("{certificate:?} at {at}");
            return broken("what was given away is left alone", how);
        }
        let Some(name) = certificate.name().filter(|_| takes_away) else {
            return Ok(());
        };
        let theirs = self.goes_by(run);
        let is_newest = self.newest(name).is_some_and(|(newest, _)| newest == id);
        let removed = !theirs.iter().any(|one| one.certificates.contains_key(name));
        if !is_newest || !removed || !self.is_known(certificate, at) {
            return Ok(());
        }
        let law = "what is removed goes as its lifecycle says";
        let said = |of: fn(&Wanted) -> bool| self.since(certificate, at).flatten().all(of);
        let refused = said(|one| one.protected)
            || said(|one| one.removal == Removal::Retain)
            || deletes && said(|one| one.removal == Removal::Deactivate);
        if refused {
            return broken(law, format!("{certificate:?} at {at}, deleted: {deletes}"));
        }
        Ok(())
    }

    /// Whether certctl has let go of it: it was to be retained, Gateway never used it, and a run that went
    /// well has seen that it is declared no longer, and none since that it is to be adopted.
    fn is_given_away(&self, id: &str, certificate: &Certificate, before: Timestamp) -> bool {
        let Some(name) = certificate.name() else {
            return false;
        };
        let mut used = self.switches.iter();
        if used.any(|switch| switch.to == id) || self.is_disturbed_since(certificate.created_at) {
            return false;
        }
        let of = |run: &&Ran| run.to < before && run.from > certificate.created_at;
        let runs: Vec<&Ran> = self.told.runs.iter().filter(of).collect();
        let lacks = |run: &&&Ran| {
            let declared = self.declared_at(run);
            let is_gone = declared.is_some_and(|one| !one.certificates.contains_key(name));
            is_gone && went_well(run)
        };
        let Some(gone) = runs.iter().find(lacks) else {
            return false;
        };
        let adopts = |run: &&Ran| {
            let declared = self.declared_at(run);
            run.to > gone.from && declared.is_some_and(|one| one.adopt == Adopt::Matching)
        };
        let mut until = self.since(certificate, gone.from).flatten().peekable();
        let retained = until.peek().is_some() && until.all(|one| one.removal == Removal::Retain);
        retained
            && self.is_known(certificate, gone.from)
            && !self.told.runs.iter().any(|run| adopts(&run))
    }

    /// Whether a run that was approved, and went well, has taken up what is declared of it.
    fn is_known(&self, certificate: &Certificate, before: Timestamp) -> bool {
        let name = certificate.name().unwrap_or_default();
        let takes_up = |run: &Ran| {
            let declared = self.declared_at(run);
            let has = declared.is_some_and(|one| one.certificates.contains_key(name));
            has && went_well(run) && run.to >= certificate.created_at && run.to <= before
        };
        self.told.runs.iter().any(takes_up)
    }

    /// What was declared of its name since it was made until then, time after time.
    fn since(
        &self,
        certificate: &Certificate,
        until: Timestamp,
    ) -> impl Iterator<Item = Option<&Wanted>> {
        let name = certificate.name().unwrap_or_default();
        let declared = &self.told.declared;
        let then = declared.partition_point(|(at, _)| *at <= certificate.created_at);
        let since = declared.iter().skip(then.saturating_sub(1));
        let since = since.take_while(move |(at, _)| *at <= until);
        since.map(move |(_, one)| one.certificates.get(name))
    }

    /// The newest certificate of a name.
    fn newest(&self, name: &str) -> Option<(&str, &Certificate)> {
        let all = self.account.certificates.iter();
        let of = all.filter(|(_, one)| one.ours && one.name() == Some(name));
        let newest = of.max_by_key(|(_, one)| one.created_at);
        newest.map(|(id, one)| (id.as_str(), one))
    }

    /// The run in which something happened, where there was but one.
    fn only_run(&self, at: Timestamp) -> Option<&Ran> {
        let during = |run: &&Ran| run.from <= at && at <= run.to;
        let mut running = self.told.runs.iter().filter(during);
        let run = running.next()?;
        running.next().is_none().then_some(run)
    }
}

fn went_well(run: &Ran) -> bool {
    run.how.approves() && matches!(run.ended, Ended::By { success: true, .. })
}
