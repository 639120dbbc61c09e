//! How the API is for a while: reads that show the past, a `Date` that is off, deployments that are
//! slow or fail. Faults strike single requests; conditions hold until they are set again. They are
//! not kept over a restart.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::call::{Call, Read};

/// What holds for all accounts until it is set again.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Conditions {
    /// The list shows the account as it was so many seconds ago.
    pub list_lag_seconds: f64,
    /// The GET of one certificate does; one that is younger is not found.
    pub certificate_lag_seconds: f64,
    /// The GET of the configuration does.
    pub configuration_lag_seconds: f64,
    /// The `Date` header is so many seconds ahead of the clock, or behind it.
    pub date_offset_seconds: f64,
    /// How long activations and deactivations that begin now stay pending, in place of what the
    /// sandbox was opened with.
    pub deploy_seconds: Option<f64>,
    /// Whether activations that begin now end where they began: `inactive`.
    pub deployments_fail: bool,
}

impl Conditions {
    /// How far in the past the answer to a call stands.
    pub(crate) fn lag(&self, call: &Call) -> Duration {
        seconds(match call.reads() {
            Some(Read::List) => self.list_lag_seconds,
            Some(Read::Certificate) => self.certificate_lag_seconds,
            Some(Read::Configuration) => self.configuration_lag_seconds,
            None => 0.0,
        })
    }

    /// The longest of the lags.
    pub(crate) fn longest_lag(&self) -> Duration {
        let lags = [
            self.list_lag_seconds,
            self.certificate_lag_seconds,
            self.configuration_lag_seconds,
        ];
        lags.into_iter().map(seconds).max().unwrap_or_default()
    }

    /// What the `Date` header says at a time.
    pub(crate) fn date(&self, at: Timestamp) -> Timestamp {
        let offset = SignedDuration::try_from_secs_f64(self.date_offset_seconds);
        at.checked_add(offset.unwrap_or_default()).unwrap_or(at)
    }
}

/// What is negative or no number is nothing.
pub(crate) fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
