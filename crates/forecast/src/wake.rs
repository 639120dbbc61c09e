//! When an account has to be planned next: the first instant at which anything can be different.
//!
//! Between two such instants every plan is the one that was made last, so that a forecast plans a
//! few days of each year and not all of them. A test holds it against planning every day.

use certctl_model::{Code, Role, Timestamp};

use crate::simulated::SimulatedAccount;

/// What the next run of an account waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wake {
    /// The very next run: a limit per run held something back.
    NextRun,
    /// The run in which its wave waits for another account than now, or for none; at the latest the first
    /// from this instant on.
    OnceOpen(Option<Timestamp>),
    /// Nothing before this instant.
    At(Timestamp),
    /// Nothing at all.
    Never,
}

impl SimulatedAccount<'_> {
    /// When to plan this account again, after a run that left nothing due.
    pub(crate) fn wakes(&self) -> Wake {
        if self.is_eager() {
            return Wake::NextRun;
        }
        let Some(last) = &self.last else {
            return Wake::Never;
        };
        let says = |held: &[Code]| last.diagnostics.iter().any(|d| held.contains(&d.code));
        if says(&[Code::MaxDeletes, Code::MaxReplaces, Code::MaxInUseSwitches]) {
            return Wake::NextRun;
        }
        let steps = last.changes.iter().flat_map(|change| {
            let first = change.steps.iter().filter_map(|step| step.not_before);
            first.chain(change.waiting.as_ref().and_then(|waiting| waiting.until))
        });
        let certificates = self.world.certificates().iter();
        let expiries = certificates.filter_map(|remote| remote.expires());
        let next = steps
            .chain(expiries)
            .chain(self.renewals())
            .filter(|at| *at > self.now)
            .min();
        if says(&[Code::Wave]) {
            return Wake::OnceOpen(next);
        }
        next.map_or(Wake::Never, Wake::At)
    }

    /// Whether, up to this run, nothing can be different but whom its wave waits for.
    pub(crate) fn waits_for_others_until(&self, run: Timestamp) -> bool {
        match self.wakes() {
            Wake::OnceOpen(at) => at.is_none_or(|at| at > run),
            Wake::NextRun | Wake::At(_) | Wake::Never => false,
        }
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
