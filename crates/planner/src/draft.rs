//! What is being put together for one address.

use certctl_model::{Address, CertificateId, Name, Note, Reason, Timestamp};

use certctl_plan::{Action, ChangeKind, Shape, Step, WaitFor, Waiting, Why};

/// A sequence of steps on one certificate: only the first can be due, the others follow it.
#[derive(Debug, Default)]
pub(crate) struct Lane {
    pub(crate) steps: Vec<Step>,
    /// Whether it belongs to a renewal, or to a rotation that is open.
    pub(crate) rotation: bool,
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
    /// Facts, in the order in which they became true; the first step carries them all.
    pub(crate) notes: Vec<Note>,
    /// What is taken over: then the first step is an `adopt`, else a `record`.
    pub(crate) adopts: Option<CertificateId>,
    pub(crate) lanes: Vec<Lane>,
    pub(crate) before: Option<Shape>,
    pub(crate) rollback_until: Option<Timestamp>,
    /// Whether a diagnostic stands in the way of deciding.
    pub(crate) blocked: bool,
    /// Whether a renewal or an open rotation is what happens here.
    pub(crate) rotates: bool,
    /// What this run leaves to another one.
    pub(crate) aside: Vec<Lane>,
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
            adopts: None,
            lanes: Vec::new(),
            before: None,
            rollback_until: None,
            blocked: false,
            rotates: false,
            aside: Vec::new(),
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
            self.lanes.push(lane);
        }
    }

    /// Says that all that was decided so far is part of a rotation.
    pub(crate) fn is_rotation(&mut self) {
        self.rotates = true;
        for lane in &mut self.lanes {
            lane.rotation = true;
        }
    }

    /// Whether any of its steps, due or not, does this.
    pub(crate) fn does(&self, action: Action) -> bool {
        self.lanes
            .iter()
            .flat_map(|lane| &lane.steps)
            .any(|step| step.action == action)
    }

    /// Reduces an address that is not a target to what law 1 needs of it: an open create that was
    /// settled is out of the way of others only once that is remembered. Says whether that is
    /// anything.
    pub(crate) fn confine(&mut self) -> bool {
        let creates = |note: &Note| matches!(note, Note::Created { .. });
        let settles = |note: &Note| creates(note) || matches!(note, Note::Abandon(_));
        self.lanes.clear();
        self.rollback_until = None;
        // What was seen before it may be what makes it possible, such as a rename.
        let last = self.notes.iter().rposition(settles);
        self.notes.truncate(last.map_or(0, |last| last + 1));
        if !self.notes.iter().any(creates) {
            self.adopts = None;
            self.kind = ChangeKind::NoOp;
            self.reason = None;
        }
        !self.notes.is_empty()
    }
}

impl Lane {
    /// Steps of which the first is due now.
    pub(crate) fn due(steps: Vec<Step>) -> Self {
        Self {
            steps,
            ..Self::default()
        }
    }

    /// Steps of which the first waits. Without any, what is waited for is only to be remembered.
    pub(crate) fn waits(steps: Vec<Step>, why: WaitFor, until: Option<Timestamp>) -> Self {
        let mut lane = Self::due(steps);
        lane.wait(why, until);
        lane
    }

    /// Makes the first step wait.
    pub(crate) fn wait(&mut self, why: WaitFor, until: Option<Timestamp>) {
        let next = self.steps.first().map_or(Action::Record, |s| s.action);
        self.waiting = Some(Waiting { until, why, next });
    }
}

/// Steps on one certificate, in order.
pub(crate) fn steps(id: Option<&CertificateId>, actions: &[Action]) -> Vec<Step> {
    actions
        .iter()
        .map(|action| Step::new(*action, id.cloned()))
        .collect()
}
