//! What each account has done, or is about to do, in the eyes of those in later waves.
//!
//! *Guarantees*: what another account did only makes a switch wait. An account counts where a switch for the
//! same reason is due, waiting or held there, or where certctl switched it for that within `bake`. A state of
//! an older version does not say for what: then it counts.
//! *Caveats*: of an account that is not planned only the state is known: a declared switch that no approved run
//! took up is not seen.

use std::collections::BTreeMap;

use certctl_model::{AccountState, Entry, Hold, Motive, Name, Period, Role, Timestamp, Wave};
use certctl_plan::{
    AccountInput, AccountOutcome, Action, Because, Bystander, Change, ChangeKind, Options,
};
use certctl_spec::{Account, Policy};

/// Whether waves are declared, or were accepted.
pub(crate) fn declared(input: &AccountInput<'_>) -> bool {
    let accepted = input.state.and_then(|state| state.settings.as_ref());
    let accepted = accepted.is_some_and(|accepted| !accepted.policy.waves.is_empty());
    accepted || !input.policy.waves.is_empty()
}

/// An account, as the others see it.
#[derive(Debug)]
pub struct Peer<'a> {
    pub(crate) name: &'a Name,
    pub(crate) labels: &'a BTreeMap<String, String>,
    pub(crate) waves: &'a [Wave],
    pub(crate) standing: Standing,
}

/// What it has done, or is about to do.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    unreadable: bool,
    /// Why it went back or is held, and since when.
    back: Option<(Motive, Option<Timestamp>)>,
    /// Why a switch is still to come, and since when.
    open: Option<(Motive, Option<Timestamp>)>,
    /// When certctl switched it last, and why, where that is known.
    switched: Option<(Option<Motive>, Timestamp)>,
}

impl<'a> Peer<'a> {
    /// One that is planned; `outcome` is its plan as if there were no other.
    #[must_use]
    pub fn planned(
        input: &AccountInput<'a>,
        outcome: &AccountOutcome,
        options: &Options,
        now: Timestamp,
    ) -> Self {
        let accepted = input.state.and_then(|state| state.settings.as_ref());
        let accepted = accepted.filter(|_| options.is_unattended());
        let mut peer =
            Self::simulated(input.account, input.policy, input.state, Some(outcome), now);
        peer.standing.unreadable = input.observed.is_err();
        if let Some(accepted) = accepted {
            (peer.labels, peer.waves) = (&accepted.labels, &accepted.policy.waves);
        }
        peer
    }

    /// One that a model plans, and that is always readable; `outcome` is its latest plan.
    #[must_use]
    pub fn simulated(
        account: &'a Account,
        policy: &'a Policy,
        state: Option<&AccountState>,
        outcome: Option<&AccountOutcome>,
        now: Timestamp,
    ) -> Self {
        let mut standing = state.map_or_else(Standing::default, Standing::of);
        let changes = outcome.into_iter().flat_map(|outcome| &outcome.changes);
        standing.open = changes.filter_map(to_switch).next().or(standing.open);
        standing.not_after(now);
        Self {
            name: &account.name,
            labels: &account.labels,
            waves: &policy.waves,
            standing,
        }
    }

    /// One that is not planned: what its state says. It waits for nobody.
    #[must_use]
    pub fn beside(bystander: &Bystander<'a>, options: &Options, now: Timestamp) -> Self {
        let accepted = bystander.state.ok().flatten();
        let accepted = accepted.and_then(|state| state.settings.as_ref());
        let accepted = accepted.filter(|_| options.is_unattended());
        let mut standing = match bystander.state {
            Ok(state) => state.map_or_else(Standing::default, Standing::of),
            Err(_) => Standing {
                unreadable: true,
                ..Standing::default()
            },
        };
        standing.not_after(now);
        Self {
            name: &bystander.account.name,
            labels: accepted.map_or(&bystander.account.labels, |accepted| &accepted.labels),
            waves: &[],
            standing,
        }
    }
}

impl Standing {
    /// What the state alone says.
    fn of(state: &AccountState) -> Self {
        let entries = || state.certificates.values();
        let record = state.in_use.as_ref().filter(|record| record.set);
        Self {
            unreadable: false,
            back: entries().find_map(|entry| {
                let successor = entry.with_role(Role::Successor)?;
                (successor.hold == Some(Hold::Held))
                    .then(|| (entry.motive(), record.map(|record| record.at)))
            }),
            open: entries().find_map(|entry| to_take_over(entry)),
            switched: record.map(|record| (record.motive, record.at)),
        }
    }

    /// A switch in the future was made just now (law 9).
    fn not_after(&mut self, now: Timestamp) {
        self.switched = self.switched.map(|(motive, at)| (motive, at.min(now)));
    }

    /// Why a switch is still to come.
    pub(crate) fn to_come(&self) -> Option<Motive> {
        self.open.map(|(motive, _)| motive)
    }

    /// Why whoever is to be switched for this reason in a later wave waits for it, since when, until when.
    pub(crate) fn keeps(
        &self,
        asked: Motive,
        bake: Period,
        now: Timestamp,
    ) -> Option<(Because, Option<Timestamp>, Option<Timestamp>)> {
        if self.unreadable {
            return Some((Because::Unreadable, None, None));
        }
        if let Some((_, since)) = self.back.filter(|(motive, _)| *motive == asked) {
            return Some((Because::WentBack, since, None));
        }
        if let Some((_, since)) = self.open.filter(|(motive, _)| *motive == asked) {
            return Some((Because::NotSwitched, since, None));
        }
        let alike = |motive: Option<Motive>| motive.is_none_or(|motive| motive == asked);
        let (_, since) = self.switched.filter(|(motive, _)| alike(*motive))?;
        let until = bake.after(since);
        (now < until).then_some((Because::Baking, Some(since), Some(until)))
    }
}

/// Why Gateway is to be switched to what an address holds, and since when: to its successor, or to what an
/// approved run took up to be in use and is not yet.
fn to_take_over(entry: &Entry) -> Option<(Motive, Option<Timestamp>)> {
    let current = entry.with_role(Role::Current)?;
    let accepted = entry.settings.as_ref().filter(|_| !entry.removed);
    let wanted = accepted.is_some_and(|accepted| accepted.in_use == Some(true));
    match entry.with_role(Role::Successor) {
        Some(successor) => {
            (current.in_use || wanted).then(|| (entry.motive(), Some(successor.bound_at)))
        }
        None => (wanted && !current.in_use).then_some((Motive::Declared, current.available_since)),
    }
}

/// Why a change switches Gateway, where it does.
fn to_switch(change: &Change) -> Option<(Motive, Option<Timestamp>)> {
    let mut steps = change.steps.iter();
    let switches = steps.any(|step| step.action() == Action::SetInUse);
    let successors = change.certificates.iter();
    let mut successors = successors.filter(|bound| bound.role == Role::Successor);
    let since = successors.find_map(|bound| bound.available_since);
    let motive = match change.kind {
        ChangeKind::Renew => Motive::Renewal,
        ChangeKind::Replace => Motive::Replacement,
        _ => Motive::Declared,
    };
    switches.then_some((motive, since))
}
