//! A compromised certificate stays in use, because what is to take its place has to wait (law 12).

use certctl_model::{Code, Diagnostic};
use certctl_plan::{Action, WaitFor};

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
    proposals.iter().filter_map(found).collect()
}
