//! What is declared not in use, or not active, while Gateway uses it and nothing else is declared in
//! use: nobody says what to use instead.

use certctl_model::{Binding, Code, Diagnostic};

use crate::facts::Facts;
use crate::place::Place;
use crate::proposal::Proposal;

pub(super) fn check(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> Vec<Diagnostic> {
    if facts.declared_in_use().is_some() {
        return Vec::new();
    }
    let open = facts.open.as_ref().map(|open| &open.certificate);
    proposals
        .iter()
        .filter(|proposal| open != Some(&proposal.place.name))
        .filter_map(|proposal| contradiction(facts, &proposal.place))
        .collect()
}

fn contradiction(facts: &Facts<'_>, place: &Place<'_>) -> Option<Diagnostic> {
    let declared = place.declared?;
    let used = |binding: &&Binding| facts.may_be_in_use(&binding.id);
    let used = place.entry?.bindings.iter().find(used)?;
    let (code, message) = match (declared.in_use, declared.activate) {
        (Some(false), _) => {
            let message = format!(
                "Gateway uses {}, which is declared not in use, and no other is",
                used.id
            );
            (Code::InUseFalse, message)
        }
        (_, Some(false)) => {
            let message = format!("{} is declared not active, but Gateway uses it", used.id);
            (Code::InUseDeactivate, message)
        }
        _ => return None,
    };
    let diagnostic = Diagnostic::error(code, message)
        .hint("declare another certificate of the account `in_use: true` first")
        .at(Some(declared.place.clone()));
    Some(diagnostic.address(&place.address))
}
