//! What an account holds.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::call::Call;
use crate::certificate::{AVAILABLE, CUSTOM, Certificate, NIL_ID};
use crate::device::DeviceGroup;
use crate::journal::Interception;

/// An account: a lazily made, at first empty one for every valid id.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Account {
    /// In the order of their creation.
    pub(crate) certificates: Vec<Certificate>,
    /// The blocks of the Gateway configuration that were ever set.
    pub(crate) settings: Map<String, Value>,
    pub(crate) settings_created_at: Option<Timestamp>,
    pub(crate) settings_updated_at: Option<Timestamp>,
    /// Creations of the last 24 hours, which deleting does not give back.
    pub(crate) creations: Vec<Timestamp>,
    /// What the account is called, where somebody said so.
    pub(crate) name: Option<String>,
    /// Whether the client installs certificates on no device: the opposite of
    /// `root_certificate_installation_enabled`.
    pub(crate) installs_nothing: bool,
    /// Who works in the dashboard.
    pub(crate) colleague: Colleague,
    /// Its devices, in groups of equal ones.
    pub(crate) devices: Vec<DeviceGroup>,
    /// Whether no token may read the devices.
    pub(crate) hides_devices: bool,
    /// The number in the name of the CA that was issued last.
    pub(crate) generation: u32,
    /// Calls whose client has long been dropped, and whose effect is still to come.
    pub(crate) late: Vec<LateCall>,
    /// How interception stood when it was last looked at.
    pub(crate) interception: Interception,
}

/// Somebody in the dashboard, as the audit log names people: any text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Colleague {
    pub(crate) email: String,
    pub(crate) ip_address: String,
}

impl Default for Colleague {
    fn default() -> Self {
        Self {
            email: "colleague@example.com".to_owned(),
            ip_address: "203.0.113.9".to_owned(),
        }
    }
}

/// A call that takes effect later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LateCall {
    pub(crate) due: Timestamp,
    pub(crate) call: Call,
}

impl Account {
    pub(crate) fn find(&self, id: &str) -> Option<&Certificate> {
        self.certificates.iter().find(|c| c.id == id)
    }

    pub(crate) fn find_mut(&mut self, id: &str) -> Option<&mut Certificate> {
        self.certificates.iter_mut().find(|c| c.id == id)
    }

    /// The id that the configuration names: by the block of today, else by the deprecated one.
    /// It may be the nil UUID.
    pub(crate) fn configured_id(&self) -> Option<&str> {
        let named = |block: &str| self.settings.get(block)?.get("id")?.as_str();
        let legacy = self.settings.get("custom_certificate");
        let legacy_enabled =
            legacy.and_then(|block| block.get("enabled")) == Some(&Value::Bool(true));
        named("certificate").or_else(|| named("custom_certificate").filter(|_| legacy_enabled))
    }

    /// The certificate in use.
    pub(crate) fn in_use(&self) -> Option<&str> {
        self.configured_id().filter(|id| *id != NIL_ID)
    }

    pub(crate) fn is_in_use(&self, id: &str) -> bool {
        self.in_use() == Some(id)
    }

    /// Whether Gateway can intercept at this moment.
    pub(crate) fn interception_at(&self, now: Timestamp) -> Interception {
        match self.configured_id() {
            None => Interception::Unset,
            Some(NIL_ID) => Interception::Nil,
            Some(id) => match self.find(id) {
                None => Interception::Missing,
                Some(found) if !found.is(AVAILABLE) => Interception::NotAvailable,
                Some(found) if found.expires_on <= now => Interception::Expired,
                Some(_) => Interception::Working,
            },
        }
    }

    /// How many certificates of its own the account has.
    pub(crate) fn count_custom(&self) -> usize {
        let custom = |c: &&Certificate| c.kind == CUSTOM;
        self.certificates.iter().filter(custom).count()
    }

    /// How many creations count against the quota.
    pub(crate) fn recent_creations(&self, now: Timestamp) -> usize {
        let day = SignedDuration::from_hours(24);
        self.creations
            .iter()
            .filter(|at| now.duration_since(**at) < day)
            .count()
    }
}
