//! What the limits per run of a policy let a run do, and what of it was done.
//!
//! A run goes over all accounts, and an account is planned on its own. So what is left is handed from
//! account to account, by name; and an executor gives each account what the plan that it starts from
//! granted it, and counts there what it does.

use std::collections::BTreeSet;

use certctl_model::Name;
use certctl_spec::Policy;

use crate::change::{Change, ChangeKind};
use crate::operation::Action;
use crate::step::Step;

/// What the planning of an account counted; not part of the document.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field counts what it is named after")]
pub struct Tally {
    /// Addresses that hold a certificate.
    pub held: usize,
    /// Addresses that are removed without leave.
    pub destroyed: usize,
    pub deletes: u32,
    pub replaces: u32,
    pub switches: u32,
}

/// What a run may still do in one account, and what it did there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allowance {
    share: Share,
    /// Addresses of which the run has begun the removal.
    pub deletes: BTreeSet<Name>,
    /// Addresses of which the run has begun the replacement.
    pub replaces: BTreeSet<Name>,
    /// Addresses to which the run has switched.
    pub switches: BTreeSet<Name>,
}

/// Which part of the limits of a policy an account has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Share {
    #[default]
    All,
    /// What the accounts before left of them.
    After(Tally),
    /// What a plan counted for it.
    Granted(Tally),
}

/// The limits of a policy for one run; `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Addresses that are removed.
    pub deletes: Option<u32>,
    /// Replacements that are started; renewals do not count.
    pub replaces: Option<u32>,
    /// Switches of what Gateway uses to another address.
    pub switches: Option<u32>,
}

impl Limits {
    /// As the policy says them.
    #[must_use]
    pub fn of(policy: &Policy) -> Self {
        Self {
            deletes: policy.max_deletes,
            replaces: policy.max_replaces,
            switches: policy.max_in_use_switches,
        }
    }
}

impl Allowance {
    /// All that a policy allows, less what the accounts before took.
    #[must_use]
    pub fn after(taken: &Tally) -> Self {
        Self {
            share: Share::After(*taken),
            ..Self::default()
        }
    }

    /// What a plan granted to an account: for an executor that plans it anew.
    #[must_use]
    pub fn granted(planned: &Tally) -> Self {
        Self {
            share: Share::Granted(*planned),
            ..Self::default()
        }
    }

    /// The limits that hold for an account under this policy: the declared one, or the one that was
    /// accepted.
    #[must_use]
    pub fn limits(&self, policy: &Policy) -> Limits {
        let all = Limits::of(policy);
        let left = |limit: Option<u32>, of: fn(&Tally) -> u32| {
            limit.map(|limit| match &self.share {
                Share::All => limit,
                Share::After(taken) => limit.saturating_sub(of(taken)),
                Share::Granted(planned) => of(planned),
            })
        };
        Limits {
            deletes: left(all.deletes, |tally| tally.deletes),
            replaces: left(all.replaces, |tally| tally.replaces),
            switches: left(all.switches, |tally| tally.switches),
        }
    }

    /// Counts a step that a run has begun.
    pub fn count(&mut self, change: &Change, step: &Step) {
        let name = change.address.certificate.clone();
        match step.action() {
            Action::Create | Action::Upload if change.kind == ChangeKind::Replace => {
                self.replaces.insert(name)
            }
            Action::Deactivate | Action::Delete if change.kind == ChangeKind::Delete => {
                self.deletes.insert(name)
            }
            Action::SetInUse => self.switches.insert(name),
            _ => false,
        };
    }
}

impl Tally {
    /// Whether it takes nothing of what the policy lets all accounts of a run do.
    #[must_use]
    pub fn takes_nothing(&self) -> bool {
        (self.deletes, self.replaces, self.switches) == (0, 0, 0)
    }

    /// Adds what another account took.
    pub fn add(&mut self, other: &Self) {
        self.held += other.held;
        self.destroyed += other.destroyed;
        self.deletes = self.deletes.saturating_add(other.deletes);
        self.replaces = self.replaces.saturating_add(other.replaces);
        self.switches = self.switches.saturating_add(other.switches);
    }
}
