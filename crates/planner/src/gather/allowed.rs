//! What a person allowed with `--allow` and what may have to wait: it is remembered until the next
//! switch, with the facts that it was said of. Other facts are another question.

use std::collections::BTreeMap;

use certctl_model::{AllowedSwitch, CertificateId, Dispute, Guard, InUse, Name, Note};

use crate::claim::claims_in_use;
use crate::facts::Facts;
use crate::noted::Noted;

/// Notes the addresses that may be switched to although the witnesses disagree.
pub(super) fn note_disputes(facts: &mut Facts<'_>, addresses: &mut BTreeMap<Name, Noted>) {
    let InUse::Disputed { listed, configured } = facts.in_use() else {
        return;
    };
    let (listed, configured) = (listed.clone(), configured.clone());
    let mut passed = false;
    for noted in addresses.values_mut() {
        let declared = facts.account.certificate(&noted.name).is_some();
        let allowed = facts.options.allows(Guard::InUseDisputed, &noted.address);
        let dispute = Dispute {
            certificate: noted.name.clone(),
            listed: listed.clone(),
            configured: configured.clone(),
        };
        if declared && allowed && !facts.state.allowed_disputes.contains(&dispute) {
            passed |= facts.note(noted, Note::AllowDispute(dispute));
        }
    }
    if passed {
        note_users(facts, addresses, listed.iter().chain(&configured));
    }
}

/// Whatever one of the witnesses names was in use, for all that anybody knows: its retire period begins with
/// the switch that was allowed.
fn note_users<'i>(
    facts: &mut Facts<'_>,
    addresses: &mut BTreeMap<Name, Noted>,
    named: impl Iterator<Item = &'i CertificateId>,
) {
    for id in named {
        let bound = facts.state.binding(id);
        let unknown = bound.filter(|(_, binding)| !binding.in_use);
        let Some(noted) = unknown.and_then(|(name, _)| addresses.get_mut(name)) else {
            continue;
        };
        facts.note(noted, Note::Used { id: id.clone() });
    }
}

/// Notes the addresses that may take over from what somebody else chose: perhaps only after a trust
/// period, in a run that nobody gives the guard again.
pub(super) fn note_switches(facts: &mut Facts<'_>, addresses: &mut BTreeMap<Name, Noted>) {
    let Some(guard) = facts.somebody_elses_choice() else {
        return;
    };
    let InUse::Certificate(from) = facts.in_use().clone() else {
        return;
    };
    for noted in addresses.values_mut() {
        let declared = facts.account.certificate(&noted.name);
        let claims = declared.is_some_and(|declared| claims_in_use(facts, &noted.name, declared));
        let allowed = AllowedSwitch {
            certificate: noted.name.clone(),
            guard,
            from: from.clone(),
        };
        let said = facts.options.allows(guard, &noted.address);
        if claims && said && !facts.state.allowed_switches.contains(&allowed) {
            facts.note(noted, Note::AllowSwitch(allowed));
        }
    }
}
