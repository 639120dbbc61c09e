//! Measured trust: what the devices of an account show of having had the time to fetch a certificate.
//!
//! *Invariants*: counts alone. No name, address, serial number or id of a device is part of any of these.
//! *Honest*: who was seen had the time to fetch it; nobody says that it trusts it.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{CertificateId, Period, Share};

/// `rotation.trust_evidence`: what a switch waits for besides its trust period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustEvidence {
    /// The share that has to be seen, of the devices that can fetch a certificate.
    pub seen: Share,
    /// A device counts as active when it was seen so short a time ago.
    pub active_within: Period,
    /// How long after the certificate became available a device has to be seen, to have had the time to
    /// fetch it.
    pub sync_margin: Period,
}

impl TrustEvidence {
    /// `active_within` where nothing is declared.
    #[must_use]
    pub fn usual_active_within() -> Period {
        Period::days(30)
    }

    /// `sync_margin` where nothing is declared: Cloudflare says that a certificate may take that long.
    #[must_use]
    pub fn usual_sync_margin() -> Period {
        Period::DAY
    }

    /// Whether it asks for less than `before` does: what devices may be left out by it.
    #[must_use]
    pub fn is_weaker_than(&self, before: &Self) -> bool {
        let Self {
            seen,
            active_within,
            sync_margin,
        } = self;
        *seen < before.seen
            || *active_within < before.active_within
            || *sync_margin < before.sync_margin
    }
}

impl fmt::Display for TrustEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            seen,
            active_within,
            sync_margin,
        } = self;
        write!(
            f,
            "{{ seen: {seen}, active_within: {active_within}, sync_margin: {sync_margin} }}"
        )
    }
}

/// What is asked of the devices of an account. An answer counts for this question alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceQuestion {
    /// The certificate that Gateway is to be switched to.
    pub certificate: CertificateId,
    /// Since when it is available.
    pub available_since: Timestamp,
    /// As [`TrustEvidence::active_within`].
    pub active_within: Period,
    /// As [`TrustEvidence::sync_margin`].
    pub sync_margin: Period,
}

impl DeviceQuestion {
    /// From when on a device is active that was seen.
    #[must_use]
    pub fn active_from(&self, now: Timestamp) -> Timestamp {
        self.active_within.before(now)
    }

    /// From when on a device had the time to fetch the certificate.
    #[must_use]
    pub fn seen_from(&self) -> Timestamp {
        self.sync_margin.after(self.available_since)
    }
}

/// The active devices of an account, each in one of four groups.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Written", from = "Written")]
pub struct DeviceCounts {
    /// Seen since they had the time to fetch the certificate, with a client that installs all available
    /// ones.
    pub seen: u64,
    /// The same client, and not seen since then.
    pub not_seen: u64,
    /// With a client that installs only what is in use, or whose version nobody can read.
    pub old_clients: u64,
    /// Of a platform on which the client installs no certificate, or that nobody knows.
    pub needs_mdm: u64,
}

impl DeviceCounts {
    /// All that are active.
    #[must_use]
    pub fn active(&self) -> u64 {
        let apart = self.old_clients.saturating_add(self.needs_mdm);
        self.can_fetch().saturating_add(apart)
    }

    /// Those that can fetch the certificate: of these the share is.
    #[must_use]
    pub fn can_fetch(&self) -> u64 {
        self.seen.saturating_add(self.not_seen)
    }

    /// These and others, together.
    #[must_use]
    pub fn plus(self, more: Self) -> Self {
        let Self {
            seen,
            not_seen,
            old_clients,
            needs_mdm,
        } = more;
        Self {
            seen: self.seen.saturating_add(seen),
            not_seen: self.not_seen.saturating_add(not_seen),
            old_clients: self.old_clients.saturating_add(old_clients),
            needs_mdm: self.needs_mdm.saturating_add(needs_mdm),
        }
    }

    /// Whether so many of those that can fetch it were seen; without any, yes.
    #[must_use]
    pub fn meets(&self, share: Share) -> bool {
        share.is_met(self.seen, self.can_fetch())
    }
}

/// The counts in a document, with their sum.
#[derive(Serialize, Deserialize)]
struct Written {
    #[serde(default)]
    active: u64,
    seen: u64,
    not_seen: u64,
    old_clients: u64,
    needs_mdm: u64,
}

impl From<DeviceCounts> for Written {
    fn from(counts: DeviceCounts) -> Self {
        Self {
            active: counts.active(),
            seen: counts.seen,
            not_seen: counts.not_seen,
            old_clients: counts.old_clients,
            needs_mdm: counts.needs_mdm,
        }
    }
}

impl From<Written> for DeviceCounts {
    fn from(written: Written) -> Self {
        let Written {
            active: _,
            seen,
            not_seen,
            old_clients,
            needs_mdm,
        } = written;
        Self {
            seen,
            not_seen,
            old_clients,
            needs_mdm,
        }
    }
}

/// What came of asking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// They were counted.
    Counted {
        /// For this.
        question: DeviceQuestion,
        /// So many.
        counts: DeviceCounts,
    },
    /// The token may not read them.
    Denied,
    /// They could not be read to their end.
    Unreadable,
    /// Nobody asked, and every device is taken to have fetched it: in a model of an account.
    Assumed,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(text: &str) -> TrustEvidence {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn less_is_weaker_in_each_of_its_parts() {
        let before = evidence(r#"{"seen":"98%","active_within":"30d","sync_margin":"1d"}"#);
        assert_eq!(
            before.to_string(),
            "{ seen: 98%, active_within: 30d, sync_margin: 1d }"
        );
        assert!(!before.is_weaker_than(&before));
        for (after, weaker) in [
            (
                r#"{"seen":"97.9%","active_within":"30d","sync_margin":"1d"}"#,
                true,
            ),
            (
                r#"{"seen":"98%","active_within":"29d","sync_margin":"1d"}"#,
                true,
            ),
            (
                r#"{"seen":"98%","active_within":"30d","sync_margin":"23h"}"#,
                true,
            ),
            (
                r#"{"seen":"99%","active_within":"31d","sync_margin":"2d"}"#,
                false,
            ),
        ] {
            assert_eq!(evidence(after).is_weaker_than(&before), weaker, "{after}");
        }
    }

    #[test]
    fn the_share_is_of_those_that_can_fetch_it() {
        let counts = DeviceCounts {
            seen: 3912,
            not_seen: 48,
            old_clients: 60,
            needs_mdm: 0,
        };
        let written = r#"{"active":4020,"seen":3912,"not_seen":48,"old_clients":60,"needs_mdm":0}"#;
        assert_eq!(serde_json::to_string(&counts).unwrap(), written);
        assert_eq!(
            serde_json::from_str::<DeviceCounts>(written).unwrap(),
            counts
        );
        assert!(counts.meets(Share::percent(98).unwrap()));
        assert!(!counts.meets(Share::percent(99).unwrap()));
        assert!(DeviceCounts::default().meets(Share::percent(100).unwrap()));
    }
}
