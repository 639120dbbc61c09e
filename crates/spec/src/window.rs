//! Maintenance windows: when a switch is possible.
//!
//! The words (`cron`, `timezone`, `window_duration`) are cert-manager's. Time zones come from the
//! database that is compiled in, so that every machine plans the same.

use certctl_model::{Period, Timestamp, WindowSettings};
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::TimeZone;

/// A window that opens again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    cron: Cron,
    zone: TimeZone,
    duration: Period,
}

/// Why there is no such window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowError {
    /// `cron` does not have five fields, or one of them says nothing.
    Cron,
    /// `cron` is well-formed, and no day is as it says.
    Never,
    /// The time zone is in no database.
    Zone,
    /// The duration is zero.
    Duration,
}

impl Window {
    /// A window that opens when `cron` (five fields) says, in this time zone (an IANA name), and
    /// stays open for `duration`.
    ///
    /// # Errors
    /// When one of them cannot be read, or the window never opens. No error repeats what was given.
    pub fn new(cron: &str, zone: &str, duration: Period) -> Result<Self, WindowError> {
        let parser = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build();
        let window = Self {
            cron: parser.parse(cron).map_err(|_| WindowError::Cron)?,
            zone: TimeZone::get(zone).map_err(|_| WindowError::Zone)?,
            duration,
        };
        if duration <= Period::ZERO {
            return Err(WindowError::Duration);
        }
        match window.opening(Timestamp::UNIX_EPOCH) {
            Some(_) => Ok(window),
            None => Err(WindowError::Never),
        }
    }

    /// When it opens, as it was written.
    pub(crate) fn cron(&self) -> String {
        self.cron.to_string()
    }

    /// The IANA name of its time zone.
    pub(crate) fn zone(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// How long it stays open.
    pub(crate) fn duration(&self) -> Period {
        self.duration
    }

    /// As it is kept once it was accepted.
    #[must_use]
    pub fn settings(&self) -> WindowSettings {
        WindowSettings {
            cron: self.cron.to_string(),
            timezone: self.zone.iana_name().unwrap_or("UTC").to_owned(),
            window_duration: self.duration,
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
        write!(f, "{} {} for {}", self.cron, self.zone(), self.duration)
    }
}
