//! `trust_evidence`, read.

use certctl_model::{Code, Period, TrustEvidence};

use crate::complaint::Complaint;
use crate::fields::{Field, Fields};
use crate::format;
use crate::reader::Reader;

/// Reads `trust_evidence`. It is inherited as a whole, for its parts only mean something together.
pub(crate) fn read(block: Field<Fields<'_>>, reader: &mut Reader<'_>) -> Field<TrustEvidence> {
    let (fields, mark, origin) = match block.given() {
        Ok(given) => given,
        Err(none) => return none,
    };
    let seen = fields.get(&format::SEEN, reader);
    let active = fields.get(&format::ACTIVE_WITHIN, reader);
    let margin = fields.get(&format::SYNC_MARGIN, reader);
    let lasts = lasts(&active, reader);
    let known = || {
        Some(TrustEvidence {
            seen: seen.known()??,
            active_within: active
                .known()?
                .unwrap_or_else(TrustEvidence::usual_active_within),
            sync_margin: margin
                .known()?
                .unwrap_or_else(TrustEvidence::usual_sync_margin),
        })
    };
    match known().filter(|_| lasts) {
        Some(value) => Field::Is {
            value,
            mark,
            origin,
        },
        None => Field::Lost,
    }
}

/// Within no time at all no device is active, and of none the share would always be met.
fn lasts(active: &Field<Period>, reader: &mut Reader<'_>) -> bool {
    let Some(mark) = active
        .mark()
        .filter(|_| active.value() == Some(&Period::ZERO))
    else {
        return true;
    };
    let message = "`active_within` cannot be used: within 0s no device is active";
    let complaint = Complaint::new(Code::InvalidValue, message.to_owned());
    reader.complain(complaint.hint(Some("such as `30d`".to_owned())), mark);
    false
}
