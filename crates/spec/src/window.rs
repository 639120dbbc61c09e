//! Maintenance windows: when a switch is possible.
//!
//! The words (`cron`, `timezone`, `window_duration`) are cert-manager's. Time zones come from the
//! database that is compiled in, so that every machine plans the same.

use certctl_model::{Code, Period, Timestamp};
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::TimeZone;

use crate::fields::{Field, Fields};
use crate::format;
use crate::reader::Reader;
use crate::value::Complaint;
use crate::yaml::Mark;

/// A window that opens again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    cron: Cron,
    zone: TimeZone,
    duration: Period,
}

impl Window {
    /// A window that opens when `cron` (five fields) says, in this time zone (an IANA name), and
    /// stays open for `duration`.
    ///
    /// # Errors
    /// When one of them cannot be read, or the window never opens; with the key that is wrong.
    pub fn new(cron: &str, zone: &str, duration: Period) -> Result<Self, (&'static str, String)> {
        let parser = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build();
        let schedule = parser.parse(cron);
        let schedule = schedule.map_err(|error| ("cron", format!("`{cron}`: {error}")))?;
        let zone = TimeZone::get(zone).map_err(|_| {
            (
                "timezone",
                format!("`{zone}` is no time zone that is known"),
            )
        })?;
        if duration <= Period::ZERO {
            return Err(("window_duration", "a window has to last".to_owned()));
        }
        let window = Self {
            cron: schedule,
            zone,
            duration,
        };
        match window.opening(Timestamp::UNIX_EPOCH) {
            Some(_) => Ok(window),
            None => Err(("cron", format!("`{cron}` never comes"))),
        }
    }

    /// The first instant, from `at` on, at which it is open.
    fn opening(&self, at: Timestamp) -> Option<Timestamp> {
        // One that is open at `at` began less than its duration before.
        let from = self.duration.before(at).to_zoned(self.zone.clone());
        let begins = self.cron.find_next_occurrence(&from, false).ok()?;
        Some(begins.timestamp().max(at))
    }
}

/// The first instant, from `at` on, at which one of the windows is open: `at` itself where there are
/// none. `None`: never.
pub(crate) fn opening(windows: &[Window], at: Timestamp) -> Option<Timestamp> {
    if windows.is_empty() {
        return Some(at);
    }
    windows.iter().filter_map(|window| window.opening(at)).min()
}

impl std::fmt::Display for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let zone = self.zone.iana_name().unwrap_or("UTC");
        write!(f, "{} {zone} for {}", self.cron, self.duration)
    }
}

/// Reads `windows`. What is wrong with one is reported, and nothing is known of the list then.
pub(crate) fn read(list: Field<Vec<Fields<'_>>>, reader: &mut Reader<'_>) -> Field<Vec<Window>> {
    let (items, mark, inherited) = match list {
        Field::Is {
            value,
            mark,
            inherited,
        } => (value, mark, inherited),
        Field::Absent => return Field::Absent,
        Field::Null => return Field::Null,
        Field::Lost => return Field::Lost,
    };
    let read: Vec<Option<Window>> = items.iter().map(|fields| one(fields, reader)).collect();
    match read.into_iter().collect() {
        Some(value) => Field::Is {
            value,
            mark,
            inherited,
        },
        None => Field::Lost,
    }
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
        Err((key, what)) => {
            let mark: Option<Mark> = match key {
                "cron" => cron.mark(),
                "timezone" => zone.mark(),
                _ => duration.mark(),
            };
            let hint = match key {
                "cron" => {
                    "five fields: minute, hour, day of month, month, day of week; `0 2 * * 6` is Saturdays at 02:00"
                }
                "timezone" => "an IANA name, such as `Europe/Berlin` or `UTC`",
                _ => "such as `4h`",
            };
            let complaint = Complaint::new(
                Code::InvalidValue,
                format!("`{key}` cannot be used: {what}"),
            );
            let complaint = complaint.hint(Some(hint.to_owned()));
            reader.complain(complaint, mark.unwrap_or(fields.mark));
            None
        }
    }
}
