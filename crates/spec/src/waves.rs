//! `policy.waves`, read.

use certctl_model::{Code, Wave};

use crate::complaint::Complaint;
use crate::fields::{Field, Fields};
use crate::format;
use crate::reader::Reader;

/// Reads `waves`. What is wrong with one is reported, and nothing is known of the list then.
pub(crate) fn read(list: Field<Vec<Fields<'_>>>, reader: &mut Reader<'_>) -> Field<Vec<Wave>> {
    list.each(|fields, is_last| one(fields, is_last, reader))
}

/// Reads one wave. Only the last one is `rest: true`, and only that has no `bake`.
fn one(fields: &Fields<'_>, is_last: bool, reader: &mut Reader<'_>) -> Option<Wave> {
    let labels = fields.get(&format::WAVE_LABELS, reader);
    let bake = fields.get(&format::BAKE, reader);
    let rest = fields.get(&format::REST, reader);
    if matches!(labels, Field::Lost) || matches!(bake, Field::Lost) || matches!(rest, Field::Lost) {
        return None;
    }
    let is_rest = rest.value() == Some(&true);
    let names_none = labels
        .value()
        .is_none_or(std::collections::BTreeMap::is_empty);
    let wrong = match (is_last, is_rest) {
        (true, false) => Some("the last wave is not `rest: true`: some accounts could be in none"),
        (false, true) => Some("a wave follows the one that has the rest of the accounts"),
        (true, true) if bake.value().is_some() => Some("nothing waits for the last wave to bake"),
        (false, false) if names_none => Some("the wave has no labels"),
        (false, false) if bake.value().is_none() => Some("the wave has no `bake`"),
        _ => None,
    };
    if let Some(message) = wrong {
        let hint = "such as `waves: [{ labels: { tier: canary }, bake: 3d }, { rest: true }]`";
        let complaint = Complaint::new(Code::InvalidValue, message);
        reader.complain(complaint.hint(Some(hint.to_owned())), fields.mark);
        return None;
    }
    Some(Wave {
        labels: labels.value().cloned().unwrap_or_default(),
        bake: bake.value().copied(),
    })
}
