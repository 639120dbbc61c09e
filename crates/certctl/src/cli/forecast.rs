//! The arguments of `certctl forecast`.

use std::str::FromStr;

use certctl_model::{Period, Timestamp};
use clap::Args;

use super::arguments::{RemoteArgs, SpecArgs};
use super::words::PlanFormat;

#[derive(Debug, Clone, Args)]
pub(crate) struct Forecast {
    /// Start from empty accounts: no request, no token, no state; what is imported is created
    #[arg(long)]
    pub(crate) offline: bool,

    /// How far to look: a date, a time, or a duration; `10y` is ten years of 365 days
    #[arg(long, value_name = "WHEN", default_value = "10y")]
    pub(crate) until: Until,

    /// How often `apply` runs
    #[arg(long, value_name = "DURATION", default_value = "1d")]
    pub(crate) every: Period,

    /// How to write it
    #[arg(long, value_enum, default_value_t = PlanFormat::Human)]
    pub(crate) format: PlanFormat,

    #[command(flatten)]
    pub(crate) spec: SpecArgs,
    #[command(flatten)]
    pub(crate) remote: RemoteArgs,
}

/// The end of a forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Until {
    At(Timestamp),
    After(Period),
}

impl Until {
    /// The instant, for a forecast from `from` on.
    pub(crate) fn from(self, from: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::After(period) => period.after(from),
        }
    }
}

impl FromStr for Until {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(years) = text.strip_suffix('y').and_then(|y| y.parse::<u32>().ok()) {
            let days = years.checked_mul(365).filter(|days| *days <= 36_500);
            return match days {
                Some(days) => Ok(Self::After(Period::days(days))),
                None => Err("it is at most 100y".to_owned()),
            };
        }
        if let Ok(period) = text.parse() {
            return Ok(Self::After(period));
        }
        let midnight = || format!("{text}T00:00:00Z").parse();
        text.parse()
            .or_else(|_| midnight())
            .map(Self::At)
            .map_err(|_| {
                "it is a date such as 2036-01-01, a time such as 2036-01-01T06:00:00Z, or a duration \
                 such as 90d or 10y"
                    .to_owned()
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_times_and_durations_are_read() {
        let from: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        for (text, until) in [
            ("10y", "2035-12-30T00:00:00Z"),
            ("36h", "2026-01-02T12:00:00Z"),
            ("2036-01-01", "2036-01-01T00:00:00Z"),
            ("2036-01-01T06:00:00+02:00", "2036-01-01T04:00:00Z"),
        ] {
            let read: Until = text.parse().unwrap();
            assert_eq!(read.from(from).to_string(), until, "{text}");
        }
        for bad in ["", "y", "101y", "-1d", "2036-13-01", "tomorrow"] {
            assert!(bad.parse::<Until>().is_err(), "{bad}");
        }
    }
}
