//! What happens to each address: one decision, by the first rule that speaks.

mod as_declared;
mod compromised;
mod custom_changed;
mod custom_dropped;
mod held;
mod missing;
mod open_create;
mod removed;
mod renewal_due;
mod replace_requested;
mod retiring;
mod rotation_open;
mod undecided;
mod validity_changed;

use std::collections::BTreeMap;

use certctl_model::Name;
use certctl_plan::Mandate;

use crate::aim::aim_of;
use crate::decision::Decision;
use crate::facts::Facts;
use crate::noted::Noted;
use crate::place::Place;
use crate::proposal::Proposal;
use crate::tables::Rule;

/// The order of decisions: the first rule that speaks decides. `docs/decisions.md` is written from
/// this table.
pub(crate) const RULES: &[Rule] = &[
    Rule {
        name: "open_create",
        when: "a create for this address had an unknown outcome that is not settled",
        does: "waits, and looks for the certificate that it made",
        decide: open_create::decide,
    },
    Rule {
        name: "removed",
        when: "the state knows the address, and the spec no longer declares it",
        does: "removes its certificates, by `lifecycle.deletion_policy`",
        decide: removed::decide,
    },
    Rule {
        name: "undecided",
        when: "it is bound to nothing, and a certificate exists that it may mean, or its `custom` one cannot be taken over",
        does: "asks which one it is; creates nothing",
        decide: undecided::decide,
    },
    Rule {
        name: "missing",
        when: "it is declared and bound to nothing",
        does: "creates or uploads a certificate, activates it, sets it in use, as declared",
        decide: missing::decide,
    },
    Rule {
        name: "held",
        when: "it has a successor, and a person holds the switch to it",
        does: "keeps the predecessor as its certificate, and the successor at the edge",
        decide: held::decide,
    },
    Rule {
        name: "rotation_open",
        when: "it has a successor",
        does: "brings the successor up, switches to it, then retires the predecessor",
        decide: rotation_open::decide,
    },
    Rule {
        name: "compromised",
        when: "a person said that its certificate is compromised",
        does: "starts a rotation away from it, at once",
        decide: compromised::decide,
    },
    Rule {
        name: "replace_requested",
        when: "a person asked for a replacement, with `--replace`",
        does: "starts a rotation",
        decide: replace_requested::decide,
    },
    Rule {
        name: "custom_changed",
        when: "the CA of its `custom.certificate` is not in the account, and it has another certificate",
        does: "uploads it as the successor, and starts a rotation to it",
        decide: custom_changed::decide,
    },
    Rule {
        name: "custom_dropped",
        when: "its certificate is custom, and `custom` is no longer declared",
        does: "starts a rotation to one that Cloudflare issues",
        decide: custom_dropped::decide,
    },
    Rule {
        name: "validity_changed",
        when: "`validity_period_days` differs from what its certificate was asked for",
        does: "starts a rotation, for a certificate cannot be changed",
        decide: validity_changed::decide,
    },
    Rule {
        name: "renewal_due",
        when: "its certificate expires within `rotation.renew_before`",
        does: "starts a rotation",
        decide: renewal_due::decide,
    },
    Rule {
        name: "as_declared",
        when: "none of the above",
        does: "activates, deactivates or sets in use its certificate, where that differs",
        decide: as_declared::decide,
    },
];

/// Decides every address, in the order of their names.
pub(crate) fn decide<'f>(
    facts: &'f Facts<'_>,
    addresses: BTreeMap<Name, Noted>,
) -> Vec<Proposal<'f>> {
    addresses
        .into_values()
        .map(|noted| {
            let place = Place::of(facts, &noted);
            let (rule, mut decision) = first(facts, &place);
            retiring::add(facts, &place, &mut decision);
            mark_as_accepted(&place, &mut decision);
            Proposal {
                place,
                noted,
                rule,
                decision,
                settings: None,
            }
        })
        .collect()
}

fn first(facts: &Facts<'_>, place: &Place<'_>) -> (&'static str, Decision) {
    let mut spoken = RULES
        .iter()
        .filter_map(|rule| Some((rule.name, (rule.decide)(facts, place)?)));
    spoken.next().unwrap_or_default()
}

/// What an approved run set out to do, and has not reached yet, was accepted then.
fn mark_as_accepted(place: &Place<'_>, decision: &mut Decision) {
    let begun = place.entry.and_then(|entry| entry.aim);
    let goes_on = |aim| aim == begun && begun.is_some();
    for lane in &mut decision.lanes {
        if lane.mandate == Mandate::New && goes_on(aim_of(lane)) {
            lane.mandate = Mandate::Accepted;
        }
    }
}
