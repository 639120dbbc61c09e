//! Nothing is done by clocks that contradict each other: what would be noted of it would be wrong.

use certctl_model::{Code, Diagnostic};

use crate::decision::Lane;
use crate::facts::Facts;
use crate::proposal::Proposal;

pub(super) fn check(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> Vec<Diagnostic> {
    let is_due = |proposal: &Proposal<'_>| {
        !proposal.noted.notes.is_empty() || proposal.lanes().iter().any(Lane::is_due)
    };
    let (true, Some(date)) = (facts.is_skewed(), facts.observed.date) else {
        return Vec::new();
    };
    if !proposals.iter().any(is_due) {
        return Vec::new();
    }
    let message = format!(
        "this machine says {}, the API says {date}: nothing is done, for what would be noted of it by \
         such clocks would be wrong",
        facts.now
    );
    let diagnostic = Diagnostic::error(Code::ClockSkew, message).hint("set this machine's clock");
    vec![diagnostic.account(&facts.account.name)]
}
