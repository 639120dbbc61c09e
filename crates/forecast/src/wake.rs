//! When an account has to be planned next: the first instant at which anything can be different.
//!
//! Between two such instants every plan is the one that was made last, so that a forecast plans a
//! few days of each year and not all of them. A test holds it against planning every day.

use certctl_model::{Code, LastResort, RemoteCertificate, Role, Timestamp};
use certctl_plan::AccountWave;

use crate::simulated::{SimulatedAccount, Wake};

impl SimulatedAccount<'_> {
    /// When to plan this account again, after a run that left nothing due.
    pub(crate) fn wakes(&self, did_nothing: bool) -> Wake {
        if self.is_eager() {
            return Wake::NextRun;
        }
        let Some(last) = &self.last else {
            return Wake::Never;
        };
        let says = |held: &[Code]| last.diagnostics.iter().any(|d| held.contains(&d.code));
        // It takes of what accounts share, or would.
        let shares = !last.account.tally.takes_nothing()
            || says(&[Code::MaxDeletes, Code::MaxReplaces, Code::MaxInUseSwitches]);
        // What it did counts in this run, and not in the next.
        if shares && (!did_nothing || self.has_windows()) {
            return Wake::NextRun;
        }
        let steps = last.changes.iter().flat_map(|change| {
            let first = change.steps.iter().filter_map(|step| step.not_before);
            first.chain(change.waiting.as_ref().and_then(|waiting| waiting.until))
        });
        let certificates = self.world.certificates().iter();
        let expiries = certificates.filter_map(|remote| remote.expires());
        let limit_ends = self.limit_ends().filter(|_| shares);
        let next = steps
            .chain(expiries)
            .chain(self.renewals())
            .chain(limit_ends)
            .filter(|at| *at > self.now)
            .min();
        if shares || says(&[Code::Wave]) {
            return Wake::OnceOpen(next);
        }
        next.map_or(Wake::Never, Wake::At)
    }

    /// Whether, up to this run, nothing can be different but by what other accounts do.
    pub(crate) fn waits_for_others_until(&self, run: Timestamp) -> bool {
        match self.wake {
            Wake::OnceOpen(at) => at.is_none_or(|at| at > run),
            Wake::NextRun | Wake::At(_) | Wake::Never => false,
        }
    }

    /// Whether its wave lets it do something else than when it was planned last. That depends on whether it
    /// waits, not for whom; with windows that open and close meanwhile, it is better planned again.
    pub(crate) fn is_to_change_by(&self, wave: Option<&AccountWave>) -> bool {
        let last = self.wave();
        let waits = |wave: Option<&AccountWave>| wave.is_some_and(AccountWave::waits);
        waits(last) != waits(wave) || (self.has_windows() && last != wave)
    }

    fn has_windows(&self) -> bool {
        let mut declared = self.account.certificates.iter();
        declared.any(|declared| !declared.rotation.windows.is_empty())
    }

    /// When a limit on switches gives way for a declared certificate: while devices still get its trust
    /// period before the last resort.
    fn limit_ends(&self) -> impl Iterator<Item = Timestamp> {
        let used = self.world.in_use().and_then(RemoteCertificate::facts);
        let begins = used.and_then(|used| LastResort::begins(self.policy.last_resort, used));
        let declared = self.account.certificates.iter();
        declared.filter_map(move |declared| Some(declared.rotation.trust_period.before(begins?)))
    }

    /// When each declared certificate comes within its `renew_before`.
    fn renewals(&self) -> impl Iterator<Item = Timestamp> {
        self.account.certificates.iter().filter_map(|declared| {
            let entry = self.state.as_ref()?.certificates.get(&declared.name)?;
            let current = entry.with_role(Role::Current)?;
            let expires = self.world.certificate(&current.id)?.expires()?;
            Some(declared.rotation.renew_before?.before(expires))
        })
    }
}
