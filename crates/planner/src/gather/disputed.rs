//! What a person said of witnesses that disagree: `--allow in_use_disputed:ADDRESS`. It holds for this
//! pair of answers, and is remembered with it: another dispute is another question.

use std::collections::BTreeMap;

use certctl_model::{Dispute, Guard, InUse, Name, Note};

use crate::facts::Facts;
use crate::noted::Noted;

/// Notes the addresses that may be switched to all the same.
pub(super) fn note_allowed(facts: &mut Facts<'_>, addresses: &mut BTreeMap<Name, Noted>) {
    let InUse::Disputed { listed, configured } = facts.in_use().clone() else {
        return;
    };
    for noted in addresses.values_mut() {
        let declared = facts.account.certificate(&noted.name).is_some();
        let allowed = facts.options.allows(Guard::InUseDisputed, &noted.address);
        let dispute = Dispute {
            certificate: noted.name.clone(),
            listed: listed.clone(),
            configured: configured.clone(),
        };
        if declared && allowed && !facts.state.allowed_disputes.contains(&dispute) {
            facts.note(noted, Note::AllowDispute(dispute));
        }
    }
}
