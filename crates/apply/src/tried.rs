//! What one run has tried at each address of an account, and what stands in its way.

use std::collections::{BTreeMap, BTreeSet};

use certctl_model::{CertificateId, Name};
use certctl_plan::{Action, Change, Step};

/// How often a step is begun within one run. It is repeated only when its effect did not show, and
/// counted whatever it was answered with.
pub(crate) const ATTEMPTS: u32 = 3;
/// How often facts of one address are noted within one run. No run comes near it, but for a planner
/// that wants the same for ever.
const NOTES: u32 = 100;

/// A step, as it is counted: what is done, at which address, to which certificate.
type Counted = (Name, Action, Option<CertificateId>);

/// The memory of a run; the state keeps what outlives it.
#[derive(Debug, Default)]
pub(crate) struct Tried {
    failures: BTreeMap<Name, String>,
    acted: BTreeSet<Name>,
    put_off: BTreeSet<Name>,
    begun: BTreeMap<Counted, u32>,
    noted: BTreeMap<Name, u32>,
    /// Addresses with a request that was accepted and whose effect was not seen yet.
    accepted: BTreeSet<Name>,
}

impl Tried {
    /// Counts one more attempt, unless there were enough of them: then says `false`.
    pub(crate) fn begin(&mut self, change: &Change, step: &Step) -> bool {
        let begun = self.begun.entry(counted(change, step)).or_default();
        *begun += 1;
        *begun <= ATTEMPTS
    }

    /// Whether the step may be begun once more.
    pub(crate) fn may_repeat(&self, change: &Change, step: &Step) -> bool {
        let begun = self.begun.get(&counted(change, step)).copied();
        begun.unwrap_or_default() < ATTEMPTS
    }

    /// Counts that facts of an address are noted, unless that happened far too often.
    pub(crate) fn note(&mut self, name: &Name) -> bool {
        let noted = self.noted.entry(name.clone()).or_default();
        *noted += 1;
        *noted <= NOTES
    }

    /// Something of the address was carried out, or may have been.
    pub(crate) fn acted(&mut self, name: &Name) {
        self.acted.insert(name.clone());
    }

    /// Whether anything of the address was carried out.
    pub(crate) fn has_acted(&self, name: &Name) -> bool {
        self.acted.contains(name)
    }

    /// A request was accepted; its effect is yet to be seen.
    pub(crate) fn accepted(&mut self, name: &Name) {
        self.acted(name);
        self.accepted.insert(name.clone());
    }

    /// Whether a request was accepted whose effect was not seen.
    pub(crate) fn is_accepted(&self, name: &Name) -> bool {
        self.accepted.contains(name)
    }

    /// The effect of what was asked is seen.
    pub(crate) fn seen(&mut self, name: &Name) {
        self.acted(name);
        self.accepted.remove(name);
    }

    /// Nothing more is sent for the address.
    pub(crate) fn fail(&mut self, name: &Name, error: String) {
        self.failures.insert(name.clone(), error);
    }

    /// Why nothing more is sent for the address.
    pub(crate) fn failure(&self, name: &Name) -> Option<&String> {
        self.failures.get(name)
    }

    /// The address is for a later run: the server said so.
    pub(crate) fn put_off(&mut self, name: &Name) {
        self.put_off.insert(name.clone());
    }

    /// Whether the address is for a later run.
    pub(crate) fn is_put_off(&self, name: &Name) -> bool {
        self.put_off.contains(name)
    }

    /// Whether requests may still be sent for the address.
    pub(crate) fn is_free(&self, name: &Name) -> bool {
        !self.failures.contains_key(name) && !self.put_off.contains(name)
    }

    /// Whether nothing stands in the way of any address.
    pub(crate) fn is_clear(&self) -> bool {
        self.failures.is_empty() && self.put_off.is_empty()
    }
}

fn counted(change: &Change, step: &Step) -> Counted {
    let name = change.address.certificate.clone();
    (name, step.action(), step.certificate_id().cloned())
}

#[cfg(test)]
mod tests {
    use certctl_plan::Operation;

    use super::*;
    use crate::testing::{change, due, id, name};

    #[test]
    fn a_step_is_begun_three_times_and_each_certificate_counts_for_itself() {
        let (mut tried, change) = (Tried::default(), change("a", Vec::new()));
        let one = due(Operation::Activate(Some(id(1))));
        for _ in 0..ATTEMPTS {
            assert!(tried.may_repeat(&change, &one));
            assert!(tried.begin(&change, &one));
        }
        assert!(!tried.may_repeat(&change, &one));
        assert!(!tried.begin(&change, &one));
        assert!(tried.begin(&change, &due(Operation::Activate(Some(id(2))))));
    }

    #[test]
    fn a_planner_that_wants_the_same_for_ever_is_stopped() {
        let mut tried = Tried::default();
        let noted = (0..=NOTES).take_while(|_| tried.note(&name("a"))).count();
        assert_eq!(u32::try_from(noted).unwrap(), NOTES);
        assert!(tried.note(&name("b")));
    }
}
