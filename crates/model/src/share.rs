//! A share of something, as people write it: `98%`.

use std::fmt;
use std::str::FromStr;

use crate::text::{Invalid, serde_as_string};

/// A share above 0 % and of at most 100 %, in hundredths of a percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share(u16);

/// All of it.
const WHOLE: u16 = 10_000;

impl Share {
    /// So many percent; none for 0 and for more than 100.
    #[must_use]
    pub fn percent(percent: u16) -> Option<Self> {
        let hundredths = percent.checked_mul(100)?;
        (1..=WHOLE)
            .contains(&hundredths)
            .then_some(Self(hundredths))
    }

    /// Whether `part` of `whole` is at least this share. Of nothing, every share is there.
    #[must_use]
    pub fn is_met(self, part: u64, whole: u64) -> bool {
        let (part, whole) = (u128::from(part), u128::from(whole));
        part * u128::from(WHOLE) >= whole * u128::from(self.0)
    }

    /// How many more of `whole` are needed beside `part`.
    #[must_use]
    pub fn missing(self, part: u64, whole: u64) -> u64 {
        let needed = (u128::from(whole) * u128::from(self.0)).div_ceil(u128::from(WHOLE));
        u64::try_from(needed)
            .unwrap_or(u64::MAX)
            .saturating_sub(part)
    }

    /// `part` of `whole` in percent, rounded to one digit after the point, though never to `100 %` of what
    /// is not all; `100 %` of nothing.
    #[must_use]
    pub fn shown(part: u64, whole: u64) -> String {
        let (part, whole) = (u128::from(part), u128::from(whole));
        let tenths = match whole {
            0 => 1_000,
            whole if part >= whole => 1_000,
            whole => ((part * 2_000 + whole) / (whole * 2)).min(999),
        };
        match (tenths / 10, tenths % 10) {
            (percent, 0) => format!("{percent} %"),
            (percent, tenth) => format!("{percent}.{tenth} %"),
        }
    }
}

impl FromStr for Share {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = || {
            let rule = "it is a percentage above 0% and of at most 100%, such as 98% or 99.5%";
            Invalid::new("share", text, rule)
        };
        let number = text
            .trim()
            .strip_suffix('%')
            .ok_or_else(invalid)?
            .trim_end();
        let (percent, part) = number.split_once('.').unwrap_or((number, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(percent) || !digits(part) || percent.len() > 3 || part.len() > 2 {
            return Err(invalid());
        }
        let percent: u16 = percent.parse().map_err(|_| invalid())?;
        let hundredths: u16 = format!("{part:0<2}").parse().map_err(|_| invalid())?;
        let total = percent
            .checked_mul(100)
            .and_then(|all| all.checked_add(hundredths));
        let total = total.filter(|total| (1..=WHOLE).contains(total));
        total.map(Self).ok_or_else(invalid)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = format!("{:02}", self.0 % 100);
        match part.trim_end_matches('0') {
            "" => write!(f, "{}%", self.0 / 100),
            part => write!(f, "{}.{part}%", self.0 / 100),
        }
    }
}

serde_as_string!(Share);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_and_written_as_a_percentage() {
        for (text, written) in [
            ("98%", "98%"),
            ("100%", "100%"),
            ("99.5%", "99.5%"),
            ("99.50 %", "99.5%"),
            ("0.01%", "0.01%"),
            ("7.05%", "7.05%"),
        ] {
            assert_eq!(
                text.parse::<Share>().unwrap().to_string(),
                written,
                "{text}"
            );
        }
        for text in [
            "",
            "%",
            "0%",
            "0.00%",
            "100.01%",
            "101%",
            "98",
            "0.98",
            "98 percent",
            "-1%",
            "1e1%",
            "99.999%",
            ".5%",
            "5.%",
            "+5%",
            "9999999%",
        ] {
            assert!(text.parse::<Share>().is_err(), "{text}");
        }
        assert_eq!(Share::percent(98), "98%".parse().ok());
        assert_eq!((Share::percent(0), Share::percent(101)), (None, None));
    }

    #[test]
    fn a_share_is_met_exactly_and_shown_rounded() {
        let share: Share = "98%".parse().unwrap();
        assert!(share.is_met(98, 100) && !share.is_met(97, 100));
        assert!(!share.is_met(979_999, 1_000_000) && share.is_met(980_000, 1_000_000));
        assert!(share.is_met(0, 0) && share.is_met(u64::MAX, u64::MAX));
        assert_eq!((share.missing(90, 100), share.missing(98, 100)), (8, 0));
        assert_eq!((share.missing(1, 3), share.missing(0, 0)), (2, 0));
        for (part, whole, shown) in [
            (3912, 3960, "98.8 %"),
            (979_400, 1_000_000, "97.9 %"),
            (979_500, 1_000_000, "98 %"),
            (999_999, 1_000_000, "99.9 %"),
            (1, 1, "100 %"),
            (0, 7, "0 %"),
            (0, 0, "100 %"),
        ] {
            assert_eq!(Share::shown(part, whole), shown);
        }
    }
}
