//! What was approved: the only steps that a run may do, each once.

use std::collections::BTreeSet;

use certctl_model::{
    Accepted, AccountId, AccountState, Address, CertificateId, Name, Note, Origin, Timestamp,
};
use certctl_plan::{AccountOutcome, Action, Change, Plan, Step};

/// What somebody said yes to.
#[derive(Debug, Clone)]
pub enum Approval {
    /// Whatever is planned once the lock is held (`--auto-approve`).
    Everything,
    /// Nobody said yes to this run: it does what was accepted before, by the settings of then.
    Earlier,
    /// The accounts of this plan, each as long as its digest is the same.
    Plan(Box<Plan>),
    /// What has one of these digests, which somebody saw elsewhere: a whole plan's, or one account's.
    /// An account's digest covers its id, so it fits no other account.
    Digests(BTreeSet<String>),
}

impl Approval {
    /// The digest that the fresh plan of this account must have, given what was planned last.
    pub(crate) fn digest<'a>(&'a self, account: &AccountId, last: &'a Plan) -> Option<&'a String> {
        match self {
            Self::Everything | Self::Earlier => None,
            Self::Plan(plan) => planned(plan, account),
            Self::Digests(digests) => planned(last, account)
                .filter(|own| digests.contains(&last.digest) || digests.contains(*own)),
        }
    }

    /// Under which digest the approval is kept while it is carried out.
    pub(crate) fn label<'a>(&'a self, account: &AccountId, last: &'a Plan) -> Option<&'a String> {
        match self {
            Self::Digests(digests) if digests.contains(&last.digest) => Some(&last.digest),
            _ => self.digest(account, last),
        }
    }

    /// Whether what was begun under this digest was begun under this approval.
    pub(crate) fn covers(&self, account: &AccountId, begun: &String) -> bool {
        match self {
            Self::Everything | Self::Earlier => false,
            Self::Plan(plan) => planned(plan, account) == Some(begun),
            Self::Digests(digests) => digests.contains(begun),
        }
    }
}

fn planned<'a>(plan: &'a Plan, account: &AccountId) -> Option<&'a String> {
    plan.accounts
        .iter()
        .find(|planned| planned.account_id == *account)
        .map(|p| &p.digest)
}

/// The approved steps of one account that are not done yet.
#[derive(Debug, Clone)]
pub(crate) struct Approved {
    at: Timestamp,
    /// What it was accepted from, see [`certctl_plan::digest::of_declared`].
    basis: Option<String>,
    steps: Vec<(Name, Action, Option<CertificateId>)>,
    /// Whether whatever the planner comes to want is approved too. Each address creates once in a
    /// run all the same.
    everything: bool,
    created: BTreeSet<Name>,
}

/// How an approval names a step of an address.
pub(crate) type Named<'a> = (Action, Option<&'a CertificateId>);

pub(crate) fn named(step: &Step) -> Named<'_> {
    (step.action(), step.certificate_id())
}

impl Approved {
    /// All steps of a plan, due now or later.
    pub(crate) fn of(outcome: &AccountOutcome, basis: String, at: Timestamp) -> Self {
        let steps = outcome
            .changes
            .iter()
            .flat_map(|change| change.steps.iter().map(move |step| (change, step)))
            .filter(|(_, step)| step.action() != Action::Record)
            .map(|(change, step)| {
                (
                    change.address.certificate.clone(),
                    step.action(),
                    step.certificate_id().cloned(),
                )
            })
            .collect();
        Self {
            at,
            basis: Some(basis),
            steps,
            everything: false,
            created: BTreeSet::new(),
        }
    }

    /// The same, and whatever else comes to be due in this run.
    pub(crate) fn and_everything_else(self) -> Self {
        Self {
            everything: true,
            ..self
        }
    }

    /// What an interrupted run had left.
    pub(crate) fn resume(accepted: &Accepted) -> Self {
        Self {
            at: accepted.at,
            basis: accepted.basis.clone(),
            steps: accepted.steps.clone(),
            everything: false,
            created: BTreeSet::new(),
        }
    }

    /// How it is kept in the state.
    pub(crate) fn accepted(&self, digest: &str) -> Accepted {
        Accepted {
            digest: digest.to_owned(),
            at: self.at,
            basis: self.basis.clone(),
            steps: self.steps.clone(),
        }
    }

    /// How many of them call the API.
    pub(crate) fn calls(&self) -> usize {
        self.steps
            .iter()
            .filter(|(_, action, _)| !action.is_state_only())
            .count()
    }

    /// Whether this step may be done: it is one of them, or remembers a fact.
    pub(crate) fn allows(&self, state: &AccountState, change: &Change, step: &Step) -> bool {
        let settles = || {
            step.notes
                .iter()
                .any(|note| matches!(note, Note::Created { .. }))
        };
        match step.action() {
            Action::Record => true,
            Action::Adopt if settles() => true,
            action if action.makes() && self.created.contains(&change.address.certificate) => false,
            _ if self.everything => true,
            _ => self.position(state, &change.address, named(step)).is_some(),
        }
    }

    /// Strikes a step that was done.
    pub(crate) fn strike(
        &mut self,
        state: &AccountState,
        address: &Address,
        (action, id): Named<'_>,
    ) {
        if action.makes() {
            self.created.insert(address.certificate.clone());
        }
        if let Some(position) = self.position(state, address, (action, id)) {
            self.steps.remove(position);
        }
    }

    /// The step with this certificate, or the one with a certificate that was yet to be created,
    /// if this one was created since.
    fn position(
        &self,
        state: &AccountState,
        address: &Address,
        (action, id): Named<'_>,
    ) -> Option<usize> {
        let of = |wanted: Option<&CertificateId>| {
            self.steps.iter().position(|(name, approved, id)| {
                *name == address.certificate && *approved == action && id.as_ref() == wanted
            })
        };
        let created_since = id.is_none_or(|id| {
            state.binding(id).is_some_and(|(_, binding)| {
                binding.origin != Origin::Adopted && binding.bound_at >= self.at
            })
        });
        of(id).or_else(|| of(None).filter(|_| created_since))
    }
}

#[cfg(test)]
mod tests {
    use certctl_plan::Operation;

    use super::*;
    use crate::testing::{approved, change, create, created, due, id, outcome};

    fn allows(approved: &Approved, state: &AccountState, change: &Change, step: &Step) -> bool {
        approved.allows(state, change, step)
    }

    #[test]
    fn a_step_that_was_approved_is_done_once() {
        let step = due(Operation::Deactivate(id(1)));
        let outcome = outcome(vec![change("a", vec![step.clone()])]);
        let (mut approved, state) = (approved(&outcome), AccountState::default());
        let of_a = &outcome.changes[0];
        assert!(allows(&approved, &state, of_a, &step));
        let of_another = due(Operation::Deactivate(id(2)));
        assert!(!allows(&approved, &state, of_a, &of_another));
        assert!(!allows(&approved, &state, &change("b", Vec::new()), &step));
        approved.strike(&state, &of_a.address, named(&step));
        assert!(!allows(&approved, &state, of_a, &step));
    }

    #[test]
    fn what_was_approved_before_it_existed_is_allowed_of_what_was_created_since() {
        let steps = vec![create(), Step::new(Operation::Activate(None))];
        let outcome = outcome(vec![change("a", steps)]);
        let approved = approved(&outcome);
        let activate = due(Operation::Activate(Some(id(1))));
        let of_a = &outcome.changes[0];
        assert!(allows(&approved, &created("a", &id(1)), of_a, &activate));
        // What the address did not create is not what was meant.
        assert!(!allows(
            &approved,
            &AccountState::default(),
            of_a,
            &activate
        ));
    }

    #[test]
    fn facts_are_remembered_without_an_approval() {
        let (approved, state) = (approved(&outcome(Vec::new())), AccountState::default());
        let change = change("a", Vec::new());
        assert!(allows(&approved, &state, &change, &due(Operation::Record)));
        let delete = due(Operation::Delete(id(1)));
        assert!(!allows(&approved, &state, &change, &delete));
    }

    #[test]
    fn each_address_creates_once_in_a_run_whatever_was_approved() {
        let create = create();
        let outcome = outcome(vec![change("a", vec![create.clone()])]);
        let mut approved = approved(&outcome).and_everything_else();
        let (state, of_a) = (AccountState::default(), &outcome.changes[0]);
        assert!(allows(&approved, &state, of_a, &create));
        approved.strike(&state, &of_a.address, named(&create));
        assert!(!allows(&approved, &state, of_a, &create));
        assert!(allows(&approved, &state, &change("b", Vec::new()), &create));
    }

    #[test]
    fn what_is_kept_of_an_approval_is_what_is_left() {
        let steps = vec![
            due(Operation::Activate(Some(id(1)))),
            Step::new(Operation::SetInUse(Some(id(1)))),
        ];
        let outcome = outcome(vec![change("a", steps.clone())]);
        let (mut approved, state) = (approved(&outcome), AccountState::default());
        approved.strike(&state, &outcome.changes[0].address, named(&steps[0]));
        let resumed = Approved::resume(&approved.accepted("sha256:01"));
        assert_eq!(resumed.calls(), 1);
        assert!(!allows(&resumed, &state, &outcome.changes[0], &steps[0]));
        assert!(allows(&resumed, &state, &outcome.changes[0], &steps[1]));
    }
}
