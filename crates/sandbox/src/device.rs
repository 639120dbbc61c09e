//! A device of a fleet. A fleet of thousands is a few groups of equal devices; each device gets an id, and
//! personal data of its own that no client of this API has any business with.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Devices that differ in nothing that matters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeviceGroup {
    /// How many.
    #[serde(default = "one")]
    pub(crate) count: usize,
    device_type: Option<String>,
    client_version: Option<String>,
    pub(crate) last_seen_at: Option<Timestamp>,
}

fn one() -> usize {
    1
}

/// The id of the device with this number.
pub(crate) fn id_of(number: usize) -> String {
    format!("de51ce00-0000-4000-8000-{number:012x}")
}

/// The number of the device with this id.
pub(crate) fn number_of(id: &str) -> Option<usize> {
    usize::from_str_radix(id.strip_prefix("de51ce00-0000-4000-8000-")?, 16).ok()
}

/// A device as the API shows it.
pub(crate) fn device(number: usize, group: &DeviceGroup) -> Value {
    json!({
        "id": id_of(number),
        "name": format!("anna-private-laptop-{number}"),
        "active_registrations": 1,
        "created_at": "2024-01-01T00:00:00Z",
        "updated_at": group.last_seen_at,
        "client_version": group.client_version,
        "device_type": group.device_type,
        "os_version": "10.0.1",
        "os_version_extra": null,
        "last_seen_at": group.last_seen_at,
        "deleted_at": null,
        "last_seen_user": {
            "id": format!("0a11ce00-0000-4000-8000-{number:012x}"),
            "email": format!("anna.{number}@private.example"),
            "name": format!("Anna Private {number}"),
        },
        "serial_number": format!("SERIALPRIVATE{number}"),
        "mac_address": format!("02:00:5e:00:{:02x}:{:02x}", number >> 8 & 0xff, number & 0xff),
        "public_ip": format!("203.0.113.{}", number % 256),
        "hardware_id": format!("hardware-private-{number}"),
        "manufacturer": "Private Maker",
        "model": "Private Model",
    })
}
