//! What evidence can never be had in time.

use certctl_model::Code;

use crate::contradiction::{Contradiction, Side, origin};
use crate::draft::CertificateDraft;
use crate::reader::Reader;

/// No device is ever seen in time where the margin alone takes as long as there is from the renewal to the
/// expiry.
pub(super) fn check(draft: &CertificateDraft, reader: &mut Reader<'_>) {
    let (renewal, evidence) = (&draft.settings.renew_before, &draft.settings.trust_evidence);
    let (Some(before), Some(declared)) = (renewal.value(), evidence.value()) else {
        return;
    };
    let margin = declared.sync_margin;
    if margin < *before {
        return;
    }
    let (a, b) = (origin(evidence), origin(renewal));
    let message = format!(
        "`trust_evidence.sync_margin` of {margin}{a} is not shorter than `renew_before` of {before}{b}"
    );
    let hint = format!("raise `renew_before` above {margin}, or lower `sync_margin`");
    let code = Code::RotationPeriods;
    let sides = [
        Side::of(evidence, "seen this long after it became available"),
        Side::of(renewal, "renewed this long before expiry"),
    ];
    Contradiction { code, message }.report(&hint, sides, draft, reader);
}
