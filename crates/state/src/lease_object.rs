//! What stands in the object of a lease.

use std::time::Duration;

use certctl_model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::document::fresh_id;
use crate::version::FORMAT_VERSION;
use crate::{Holder, LockInfo, StateError};

const KIND: &str = "lock";
/// No lease is waited for longer, whatever its object claims.
const LONGEST: u64 = 3600;

/// A lease, as it is written. `id` and `beat` make every version of it different from every other,
/// and with it its ETag, which some stores compute from the content alone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LeaseObject {
    format_version: String,
    kind: String,
    /// The UUID of this one acquisition.
    pub(crate) id: String,
    pub(crate) status: Status,
    /// Counts its versions.
    pub(crate) beat: u64,
    length_seconds: u64,
    acquired_at: Timestamp,
    holder: Holder,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// Somebody holds it, as long as it is renewed.
    Locked,
    /// Its holder let go of it, with nothing in flight.
    Released,
    /// It is free, but its holder may not know, or may have something in flight.
    Broken,
}

impl LeaseObject {
    pub(crate) fn new(holder: &Holder, length: Duration) -> Self {
        Self {
            format_version: FORMAT_VERSION.to_owned(),
            kind: KIND.to_owned(),
            id: fresh_id(),
            status: Status::Locked,
            beat: 0,
            length_seconds: length.as_secs().clamp(1, LONGEST),
            acquired_at: Timestamp::now(),
            holder: holder.clone(),
        }
    }

    /// What replaces an object that nobody can read.
    pub(crate) fn broken() -> Self {
        let holder = Holder {
            who: "nobody".to_owned(),
            r#where: "nowhere".to_owned(),
            operation: "state unlock".to_owned(),
        };
        Self {
            status: Status::Broken,
            ..Self::new(&holder, Duration::ZERO)
        }
    }

    pub(crate) fn with(&self, status: Status, beat: u64) -> Self {
        Self {
            status,
            beat,
            ..self.clone()
        }
    }

    pub(crate) fn length(&self) -> Duration {
        Duration::from_secs(self.length_seconds.clamp(1, LONGEST))
    }

    pub(crate) fn info(&self) -> LockInfo {
        LockInfo {
            holder: self.holder.clone(),
            since: self.acquired_at,
        }
    }

    pub(crate) fn encode(&self, place: &str) -> Result<Vec<u8>, StateError> {
        serde_json::to_vec_pretty(self).map_err(|e| StateError::Remote {
            doing: "write",
            place: place.to_owned(),
            message: e.to_string(),
            hint: None,
        })
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        let lease: Self = serde_json::from_slice(bytes)?;
        if lease.kind == KIND {
            Ok(lease)
        } else {
            Err(serde::de::Error::custom("it is of another kind"))
        }
    }
}
