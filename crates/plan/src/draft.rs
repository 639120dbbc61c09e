//! What is being put together for one address.

use certctl_model::{Address, CertificateId, Name, Note, Reason, Timestamp};

use crate::plan::{Action, BlastRadius, ChangeKind, Shape, Step, WaitFor, Waiting, Why};

/// A sequence of steps on one certificate: only the first can be due, the others follow it.
#[derive(Debug, Default)]
pub(crate) struct Lane {
    pub(crate) steps: Vec<Step>,
    /// What the first step waits for; it is due without.
    pub(crate) waiting: Option<Waiting>,
}

/// The change of one address while it is decided.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) name: Name,
    pub(crate) address: Address,
    pub(crate) kind: ChangeKind,
    pub(crate) reason: Option<Why>,
    /// Facts for the `record` step.
    pub(crate) notes: Vec<Note>,
    pub(crate) lanes: Vec<Lane>,
    pub(crate) before: Option<Shape>,
    pub(crate) blast_radius: BlastRadius,
    pub(crate) rollback_until: Option<Timestamp>,
    /// Whether Gateway will use it because of this change.
    pub(crate) takes_over: bool,
    /// Whether a diagnostic stands in the way of deciding.
    pub(crate) blocked: bool,
    /// A successor that was bound and no longer exists.
    pub(crate) gone_successor: Option<CertificateId>,
}

impl Draft {
    pub(crate) fn new(address: Address) -> Self {
        Self {
            name: address.certificate.clone(),
            address,
            kind: ChangeKind::NoOp,
            reason: None,
            notes: Vec::new(),
            lanes: Vec::new(),
            before: None,
            blast_radius: BlastRadius::Nobody,
            rollback_until: None,
            takes_over: false,
            blocked: false,
            gone_successor: None,
        }
    }

    /// Says what happens and why; the first word stands.
    pub(crate) fn decide(&mut self, kind: ChangeKind, code: Reason, message: impl Into<String>) {
        if self.reason.is_none() {
            self.kind = kind;
            self.reason = Some(Why {
                code,
                message: message.into(),
            });
        }
    }

    pub(crate) fn lane(&mut self, lane: Lane) {
        if !lane.steps.is_empty() || lane.waiting.is_some() {
            self.takes_over |= lane
                .steps
                .iter()
                .any(|step| step.action == Action::SetInUse);
            self.lanes.push(lane);
        }
    }
}

impl Lane {
    /// Steps of which the first is due now.
    pub(crate) fn due(steps: Vec<Step>) -> Self {
        Self {
            steps,
            waiting: None,
        }
    }

    /// Steps of which the first waits. Without any, what is waited for is only to be remembered.
    pub(crate) fn waits(steps: Vec<Step>, why: WaitFor, until: Option<Timestamp>) -> Self {
        let next = steps.first().map_or(Action::Record, |step| step.action);
        Self {
            steps,
            waiting: Some(Waiting { until, why, next }),
        }
    }
}

/// Steps on one certificate, in order.
pub(crate) fn steps(id: Option<&CertificateId>, actions: &[Action]) -> Vec<Step> {
    actions
        .iter()
        .map(|action| Step::new(*action, id.cloned()))
        .collect()
}
