//! `windows`, read.

use certctl_model::Code;

use crate::complaint::Complaint;
use crate::fields::{Field, Fields};
use crate::format;
use crate::reader::Reader;
use crate::window::{Window, WindowError};

/// Reads `windows`. What is wrong with one is reported, and nothing is known of the list then.
pub(crate) fn read(list: Field<Vec<Fields<'_>>>, reader: &mut Reader<'_>) -> Field<Vec<Window>> {
    list.each(|fields, _| one(fields, reader))
}

fn one(fields: &Fields<'_>, reader: &mut Reader<'_>) -> Option<Window> {
    let cron = fields.get(&format::CRON, reader);
    let zone = fields.get(&format::TIMEZONE, reader);
    let duration = fields.get(&format::WINDOW_DURATION, reader);
    let name = zone.value().map_or("UTC", String::as_str);
    if matches!(zone, Field::Lost) {
        return None;
    }
    match Window::new(cron.value()?, name, *duration.value()?) {
        Ok(window) => Some(window),
        Err(error) => {
            let (key, mark, what) = match error {
                WindowError::Cron => (
                    "cron",
                    cron.mark(),
                    "it is not five fields that can be read",
                ),
                WindowError::Never => ("cron", cron.mark(), "it never comes"),
                WindowError::Zone => ("timezone", zone.mark(), "no such time zone is known"),
                WindowError::Duration => {
                    ("window_duration", duration.mark(), "a window has to last")
                }
            };
            let hint = match error {
                WindowError::Cron | WindowError::Never => {
                    "five fields: minute, hour, day of month, month, day of week; `0 2 * * 6` is Saturdays at 02:00"
                }
                WindowError::Zone => "an IANA name, such as `Europe/Berlin` or `UTC`",
                WindowError::Duration => "such as `4h`",
            };
            let message = format!("`{key}` cannot be used: {what}");
            let complaint = Complaint::new(Code::InvalidValue, message);
            let complaint = complaint.hint(Some(hint.to_owned()));
            reader.complain(complaint, mark.unwrap_or(fields.mark));
            None
        }
    }
}
