//! A compromised certificate stays in use, because what is to take its place has to wait (law 12).

use certctl_model::{Code, Diagnostic};
use certctl_plan::{Action, WaitFor};

use crate::certificate::not_ours_to_touch;
use crate::claim::uses_compromised;
use crate::decision::When;
use crate::facts::Facts;
use crate::proposal::Proposal;

pub(super) fn check(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> Vec<Diagnostic> {
    if !uses_compromised(facts) {
        return Vec::new();
    }
    let found = |proposal: &Proposal<'_>| {
        let lanes = proposal.lanes().iter();
        let mut taking =
            lanes.filter(|lane| lane.steps.iter().any(|s| s.action() == Action::SetInUse));
        let waits = taking.find_map(|lane| match lane.when {
            // It is on its way.
            When::Now
            | When::Waits {
                why: WaitFor::Deploying | WaitFor::Settling,
                ..
            } => None,
            When::Waits { why, until } => Some((why, until)),
        });
        let (why, until) = waits?;
        let until = until.map_or_else(String::new, |until| format!(", until {until}"));
        let message = format!(
            "Gateway uses a compromised certificate, and what is to take its place waits ({}{until})",
            why.as_str()
        );
        let hint = match why {
            WaitFor::AvailableCap => {
                "ten certificates are at the edge: deactivate one that nobody needs, in the dashboard \
                 or with `activate: false`"
            }
            WaitFor::CreationQuota => {
                "three certificates were created in 24 hours: declare another one that is available \
                 `in_use: true`"
            }
            _ => "`certctl plan` shows what it waits for",
        };
        let diagnostic = Diagnostic::error(Code::CompromisedInUse, message).hint(hint);
        Some(diagnostic.address(&proposal.place.address))
    };
    let waits: Vec<Diagnostic> = proposals.iter().filter_map(found).collect();
    match waits.is_empty() && !proposals.iter().any(|p| p.does(Action::SetInUse)) {
        true => proposals
            .iter()
            .filter_map(|p| left_alone(facts, p))
            .collect(),
        false => waits,
    }
}

/// That what is to take its place has a status or a type that certctl does not know.
fn left_alone(facts: &Facts<'_>, proposal: &Proposal<'_>) -> Option<Diagnostic> {
    let place = &proposal.place;
    let next = place.successor.or(place.current)?;
    let unknown = not_ours_to_touch(facts.remote(&next.id)?)?;
    let message = format!(
        "Gateway uses a compromised certificate, and nothing takes its place: {}",
        unknown.message
    );
    let hint = "look at it in the dashboard; declare another certificate `in_use: true`";
    let diagnostic = Diagnostic::error(Code::CompromisedInUse, message).hint(hint);
    let diagnostic = diagnostic.address(&place.address);
    Some(diagnostic.blocks_nothing())
}
