//! The limits of an account, known before the first call: three creations in a rolling 24 hours
//! (deletes do not refund), ten certificates at the edge at once. What does not fit waits, and the
//! most urgent goes first.

use std::collections::BTreeMap;

use certctl_model::{CertificateType, Mutation, Name, Period, Timestamp};

use crate::context::Context;
use crate::draft::Draft;
use crate::edge::{AVAILABLE, is_at_the_edge};
use crate::settle::Open;
use certctl_plan::{Action, WaitFor};

/// Certificates that can be created in a rolling 24 hours.
const CREATIONS: usize = 3;
/// Makes what does not fit wait; returns how many creations are left now.
pub(crate) fn apply(
    context: &Context<'_>,
    drafts: &mut BTreeMap<Name, Draft>,
    open: Option<&Open>,
) -> u32 {
    let mut created = creations(context);
    let left = CREATIONS.saturating_sub(created.len());
    let mut free = AVAILABLE.saturating_sub(at_the_edge(context));
    // Should a state hold two open creates, the other one is still in the way.
    let settling = open
        .map(|open| open.until)
        .or_else(|| context.state.open_create().map(|_| None));
    let mut urgent: Vec<&mut Draft> = drafts.values_mut().collect();
    urgent.sort_by_cached_key(|draft| urgency(context, draft));
    for lane in urgent.into_iter().flat_map(|draft| draft.lanes.iter_mut()) {
        if lane.waiting.is_some() {
            continue;
        }
        let first = lane.steps.first().map(|step| step.action);
        let wants_slot = lane
            .steps
            .iter()
            .take(2)
            .any(|step| step.action == Action::Activate);
        if first == Some(Action::Create) {
            if let Some(until) = settling {
                lane.wait(WaitFor::Settling, until);
            } else if wants_slot && free == 0 {
                lane.wait(WaitFor::AvailableCap, None);
            } else if let Some(until) = quota(&mut created, clock(context)) {
                lane.wait(WaitFor::CreationQuota, Some(until));
            } else if wants_slot {
                free -= 1;
            }
        } else if first == Some(Action::Activate) {
            if free == 0 {
                lane.wait(WaitFor::AvailableCap, None);
            } else {
                free -= 1;
            }
        }
    }
    u32::try_from(left).unwrap_or_default()
}

/// The limit is counted by the API's clock, as far as that is known.
fn clock(context: &Context<'_>) -> Timestamp {
    context.observed.date.unwrap_or(context.now)
}

/// When another creation is possible, if not now. Counts it.
fn quota(created: &mut Vec<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    let full = created
        .len()
        .checked_sub(CREATIONS)
        .and_then(|oldest| created.get(oldest).copied());
    let at = full.map_or(now, |oldest| Period::DAY.after(oldest).max(now));
    created.push(at);
    created.sort_unstable();
    (at > now).then_some(at)
}

/// When the creations of the last 24 hours were made: what the API shows, what the journal adds
/// (deleted ones still count), and an open one.
fn creations(context: &Context<'_>) -> Vec<Timestamp> {
    let start = Period::DAY.before(clock(context));
    let mut seen: BTreeMap<_, Timestamp> = context
        .observed
        .certificates
        .iter()
        .filter(|remote| remote.kind == CertificateType::GatewayManaged)
        .filter_map(|remote| Some((&remote.id, remote.created_at?)))
        .collect();
    for creation in &context.state.creations {
        seen.entry(&creation.id).or_insert(creation.at);
    }
    let open = context.state.intents.iter().filter_map(|intent| {
        matches!(intent.mutation, Mutation::Create { .. }).then_some(intent.at)
    });
    let mut times: Vec<Timestamp> = seen
        .into_values()
        .chain(open)
        .filter(|at| *at > start)
        .collect();
    times.sort_unstable();
    times
}

fn at_the_edge(context: &Context<'_>) -> usize {
    context
        .observed
        .certificates
        .iter()
        .filter(|remote| is_at_the_edge(&remote.binding_status))
        .count()
}

/// What expires first goes first; what is new goes last; then by name.
fn urgency(context: &Context<'_>, draft: &Draft) -> (Timestamp, Name) {
    let expires = context
        .state
        .certificates
        .get(&draft.name)
        .and_then(|entry| entry.with_role(certctl_model::Role::Current))
        .and_then(|binding| context.remote(&binding.id)?.expires());
    (expires.unwrap_or(Timestamp::MAX), draft.name.clone())
}
