//! When expiry beats what else a switch waits for.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::{CaFacts, Invalid, Period};

/// How long before the expiry of what Gateway uses a sound successor is set in use, whether its trust period
/// is over or not: an outage for everybody is worse than one for the devices that have not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastResort {
    /// So long before the expiry.
    Before(Period),
    /// Not at all: then it expires in use.
    Never,
}

/// The longest that it is where nobody says: two days.
const USUAL: Period = Period::seconds(2 * 24 * 60 * 60);
/// Of a short validity, at most this part.
const PART: i64 = 10;

impl LastResort {
    /// From when on it holds for what Gateway uses; `policy` is what is declared. Where nothing is: two
    /// days before the expiry, or a tenth of the validity where that is shorter.
    #[must_use]
    pub fn begins(policy: Option<Self>, used: &CaFacts) -> Option<Timestamp> {
        let validity = Period::between(used.not_before, used.not_after);
        let tenth = u32::try_from(validity.as_seconds() / PART).unwrap_or(u32::MAX);
        let usual = USUAL.min(Period::seconds(tenth));
        match policy.unwrap_or(Self::Before(usual)) {
            Self::Before(period) => Some(period.before(used.not_after)),
            Self::Never => None,
        }
    }
}

impl FromStr for LastResort {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "never" => Ok(Self::Never),
            period => period.parse().map(Self::Before),
        }
    }
}

impl fmt::Display for LastResort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Before(period) => period.fmt(f),
            Self::Never => f.write_str("never"),
        }
    }
}

crate::text::serde_as_string!(LastResort);
