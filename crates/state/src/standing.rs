//! What the holder of a lease knows of it, and when it must no longer count on it.
//!
//! *Invariants*: time counts from before the last renewal that succeeded was sent; what is lost stays
//! lost, whatever a late answer says.

use std::time::{Duration, SystemTime};

use object_store::UpdateVersion;
use tokio::time::Instant;

use crate::lease_object::{LeaseObject, Status};

/// What part of a lease is not counted on, for clocks that run apart.
const MARGIN: u32 = 10;

/// What the holder knows of its lease.
pub(crate) struct Standing {
    pub(crate) version: UpdateVersion,
    pub(crate) beat: u64,
    /// When the last renewal that succeeded was sent.
    sent: Instant,
    /// The same by the wall clock, which also runs while the machine sleeps.
    sent_wall: SystemTime,
    /// Why it is lost; for good.
    pub(crate) lost: Option<String>,
}

impl Standing {
    pub(crate) fn new(
        version: UpdateVersion,
        beat: u64,
        (sent, sent_wall): (Instant, SystemTime),
    ) -> Self {
        Self {
            version,
            beat,
            sent,
            sent_wall,
            lost: None,
        }
    }

    pub(crate) fn renewed(
        &mut self,
        version: UpdateVersion,
        beat: u64,
        (sent, sent_wall): (Instant, SystemTime),
    ) {
        self.version = version;
        self.beat = beat;
        self.sent = sent;
        self.sent_wall = sent_wall;
    }

    /// What was found where a renewal met a conflict: an earlier renewal of ours, or another holder.
    pub(crate) fn seen(
        &mut self,
        found: Option<(Vec<u8>, UpdateVersion)>,
        content: &LeaseObject,
        beat: u64,
        sent: (Instant, SystemTime),
    ) {
        let Some((bytes, version)) = found else {
            self.lost = Some("its object was removed".to_owned());
            return;
        };
        match LeaseObject::decode(&bytes) {
            Ok(other) if other.id == content.id && other.status == Status::Locked => {
                if other.beat == beat {
                    self.renewed(version, beat, sent);
                } else {
                    // It counts from when it was sent, which is not known any more: not at all.
                    self.version = version;
                    self.beat = self.beat.max(other.beat);
                }
            }
            Ok(other) if other.id == content.id => {
                self.lost = Some("it was broken with `certctl state unlock`".to_owned());
            }
            Ok(other) => {
                let holder = other.info().holder;
                self.lost = Some(format!("{} on {} took it over", holder.who, holder.r#where));
            }
            Err(_) => self.lost = Some("its object was replaced".to_owned()),
        }
    }

    pub(crate) fn expire(&mut self, length: Duration) {
        let gone = self.sent.elapsed();
        if self.lost.is_none() && gone >= length {
            self.lost = Some(format!(
                "it was last renewed {} s ago and lasts {} s",
                gone.as_secs(),
                length.as_secs()
            ));
        }
    }

    /// Whether the lease certainly lasts `longest` from now, with a tenth of its length to spare.
    pub(crate) fn outlasts(&mut self, longest: Duration, length: Duration) -> bool {
        self.expire(length);
        // A step back of the wall clock is no news; a step forward may be a machine that slept.
        let slept = self.sent_wall.elapsed().unwrap_or_default();
        let gone = self.sent.elapsed().max(slept);
        self.lost.is_none() && gone + longest + length / MARGIN <= length
    }
}
