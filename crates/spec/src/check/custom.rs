//! What a custom certificate cannot say: Cloudflare does not issue it, and not each was uploaded by certctl.

use certctl_model::Code;

use crate::contradiction::{Contradiction, Side, origin};
use crate::draft::{CertificateDraft, CustomDraft};
use crate::reader::Reader;

pub(super) fn check(draft: &CertificateDraft, reader: &mut Reader<'_>) {
    let custom = Side::of(&draft.custom, "the uploaded certificate");
    let settings = &draft.settings;
    if settings.validity.own_mark().is_some() {
        let message = "`custom` contradicts `validity_period_days`".to_owned();
        let hint = "an uploaded certificate is valid for as long as its owner made it: remove \
                    `validity_period_days`";
        let code = Code::CustomContradicted;
        let sides = [Side::of(&settings.validity, "its validity"), custom];
        Contradiction { code, message }.report(hint, sides, draft, reader);
    }
    if draft.import.value().is_some() {
        let message = "`custom` contradicts `import`".to_owned();
        let hint = "`custom` says which certificate it is: remove `import`";
        let code = Code::CustomContradicted;
        let sides = [Side::of(&draft.import, "imported"), custom];
        Contradiction { code, message }.report(hint, sides, draft, reader);
    }
    let uploaded = matches!(draft.custom.value(), Some(CustomDraft::Id(_)));
    if uploaded && settings.activate.value() == Some(&false) {
        let from = origin(&settings.activate);
        let message = format!("`custom` contradicts `activate: false`{from}");
        let hint = "certctl never deactivates what it did not upload: deactivate it in the dashboard, \
                    and say `activate: null` here";
        let code = Code::CustomContradicted;
        let sides = [Side::of(&settings.activate, "not active"), custom];
        Contradiction { code, message }.report(hint, sides, draft, reader);
    }
}
