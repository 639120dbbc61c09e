//! A state that belongs to another spec is not to be acted upon.

use certctl_model::{Code, Diagnostic};

use crate::facts::Facts;
use crate::proposal::Proposal;

pub(super) fn check(facts: &Facts<'_>, _: &[Proposal<'_>]) -> Vec<Diagnostic> {
    let (Some(recorded), Some(given)) = (&facts.state.spec_name, facts.spec_name) else {
        return Vec::new();
    };
    if recorded == given {
        return Vec::new();
    }
    let message =
        format!("the state of this account was written for spec `{recorded}`, not `{given}`");
    let diagnostic = Diagnostic::error(Code::SpecName, message)
        .hint("use the spec that it belongs to, or give this spec its own `state`")
        .at(Some(facts.account.place.clone()))
        .account(&facts.account.name);
    vec![diagnostic]
}
