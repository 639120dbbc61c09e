//! What is wrong with what is proposed. A check changes nothing; it says, and its row says what its
//! errors block (law 11): a mistake stays where it is.

mod available_cap;
mod certificates_not_installed;
mod clock_skew;
mod compromised_in_use;
mod custom_successor;
mod expires_first;
mod expires_soon;
mod expires_unrenewed;
mod from_unmanaged;
mod guarded;
mod in_use_contradicted;
mod in_use_disputed;
mod in_use_moved;
mod last_available;
mod mass_destroy;
mod move_suggested;
mod nothing_to_resume;
mod prevent_destroy;
mod protected;
mod require_renewal;
mod spec_name;
mod strict_verifiers;
mod trust_evidence;
mod validity_limits;
mod window_too_late;

use certctl_model::{Blocks, Diagnostic};

use crate::facts::Facts;
use crate::proposal::Proposal;
use crate::tables::{Check, Spoken};

pub(crate) use mass_destroy::{check_fleet, count as count_removals, of_fleet as mass_destroy};

/// Every check. They do not depend on each other; the order is that of `docs/decisions.md`.
pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "spec_name",
        finds: "the state was written for a spec of another name",
        blocks: Blocks::Account,
        check: spec_name::check,
    },
    Check {
        name: "clock_skew",
        finds: "something is due, and this machine's clock and the API's differ by more than five minutes",
        blocks: Blocks::Account,
        check: clock_skew::check,
    },
    Check {
        name: "in_use_disputed",
        finds: "the list and the configuration disagree about what Gateway uses",
        blocks: Blocks::NewChanges,
        check: in_use_disputed::check,
    },
    Check {
        name: "in_use_contradicted",
        finds: "what Gateway uses is declared not in use or not active, and no other is declared in use",
        blocks: Blocks::Address,
        check: in_use_contradicted::check,
    },
    Check {
        name: "in_use_moved",
        finds: "somebody moved in-use, and a later step of this plan would move it back",
        blocks: Blocks::Address,
        check: in_use_moved::check,
    },
    Check {
        name: "from_unmanaged",
        finds: "Gateway would switch away from a certificate that this spec does not manage",
        blocks: Blocks::Address,
        check: from_unmanaged::check,
    },
    Check {
        name: "last_available",
        finds: "no sound certificate of the account would be available any more",
        blocks: Blocks::Address,
        check: last_available::check,
    },
    Check {
        name: "mass_destroy",
        finds: "more than 30 percent of ten or more certificates would be removed",
        blocks: Blocks::NewChanges,
        check: mass_destroy::check,
    },
    Check {
        name: "prevent_destroy",
        finds: "a replacement is wanted of what `lifecycle.prevent_destroy` protects",
        blocks: Blocks::Address,
        check: prevent_destroy::check,
    },
    Check {
        name: "protected",
        finds: "an address of `policy.protected` would be removed, replaced, deactivated or left",
        blocks: Blocks::Address,
        check: protected::check,
    },
    Check {
        name: "validity_limits",
        finds: "a validity is outside of what the policy allows",
        blocks: Blocks::Address,
        check: validity_limits::check,
    },
    Check {
        name: "require_renewal",
        finds: "`rotation.renew_before` is missing, and the policy asks for one",
        blocks: Blocks::Address,
        check: require_renewal::check,
    },
    Check {
        name: "available_cap",
        finds: "more certificates are declared than can be available at once",
        blocks: Blocks::NewChanges,
        check: available_cap::check,
    },
    Check {
        name: "trust_evidence",
        finds: "a switch waits for devices of `rotation.trust_evidence`, or they cannot be counted",
        blocks: Blocks::Nothing,
        check: trust_evidence::check,
    },
    Check {
        name: "window_too_late",
        finds: "no maintenance window opens between the end of the trust period and the expiry",
        blocks: Blocks::Nothing,
        check: window_too_late::check,
    },
    Check {
        name: "compromised_in_use",
        finds: "Gateway uses a compromised certificate, and what is to take its place has to wait",
        blocks: Blocks::Nothing,
        check: compromised_in_use::check,
    },
    Check {
        name: "expires_first",
        finds: "what Gateway uses expires before its successor can be used, or may do so",
        blocks: Blocks::Nothing,
        check: expires_first::check,
    },
    Check {
        name: "custom_successor",
        finds: "a custom certificate expires, is compromised or is to be replaced, and only its owner can make its successor",
        blocks: Blocks::Nothing,
        check: custom_successor::check,
    },
    Check {
        name: "strict_verifiers",
        finds: "a custom certificate lacks what strict verifiers demand of a CA",
        blocks: Blocks::Nothing,
        check: strict_verifiers::check,
    },
    Check {
        name: "expires_soon",
        finds: "what is declared expires soon and is not renewed",
        blocks: Blocks::Nothing,
        check: expires_soon::check,
    },
    Check {
        name: "certificates_not_installed",
        finds: "a switch is to come, and the Cloudflare One Client installs certificates on no device",
        blocks: Blocks::Nothing,
        check: certificates_not_installed::check,
    },
    Check {
        name: "expires_unrenewed",
        finds: "nothing renews what Gateway uses: a warning, and an error from 90 days before the expiry on, at most a quarter of the validity",
        blocks: Blocks::Nothing,
        check: expires_unrenewed::check,
    },
    Check {
        name: "nothing_to_resume",
        finds: "`--resume` names an address where no rotation is open and none begins",
        blocks: Blocks::Nothing,
        check: nothing_to_resume::check,
    },
    Check {
        name: "move_suggested",
        finds: "an address is removed while a similar one is created",
        blocks: Blocks::Nothing,
        check: move_suggested::check,
    },
];

/// Makes every check.
pub(crate) fn check(
    facts: &Facts<'_>,
    proposals: &[Proposal<'_>],
    spoken: &mut Spoken,
) -> Vec<Diagnostic> {
    let mut says = Vec::new();
    for row in CHECKS {
        let found = (row.check)(facts, proposals);
        spoken.checks.extend(found.first().map(|_| row.name));
        says.extend(found.into_iter().map(|found| match found.blocks {
            Some(_) => found,
            None => found.blocks(row.blocks),
        }));
    }
    says
}
