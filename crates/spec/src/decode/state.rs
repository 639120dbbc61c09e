//! `state`, read: a place alone, or with what the bucket there is told.

use certctl_model::{Code, Encryption, KmsKeyId};

use crate::complaint::Complaint;
use crate::fields::{Field, Fields};
use crate::format;
use crate::nested::Said;
use crate::reader::Reader;
use crate::spec::StateLocation;
use crate::value::words::Sse;

/// Reads it. Lost: something in it is unknown or wrong.
pub(super) fn read(said: Field<Said<'_, String>>, reader: &mut Reader<'_>) -> Field<StateLocation> {
    match said {
        Field::Absent => Field::Absent,
        Field::Null => Field::Null,
        Field::Lost => Field::Lost,
        Field::Is {
            value,
            mark,
            origin,
        } => {
            let read = match value {
                Said::Alone(url) => Some(StateLocation {
                    url,
                    encryption: None,
                }),
                Said::Keys(fields) => keys(&fields, reader),
            };
            read.map_or(Field::Lost, |value| Field::Is {
                value,
                mark,
                origin,
            })
        }
    }
}

fn keys(fields: &Fields<'_>, reader: &mut Reader<'_>) -> Option<StateLocation> {
    let url = fields.get(&format::STATE_URL, reader);
    let sse = fields.get(&format::SSE, reader);
    let key = fields.get(&format::KMS_KEY_ID, reader);
    let fits = is_for_s3(&url, &sse, reader) & key_fits(&sse, &key, reader);
    let (url, sse, key) = (url.known()??, sse.known()?, key.known()?);
    fits.then(|| StateLocation {
        url,
        encryption: sse.map(|sse| match sse {
            Sse::Aes256 => Encryption::Aes256,
            Sse::Kms => Encryption::Kms(key),
            Sse::KmsDsse => Encryption::KmsDsse(key),
        }),
    })
}

/// Whether what is asked of S3 is asked of S3: elsewhere it would be left out in silence.
fn is_for_s3(url: &Field<String>, sse: &Field<Sse>, reader: &mut Reader<'_>) -> bool {
    let (Some(url), Some(mark)) = (url.value(), sse.mark()) else {
        return true;
    };
    if url.starts_with("s3://") {
        return true;
    }
    let (what, hint) = if url.contains("://") {
        (
            "`url` is another kind of bucket",
            "remove `sse`, and set the encryption of the bucket itself",
        )
    } else {
        (
            "`url` is a directory",
            "remove `sse`; a directory is as safe as the disk that it is on",
        )
    };
    let message = format!("`sse` is for s3://, and {what}");
    let complaint = Complaint::new(Code::InvalidValue, message);
    reader.complain(complaint.hint(Some(hint.to_owned())), mark);
    false
}

/// Whether a key is named where one is used.
fn key_fits(sse: &Field<Sse>, key: &Field<KmsKeyId>, reader: &mut Reader<'_>) -> bool {
    let Some(mark) = key.mark() else { return true };
    let message = match sse {
        Field::Absent => "`kms_key_id` needs `sse`",
        Field::Is {
            value: Sse::Aes256, ..
        } => "`kms_key_id` names a key that `sse: AES256` does not use",
        _ => return true,
    };
    let complaint = Complaint::new(Code::InvalidValue, message);
    let hint = "write `sse: aws:kms`, or remove `kms_key_id`";
    reader.complain(complaint.hint(Some(hint.to_owned())), mark);
    false
}
