//! The limits of an account, known before the first call: one create in its window at a time, three
//! creations in a rolling 24 hours (deletes do not refund), ten certificates at the edge at once. What
//! does not fit waits, and the most urgent goes first.

use certctl_model::{CertificateType, Mutation, Name, Period, Timestamp};
use certctl_plan::{Action, WaitFor};

use crate::decision::Lane;
use crate::edge::{AVAILABLE, is_at_the_edge};
use crate::facts::Facts;
use crate::proposal::Proposal;
use crate::tables::{HeldBack, LaneWaits};

/// Certificates that can be created in a rolling 24 hours.
const CREATIONS: usize = 3;

/// How many creations are left now.
pub(crate) fn left(facts: &Facts<'_>) -> u32 {
    let left = CREATIONS.saturating_sub(creations(facts).len());
    u32::try_from(left).unwrap_or_default()
}

pub(super) fn hold(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> HeldBack {
    let mut room = Room::of(facts);
    let mut urgent: Vec<(usize, &Proposal<'_>)> = proposals.iter().enumerate().collect();
    urgent.sort_by_cached_key(|(_, proposal)| urgency(facts, proposal));
    let mut held = HeldBack::default();
    for (n, proposal) in urgent {
        for (at, lane) in proposal.lanes().iter().enumerate() {
            if let Some((why, until)) = room.wait_of(lane).filter(|_| lane.is_due()) {
                held.waits.push(LaneWaits {
                    proposal: n,
                    lane: at,
                    why,
                    until,
                });
            }
        }
    }
    held
}

/// What is left to hand out.
struct Room {
    /// Until when another create is in its window; `Some(None)`: until somebody says what it made.
    settling: Option<Option<Timestamp>>,
    /// When the creations of the last 24 hours were made, and those that this plan makes.
    created: Vec<Timestamp>,
    /// Slots at the edge.
    free: usize,
    /// The clock that the limit is counted by: the API's, as far as that is known.
    clock: Timestamp,
}

impl Room {
    fn of(facts: &Facts<'_>) -> Self {
        let certificates = facts.observed.certificates.iter();
        let taken = certificates.filter(|remote| is_at_the_edge(&remote.binding_status));
        // Should a state hold two open creates, the other one is still in the way.
        let open = facts.open.as_ref().map(|open| open.until);
        Self {
            settling: open.or_else(|| facts.state.open_create().map(|_| None)),
            created: creations(facts),
            free: AVAILABLE.saturating_sub(taken.count()),
            clock: facts.observed.date.unwrap_or(facts.now),
        }
    }

    /// What a lane that is due has to wait for; takes what it needs where there is room.
    fn wait_of(&mut self, lane: &Lane) -> Option<(WaitFor, Option<Timestamp>)> {
        if !lane.is_due() {
            return None;
        }
        let soon = lane.steps.iter().take(2);
        let wants_slot = soon
            .map(|step| step.action())
            .any(|a| a == Action::Activate);
        match lane.first() {
            Some(first @ (Action::Create | Action::Upload)) => {
                if let Some(until) = self.settling {
                    return Some((WaitFor::Settling, until));
                }
                if wants_slot && self.free == 0 {
                    return Some((WaitFor::AvailableCap, None));
                }
                // What is uploaded spends no creation.
                let quota = (first == Action::Create).then(|| self.quota()).flatten();
                if let Some(until) = quota {
                    return Some((WaitFor::CreationQuota, Some(until)));
                }
                self.free -= usize::from(wants_slot);
                None
            }
            Some(Action::Activate) if self.free == 0 => Some((WaitFor::AvailableCap, None)),
            Some(Action::Activate) => {
                self.free -= 1;
                None
            }
            _ => None,
        }
    }

    /// When another creation is possible, if not now. Counts it.
    fn quota(&mut self) -> Option<Timestamp> {
        let full = self
            .created
            .len()
            .checked_sub(CREATIONS)
            .and_then(|oldest| self.created.get(oldest).copied());
        let now = self.clock;
        let at = full.map_or(now, |oldest| Period::DAY.after(oldest).max(now));
        self.created.push(at);
        self.created.sort_unstable();
        (at > now).then_some(at)
    }
}

/// When the creations of the last 24 hours were made: what the API shows, what the journal adds
/// (deleted ones still count), and an open one.
fn creations(facts: &Facts<'_>) -> Vec<Timestamp> {
    let clock = facts.observed.date.unwrap_or(facts.now);
    let start = Period::DAY.before(clock);
    let managed = facts.observed.certificates.iter();
    let managed = managed.filter(|remote| remote.kind == CertificateType::GatewayManaged);
    let seen = managed.filter_map(|remote| Some((&remote.id, remote.created_at?)));
    let remembered = facts.state.creations.iter();
    let deleted = remembered.filter(|made| seen.clone().all(|(id, _)| *id != made.id));
    let open = facts.state.intents.iter().filter_map(|intent| {
        matches!(intent.mutation, Mutation::Create { .. }).then_some(intent.at)
    });
    let mut times: Vec<Timestamp> = seen
        .clone()
        .map(|(_, at)| at)
        .chain(deleted.map(|made| made.at))
        .chain(open)
        .filter(|at| *at > start)
        .collect();
    times.sort_unstable();
    times
}

/// Away from what is compromised first, then what Gateway uses, then what expires first; what is new
/// goes last; then by name.
fn urgency(facts: &Facts<'_>, proposal: &Proposal<'_>) -> (bool, bool, Timestamp, Name) {
    let place = &proposal.place;
    let bindings = place.entry.into_iter().flat_map(|entry| &entry.bindings);
    let compromised = bindings.clone().any(|binding| binding.compromised);
    let in_use = bindings.clone().any(|b| facts.may_be_in_use(&b.id));
    let expires = place
        .current
        .and_then(|current| facts.remote(&current.id)?.expires());
    (
        !compromised,
        !in_use,
        expires.unwrap_or(Timestamp::MAX),
        place.name.clone(),
    )
}
