//! An address vanishes while a similar one appears: perhaps it was only renamed.

use certctl_model::{Code, Diagnostic};
use certctl_plan::ChangeKind;
use certctl_spec::Certificate;

use crate::facts::Facts;
use crate::proposal::Proposal;

pub(super) fn check(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> Vec<Diagnostic> {
    let removed = proposals.iter().filter(|p| p.kind() == ChangeKind::Delete);
    removed
        .filter_map(|gone| {
            let similar = |declared: &&Certificate| is_similar(proposals, gone, declared);
            let declared = facts.account.certificates.iter().find(similar)?;
            Some(suggest(facts, gone, declared))
        })
        .collect()
}

fn is_similar(proposals: &[Proposal<'_>], gone: &Proposal<'_>, declared: &Certificate) -> bool {
    let before = gone.noted.before.as_ref();
    let had = before.and_then(|before| before.validity_period_days);
    let created = proposals.iter().any(|proposal| {
        proposal.place.name == declared.name && proposal.kind() == ChangeKind::Create
    });
    created && (declared.validity_period_days.is_none() || declared.validity_period_days == had)
}

fn suggest(facts: &Facts<'_>, gone: &Proposal<'_>, declared: &Certificate) -> Diagnostic {
    let message = format!(
        "{} is removed while {} is created",
        gone.place.address, declared.name
    );
    Diagnostic::warning(Code::MoveSuggested, message)
        .hint(format!(
            "if it was only renamed, say `moved_from: {}`",
            gone.place.name
        ))
        .at(Some(declared.place.clone()))
        .address(&facts.address(&declared.name))
}
