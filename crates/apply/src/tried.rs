//! What one run has tried at each address of an account, and what stands in its way.

use std::collections::{BTreeMap, BTreeSet};

use certctl_model::Name;
use certctl_plan::Action;

/// How often a step whose effect failed to appear is begun within one run.
pub(crate) const ATTEMPTS: u32 = 3;

/// The memory of a run; the state keeps what outlives it.
#[derive(Debug, Default)]
pub(crate) struct Tried {
    /// Why nothing more is sent for an address.
    failures: BTreeMap<Name, String>,
    /// Addresses of which something was carried out.
    acted: BTreeSet<Name>,
    /// Addresses that the server told to wait although nothing here says so.
    put_off: BTreeSet<Name>,
    /// How often each step was begun since it last succeeded.
    begun: BTreeMap<(Name, Action), u32>,
}

impl Tried {
    /// Counts one more attempt, unless there were enough of them: then says `false`.
    pub(crate) fn begin(&mut self, name: &Name, action: Action) -> bool {
        let begun = self.begun.entry((name.clone(), action)).or_default();
        *begun += 1;
        *begun <= ATTEMPTS
    }

    /// Whether the step may be begun once more.
    pub(crate) fn may_repeat(&self, name: &Name, action: Action) -> bool {
        let begun = self.begun.get(&(name.clone(), action)).copied();
        begun.unwrap_or_default() < ATTEMPTS
    }

    /// The step was carried out: it may be begun anew.
    pub(crate) fn done(&mut self, name: &Name, action: Action) {
        self.acted(name);
        self.begun.remove(&(name.clone(), action));
    }

    /// Something of the address was carried out, or may have been.
    pub(crate) fn acted(&mut self, name: &Name) {
        self.acted.insert(name.clone());
    }

    /// Whether anything of the address was carried out.
    pub(crate) fn has_acted(&self, name: &Name) -> bool {
        self.acted.contains(name)
    }

    /// Nothing more is sent for the address.
    pub(crate) fn fail(&mut self, name: &Name, error: String) {
        self.failures.insert(name.clone(), error);
    }

    /// Why nothing more is sent for the address.
    pub(crate) fn failure(&self, name: &Name) -> Option<&String> {
        self.failures.get(name)
    }

    /// The address is for a later run.
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
