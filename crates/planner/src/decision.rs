//! What was decided for one address: why, and which steps on which certificate.

use certctl_model::{Diagnostic, Reason, Timestamp};
use certctl_plan::{Action, ChangeKind, Mandate, Operation, Step, WaitFor};

use crate::noted::Headline;
use crate::place::Place;

/// When the first step of a lane can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    Now,
    /// Not before `until`, where that is known.
    Waits {
        why: WaitFor,
        until: Option<Timestamp>,
    },
}

/// A sequence of steps on one certificate: only the first can be due, the others follow it.
#[derive(Debug, Clone)]
pub(crate) struct Lane {
    pub(crate) steps: Vec<Step>,
    /// Who wants it: the calendar, somebody who accepted it before, or this plan alone.
    pub(crate) mandate: Mandate,
    pub(crate) when: When,
}

impl Lane {
    /// Steps that are new with this plan.
    pub(crate) fn new(steps: Vec<Step>, when: When) -> Self {
        Self {
            steps,
            mandate: Mandate::New,
            when,
        }
    }

    /// Steps of which the first is due now.
    pub(crate) fn due(steps: Vec<Step>) -> Self {
        Self::new(steps, When::Now)
    }

    /// Steps of which the first waits. Without any, what is waited for is only to be remembered.
    pub(crate) fn waits(steps: Vec<Step>, why: WaitFor, until: Option<Timestamp>) -> Self {
        Self::new(steps, When::Waits { why, until })
    }

    /// What its first step does.
    pub(crate) fn first(&self) -> Option<Action> {
        self.steps.first().map(Step::action)
    }

    pub(crate) fn is_due(&self) -> bool {
        self.when == When::Now
    }

    /// Whether an unattended run leaves it to one that somebody approved.
    pub(crate) fn is_left_to_another_run(&self) -> bool {
        let unattended = |why| why == WaitFor::Unattended;
        matches!(self.when, When::Waits { why, .. } if unattended(why))
    }
}

/// What one rule decided.
#[derive(Debug, Default)]
pub(crate) struct Decision {
    /// Why, unless nothing differs.
    pub(crate) headline: Option<Headline>,
    pub(crate) lanes: Vec<Lane>,
    /// What is wrong with the address.
    pub(crate) says: Vec<Diagnostic>,
    /// Until when the certificate that was replaced is still there to go back to.
    pub(crate) rollback_until: Option<Timestamp>,
    /// Whether verification stands in the way of deciding more.
    pub(crate) stopped: bool,
    /// Whether a renewal or an open rotation is what happens here.
    pub(crate) rotates: bool,
}

impl Decision {
    /// A decision of this kind, for this reason.
    pub(crate) fn of(kind: ChangeKind, code: Reason, message: impl Into<String>) -> Self {
        Self {
            headline: Some(Headline::new(kind, code, message)),
            ..Self::default()
        }
    }

    /// Says why, where nothing was said yet.
    pub(crate) fn say(&mut self, kind: ChangeKind, code: Reason, message: impl Into<String>) {
        self.headline
            .get_or_insert_with(|| Headline::new(kind, code, message));
    }

    /// Adds a lane, unless there is nothing in it.
    pub(crate) fn lane(&mut self, lane: Lane) {
        if !lane.steps.is_empty() || !lane.is_due() {
            self.lanes.push(lane);
        }
    }

    /// Says what is wrong with the address.
    pub(crate) fn report(&mut self, place: &Place<'_>, diagnostic: Diagnostic) {
        self.says.push(diagnostic.address(&place.address));
    }

    /// Says that all that was decided so far is part of a rotation.
    pub(crate) fn mark_as_rotation(&mut self) {
        self.rotates = true;
        for lane in &mut self.lanes {
            lane.mandate = Mandate::Calendar;
        }
    }
}

/// Steps on one certificate, in order.
pub(crate) fn steps(operations: impl IntoIterator<Item = Operation>) -> Vec<Step> {
    operations.into_iter().map(Step::new).collect()
}
