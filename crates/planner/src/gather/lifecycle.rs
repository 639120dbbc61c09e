//! What the spec says of removal, remembered for the day on which it says nothing any more.

use certctl_spec::Certificate;

use crate::facts::Facts;
use crate::lifecycle::lifecycle_of;
use crate::noted::Noted;

/// Notes it where it changed.
pub(super) fn note(facts: &mut Facts<'_>, noted: &mut Noted, declared: &Certificate) {
    let kept = facts
        .state
        .certificates
        .get(&noted.name)
        .is_some_and(|entry| {
            entry.lifecycle == declared.lifecycle
                && entry.retire_after == Some(declared.rotation.retire_after)
        });
    if !kept {
        let note = lifecycle_of(&noted.name, declared);
        facts.note(noted, note);
    }
}
