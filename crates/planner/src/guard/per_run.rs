//! The limits of the policy that hold for a run: what is over them waits for the next one.

use std::collections::{BTreeMap, BTreeSet};

use certctl_model::{Code, Diagnostic, Guard, InUse, Name};
use certctl_plan::{Limits, Tally};

use super::hit::{is_destroyed, starts_replacement};
use crate::context::Context;
use crate::draft::{Draft, Lane};
use certctl_plan::{Action, WaitFor};

/// One of the limits, at work on an account.
struct Limit<'a> {
    guard: Guard,
    code: Code,
    /// As the policy says it.
    said: Option<u32>,
    granted: Option<u32>,
    done: &'a BTreeSet<Name>,
}

/// Makes what is over a limit wait, and counts what is within.
pub(crate) fn hold(context: &mut Context<'_>, drafts: &mut BTreeMap<Name, Draft>) -> Tally {
    let allowance = context.options.allowance.clone();
    let all = Limits::of(context.policy);
    let granted = allowance.limits(context.policy);
    let mut tally = Tally::default();
    let deletes = Limit {
        guard: Guard::MaxDeletes,
        code: Code::MaxDeletes,
        said: all.deletes,
        granted: granted.deletes,
        done: &allowance.deletes,
    };
    let begun = |lane: &Lane| {
        let first = lane.steps.first().map(|step| step.action);
        first != Some(Action::Deactivate)
    };
    let mut doomed: Vec<&mut Draft> = drafts.values_mut().collect();
    doomed.retain(|draft| is_destroyed(context, draft));
    // What was begun is ended first.
    doomed.sort_by_key(|draft| (!draft.lanes.iter().any(begun), draft.name.clone()));
    tally.deletes = deletes.apply(context, doomed, &|lane| {
        matches!(
            lane.steps.first().map(|step| step.action),
            Some(Action::Deactivate | Action::Delete)
        )
    });
    let replaces = Limit {
        guard: Guard::MaxReplaces,
        code: Code::MaxReplaces,
        said: all.replaces,
        granted: granted.replaces,
        done: &allowance.replaces,
    };
    let rotating = drafts.values_mut().collect();
    tally.replaces = replaces.apply(context, rotating, &starts_replacement);
    let switches = Limit {
        guard: Guard::MaxInUseSwitches,
        code: Code::MaxInUseSwitches,
        said: all.switches,
        granted: granted.switches,
        done: &allowance.switches,
    };
    let mut taking: Vec<&mut Draft> = drafts.values_mut().collect();
    taking.retain(|draft| takes_from_another(context, draft));
    tally.switches = switches.apply(context, taking, &|lane| {
        let mut steps = lane.steps.iter();
        steps.any(|step| step.action == Action::SetInUse)
    });
    tally
}

impl Limit<'_> {
    /// Holds the lanes that `counts` picks, of all drafts over the limit; says how many are within.
    fn apply(
        &self,
        context: &mut Context<'_>,
        drafts: Vec<&mut Draft>,
        counts: &dyn Fn(&Lane) -> bool,
    ) -> u32 {
        let done = u32::try_from(self.done.len()).unwrap_or(u32::MAX);
        let mut left = self.granted.map(|limit| limit.saturating_sub(done));
        let mut within = 0;
        let mut held = Vec::new();
        for draft in drafts {
            let due = |lane: &Lane| counts(lane) && is_of_this_run(lane);
            if !draft.lanes.iter().any(due) || self.done.contains(&draft.name) {
                continue;
            }
            if context.options.allows(self.guard, &draft.address) {
                continue;
            }
            if left == Some(0) {
                for lane in draft.lanes.iter_mut().filter(|lane| due(lane)) {
                    if lane.waiting.is_none() && self.holds_first(lane) {
                        lane.wait(WaitFor::Hold, None);
                        held.push(draft.address.to_string());
                    }
                }
                continue;
            }
            left = left.map(|left| left - 1);
            within += 1;
        }
        held.dedup();
        if let Some(first) = held.first() {
            let message = format!(
                "`policy.{}` is {} for a run; over it, and waiting: {}",
                self.guard,
                self.said.unwrap_or_default(),
                held.join(", ")
            );
            let hint = format!(
                "run it again for the next; or pass `--allow {}:{first}`",
                self.guard
            );
            let warning = Diagnostic::warning(self.code, message).hint(hint);
            let place = context.policy.place.clone();
            let warning = warning.at(place).account(&context.account.name);
            context.diagnostics.push(warning);
        }
        within
    }

    /// A switch is held when it comes first; what leads to it is not.
    fn holds_first(&self, lane: &Lane) -> bool {
        self.guard != Guard::MaxInUseSwitches
            || lane.steps.first().map(|step| step.action) == Some(Action::SetInUse)
    }
}

/// Whether a run can get to it: it is due, or waits for what a run waits for.
fn is_of_this_run(lane: &Lane) -> bool {
    match &lane.waiting {
        None => true,
        Some(waiting) => matches!(waiting.why, WaitFor::Deploying | WaitFor::Settling),
    }
}

/// Whether Gateway would move to this address from one that is not its own predecessor.
fn takes_from_another(context: &Context<'_>, draft: &Draft) -> bool {
    let InUse::Certificate(used) = context.in_use() else {
        return false;
    };
    let own = context.state.binding(used);
    let own = own.is_some_and(|(holder, _)| *holder == draft.name);
    let at_once = context
        .account
        .certificate(&draft.name)
        .is_some_and(|declared| declared.rotation.trust_period == certctl_model::Period::ZERO);
    let first = draft
        .lanes
        .iter()
        .any(|lane| lane.steps.first().map(|step| step.action) == Some(Action::SetInUse));
    context.something_usable_is_in_use() && !own && (first || at_once)
}
