//! `custom`, read: the id of one that is there, or a CA to upload.

use std::sync::Arc;

use certctl_model::Code;
use certctl_x509::OwnCa;

use super::token;
use crate::complaint::Complaint;
use crate::draft::CustomDraft;
use crate::fields::{Field, Fields};
use crate::format;
use crate::own::Own;
use crate::reader::Reader;
use crate::yaml::Mark;

/// Reads it. Lost: something in it is unknown or wrong.
pub(super) fn read(fields: &Fields<'_>, reader: &mut Reader<'_>) -> Field<CustomDraft> {
    let (said, mark, origin) = match fields.get(&format::CUSTOM, reader).given() {
        Ok(given) => given,
        Err(none) => return none,
    };
    let id = said.get(&format::CUSTOM_ID, reader);
    let file = said.get(&format::CUSTOM_CERTIFICATE, reader);
    let key = said.get(&format::PRIVATE_KEY, reader);
    let at = id.mark().or(file.mark()).unwrap_or(mark);
    // None of them, or both: that was reported when the keys were read.
    let value = match (id.known(), file.known()) {
        (Some(Some(id)), Some(None)) => match key {
            Field::Absent => Some(CustomDraft::Id(id)),
            _ => {
                let message = "`custom` has both `id` and `private_key`";
                let complaint = Complaint::new(Code::CustomContradicted, message.to_owned());
                let hint = "the certificate of this id has its key already: remove `private_key`";
                reader.complain(complaint.hint(Some(hint.to_owned())), mark);
                None
            }
        },
        (Some(None), Some(Some(file))) => own(file, at, key, mark, reader).map(CustomDraft::Own),
        _ => None,
    };
    value.map_or(Field::Lost, |value| Field::Is {
        value,
        mark: at,
        origin,
    })
}

fn own(
    file: String,
    at: Mark,
    key: Field<Fields<'_>>,
    mark: Mark,
    reader: &mut Reader<'_>,
) -> Option<Arc<Own>> {
    let ca = ca(&file, at, reader);
    let (fields, key_mark) = match key {
        Field::Is { value, mark, .. } => (value, mark),
        Field::Absent | Field::Null => {
            let message = "the custom needs the key `private_key` beside `certificate`";
            let complaint = Complaint::new(Code::MissingKey, message.to_owned());
            let hint = "Gateway signs with it: `private_key: { env: ACME_CA_KEY }`, or `file`, or \
                        `command`";
            reader.complain(complaint.hint(Some(hint.to_owned())), mark);
            return None;
        }
        Field::Lost => return None,
    };
    let keys = (&format::KEY_ENV, &format::KEY_FILE, &format::KEY_COMMAND);
    let private_key = token::source(&fields, keys, reader)?;
    Some(Arc::new(Own {
        ca: ca?,
        file,
        private_key,
        private_key_place: reader.place(key_mark),
    }))
}

/// The CA in the file that is named. What is wrong with it is reported.
fn ca(file: &str, at: Mark, reader: &mut Reader<'_>) -> Option<OwnCa> {
    let complain = |reader: &mut Reader<'_>, code, message: String, hint: &str| {
        let complaint = Complaint::new(code, message);
        reader.complain(complaint.hint(Some(hint.to_owned())), at);
        None
    };
    let beside = reader.beside(file).filter(|_| !at.variable);
    let Some(named) = beside else {
        let message = "`certificate` must be a file beside this one, or below, written out";
        let hint = "such as `certificate: ca.pem`, without `..` and without variables";
        return complain(reader, Code::InvalidValue, message.to_owned(), hint);
    };
    let Some(text) = named else {
        // Where it could not be read, that was said.
        if reader.has_all() {
            let message = "the certificate was not read".to_owned();
            let hint = "a spec from standard input names no files";
            return complain(reader, Code::FileUnreadable, message, hint);
        }
        return None;
    };
    match OwnCa::read(text) {
        Ok(ca) => Some(ca),
        Err(why) => {
            let message = format!("{file} cannot be uploaded: {why}");
            let hint = "docs/custom.md shows how to make a CA that everybody accepts";
            complain(reader, Code::CustomUnfit, message, hint)
        }
    }
}
