//! The two witnesses of what Gateway uses disagree: the list of certificates, and the configuration.
//!
//! Right after a switch of certctl one of them may lag; then that is only said. At any other time it is
//! an error before anything new is made, with both answers, and with the way out that a person has.

use std::collections::BTreeSet;

use certctl_model::{CertificateId, Code, Diagnostic, InUse, Mutation};

use crate::facts::Facts;
use crate::proposal::Proposal;

pub(super) fn check(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> Vec<Diagnostic> {
    let InUse::Disputed { listed, configured } = facts.in_use() else {
        return Vec::new();
    };
    let message = format!(
        "the list of certificates and the Gateway configuration disagree about what is in use: the \
         list marks {}, the configuration {}",
        marked(listed),
        match (configured, &facts.observed.configuration) {
            (Some(id), _) => format!("names {id}"),
            (None, Some(_)) => "names none".to_owned(),
            (None, None) => "was not read".to_owned(),
        }
    );
    let (code, name) = (Code::InUseDisputed, &facts.account.name);
    let mut addresses = proposals.iter().map(|proposal| &proposal.place);
    let allowed = addresses.any(|place| facts.dispute_is_allowed(&place.address));
    let diagnostic = if may_lag(facts) {
        Diagnostic::warning(code, message)
            .hint("wait: one of them lags behind; look at the dashboard when this does not end")
    } else if allowed {
        Diagnostic::warning(code, message)
            .hint("a switch was allowed all the same; nothing is removed until they agree")
    } else {
        Diagnostic::error(code, message).hint(way_out(facts))
    };
    vec![diagnostic.account(name)]
}

fn marked(listed: &BTreeSet<CertificateId>) -> String {
    let ids: Vec<&str> = listed.iter().map(CertificateId::as_str).collect();
    match ids.is_empty() {
        true => "none".to_owned(),
        false => ids.join(", "),
    }
}

/// Whether certctl has switched, or asked to, so short a time ago that one of them may not show it.
fn may_lag(facts: &Facts<'_>) -> bool {
    let asked = facts.state.intents.iter().any(|intent| {
        let switch = matches!(intent.mutation, Mutation::SetInUse { .. });
        switch && facts.may_show_until(&intent.sent()).is_some()
    });
    asked || facts.switch_shows_at().is_some()
}

fn way_out(facts: &Facts<'_>) -> String {
    let switch = facts.declared_in_use().map(|declared| {
        let address = facts.address(&declared.name);
        format!(
            "; to switch to what is declared all the same, pass `--allow in_use_disputed:{address}`"
        )
    });
    format!(
        "set what Gateway is to use in the dashboard, under Traffic policies, and run it again{}",
        switch.unwrap_or_default()
    )
}
