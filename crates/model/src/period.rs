//! A length of time, as people write it in a spec.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};

use crate::text::{Invalid, serde_as_string};

const DAY: i64 = 86_400;

/// A length of time in whole seconds, never negative: `90d`, `36h`, `15m`, `0s`, or sums of them
/// such as `1d 12h`. A day is 24 hours; months and years are refused, for they have no length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period(i64);

impl Period {
    /// One hour.
    pub const HOUR: Self = Self(3_600);
    /// 24 hours.
    pub const DAY: Self = Self(DAY);
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// The longest period that can be written: 100 years of 365 days.
    pub const MAX: Self = Self(36_500 * DAY);

    /// So many days of 24 hours.
    #[must_use]
    pub fn days(days: u32) -> Self {
        Self(i64::from(days) * DAY)
    }

    /// So many hours.
    #[must_use]
    pub fn hours(hours: u32) -> Self {
        Self(i64::from(hours) * 3_600)
    }

    /// So many seconds.
    #[must_use]
    pub const fn seconds(seconds: u32) -> Self {
        Self(seconds as i64)
    }

    /// Half of it, in whole seconds.
    #[must_use]
    pub fn half(self) -> Self {
        Self(self.0 / 2)
    }

    /// The length in seconds.
    #[must_use]
    pub fn as_seconds(self) -> i64 {
        self.0
    }

    /// The instant this long after `start`, or the end of time.
    #[must_use]
    pub fn after(self, start: Timestamp) -> Timestamp {
        start
            .checked_add(SignedDuration::from_secs(self.0))
            .unwrap_or(Timestamp::MAX)
    }

    /// The instant this long before `end`, or the beginning of time.
    #[must_use]
    pub fn before(self, end: Timestamp) -> Timestamp {
        end.checked_sub(SignedDuration::from_secs(self.0))
            .unwrap_or(Timestamp::MIN)
    }

    /// The time from `start` to `end`, in whole seconds; nothing when `end` comes first.
    #[must_use]
    pub fn between(start: Timestamp, end: Timestamp) -> Self {
        Self(end.duration_since(start).as_secs().max(0))
    }
}

impl FromStr for Period {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = || {
            Invalid::new(
                "duration",
                text,
                "it is a sum of parts such as 90d, 36h, 15m or 0s",
            )
        };
        let mut total: i64 = 0;
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(invalid());
        }
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let count: i64 = rest
                .get(..digits)
                .and_then(|d| d.parse().ok())
                .ok_or_else(invalid)?;
            let unit = match rest.as_bytes().get(digits) {
                Some(b'd') => DAY,
                Some(b'h') => 3_600,
                Some(b'm') => 60,
                Some(b's') => 1,
                _ => return Err(invalid()),
            };
            total = count
                .checked_mul(unit)
                .and_then(|s| total.checked_add(s))
                .ok_or_else(invalid)?;
            rest = rest.get(digits + 1..).unwrap_or_default();
            rest = rest.strip_prefix(' ').unwrap_or(rest);
        }
        let period = Self(total);
        if period > Self::MAX {
            return Err(Invalid::new("duration", text, "it is at most 36500d"));
        }
        Ok(period)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        let mut written = false;
        for (unit, letter) in [(DAY, 'd'), (3_600, 'h'), (60, 'm'), (1, 's')] {
            let count = rest / unit;
            rest %= unit;
            if count > 0 {
                let space = if written { " " } else { "" };
                write!(f, "{space}{count}{letter}")?;
                written = true;
            }
        }
        if written { Ok(()) } else { f.write_str("0s") }
    }
}

serde_as_string!(Period);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_read_and_written_alike() {
        for (text, seconds, canonical) in [
            ("90d", 90 * DAY, "90d"),
            ("36h", 36 * 3_600, "1d 12h"),
            ("1d12h", 36 * 3_600, "1d 12h"),
            ("0s", 0, "0s"),
            ("15m 30s", 930, "15m 30s"),
        ] {
            let period: Period = text.parse().unwrap();
            assert_eq!(period.as_seconds(), seconds, "{text}");
            assert_eq!(period.to_string(), canonical);
            assert_eq!(canonical.parse::<Period>().unwrap(), period);
        }
    }

    #[test]
    fn what_has_no_length_is_refused() {
        for bad in [
            "",
            "90",
            "-1d",
            "1y",
            "1mo",
            "2w",
            "1d  2h",
            "d",
            "99999999999999999999d",
            "36501d",
            "1.5d",
        ] {
            assert!(bad.parse::<Period>().is_err(), "{bad}");
        }
    }
}
