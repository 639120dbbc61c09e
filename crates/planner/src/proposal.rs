//! What is proposed for one address: its facts, the rule that spoke, and what that decided. What holds
//! back may make its lanes wait; checks only read it.

use certctl_model::{Changed, Settings};
use certctl_plan::{Action, ChangeKind, Step};

use crate::decision::{Decision, Lane};
use crate::noted::{Headline, Noted};
use crate::place::Place;

/// One address on its way into the plan.
#[derive(Debug)]
pub(crate) struct Proposal<'f> {
    pub(crate) place: Place<'f>,
    pub(crate) noted: Noted,
    /// The rule that decided, as in `docs/decisions.md`.
    pub(crate) rule: &'static str,
    pub(crate) decision: Decision,
    /// What is declared and was not accepted yet.
    pub(crate) settings: Option<Box<Changed<Settings>>>,
}

impl Proposal<'_> {
    /// What happens to the address: what the facts alone say, else what was decided. What is taken over
    /// or renamed and then replaced is a replacement, and says both.
    pub(crate) fn headline(&self) -> Option<Headline> {
        let (noted, decided) = (
            self.noted.headline.as_ref(),
            self.decision.headline.as_ref(),
        );
        if let (Some(noted), Some(decided)) = (noted, decided)
            && matches!(noted.kind, ChangeKind::Adopt | ChangeKind::Move)
            && matches!(decided.kind, ChangeKind::Replace | ChangeKind::Renew)
            && self.makes()
        {
            let message = format!("{}; {}", noted.why.message, decided.why.message);
            return Some(Headline::new(decided.kind, decided.why.code, message));
        }
        noted.or(decided).cloned()
    }

    /// The word for it.
    pub(crate) fn kind(&self) -> ChangeKind {
        self.headline()
            .map_or(ChangeKind::NoOp, |headline| headline.kind)
    }

    /// Every lane, in the order in which holds number them.
    pub(crate) fn lanes(&self) -> &[Lane] {
        &self.decision.lanes
    }

    /// The lanes that are this run's, due or not: what an unattended run leaves to another one is not.
    pub(crate) fn own_lanes(&self) -> impl Iterator<Item = &Lane> {
        let lanes = self.decision.lanes.iter();
        lanes.filter(|lane| !lane.is_left_to_another_run())
    }

    /// Every step of this run, due or not.
    pub(crate) fn steps(&self) -> impl Iterator<Item = &Step> {
        self.own_lanes().flat_map(|lane| &lane.steps)
    }

    /// Whether any of its steps, due or not, does this.
    pub(crate) fn does(&self, action: Action) -> bool {
        self.steps().any(|step| step.action() == action)
    }

    /// Whether it makes a certificate.
    pub(crate) fn makes(&self) -> bool {
        self.steps().any(|step| step.makes().is_some())
    }

    /// Whether it is to be removed because nothing declares it any more.
    pub(crate) fn is_removed(&self) -> bool {
        self.place.declared.is_none()
            && self.kind() == ChangeKind::Delete
            && (self.does(Action::Deactivate) || self.does(Action::Delete))
    }
}
