//! How long a certificate is valid.

use std::fmt;

use crate::Invalid;

/// A validity in whole days, 1 to 10,950 (official schema of `validity_period_days`).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(try_from = "u32", into = "u32")]
pub struct ValidityDays(u16);

impl ValidityDays {
    /// The shortest validity that the API accepts, in days.
    pub const MIN: u32 = 1;
    /// The longest validity that the API accepts, in days.
    pub const MAX: u32 = 10_950;
    /// What is sent when the spec leaves the validity out: the documented default, five years.
    pub const DEFAULT: Self = Self(1_825);

    /// The number of days.
    #[must_use]
    pub fn days(self) -> u32 {
        u32::from(self.0)
    }
}

impl TryFrom<u32> for ValidityDays {
    type Error = Invalid;

    fn try_from(days: u32) -> Result<Self, Invalid> {
        if (Self::MIN..=Self::MAX).contains(&days)
            && let Ok(days) = u16::try_from(days)
        {
            return Ok(Self(days));
        }
        Err(Invalid::new(
            "validity",
            &days.to_string(),
            "it is 1 to 10950 days",
        ))
    }
}

impl From<ValidityDays> for u32 {
    fn from(days: ValidityDays) -> Self {
        days.days()
    }
}

impl fmt::Display for ValidityDays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_documented_range_exists() {
        for (days, fits) in [
            (0, false),
            (1, true),
            (10_950, true),
            (10_951, false),
            (u32::MAX, false),
        ] {
            assert_eq!(ValidityDays::try_from(days).is_ok(), fits, "{days}");
        }
    }
}
