//! An account with a fleet of devices, in which a switch waits.

use serde_json::{Value, json};

use crate::http::{get, send, set_clock};
use crate::support::{Place, Server};

pub(super) const ACCOUNT: &str = "699d98642c564d2e855e9661899b7252";
/// What every device of the sandbox has in each of its personal fields, and in the cursor of a page.
pub(super) const PERSONAL: [&str; 9] = [
    "anna-private",
    "private.example",
    "Anna Private",
    "SERIALPRIVATE",
    "02:00:5e",
    "203.0.113.",
    "hardware-private",
    "Private M",
    "de51ce00",
];

/// An account of which the successor is available since 2027-01-05T04:00:00Z.
pub(super) struct Fleet {
    pub(super) place: Place,
    pub(super) server: Server,
}

impl Fleet {
    pub(super) fn rotating(rotation: &str) -> Self {
        Self::from_days(1825, rotation)
    }

    /// What Gateway uses is valid for so many days from 2027-01-04 on, its successor for 730.
    pub(super) fn from_days(days: u32, rotation: &str) -> Self {
        let mut place = Place::new();
        place.write("certctl.yaml", &spec(days, rotation));
        let server = place.serve("--deploy-delay 0s --inspects");
        let mut fleet = Self { place, server };
        fleet.at("2027-01-04T04:00:00Z");
        fleet.place.certctl("apply --auto-approve").ok();
        fleet.at("2027-01-05T04:00:00Z");
        fleet.place.write("certctl.yaml", &spec(730, rotation));
        fleet.place.certctl("apply --auto-approve").ok();
        fleet
    }

    pub(super) fn at(&mut self, now: &str) {
        self.place.set("CERTCTL_NOW", now);
        set_clock(&self.server, now);
    }

    pub(super) fn devices(&self, settings: &Value) {
        let path = format!("/sandbox/accounts/{ACCOUNT}/devices");
        let status = send("PUT", &self.server.control(&path), &settings.to_string());
        assert_eq!(status, 200, "{settings}");
    }

    pub(super) fn plan(&self, options: &str) -> Value {
        let line = format!("plan --format json {options}");
        self.place.certctl(&line).ok().json()
    }

    /// How many pages of the list of devices were asked for until now.
    pub(super) fn pages(&self) -> usize {
        let log = get(&self.server.control("/sandbox/log"));
        let entries = log["entries"].as_array().unwrap().iter();
        let asked = |entry: &&Value| {
            let path = entry["path"].as_str().unwrap_or_default();
            entry["cause"] == "request" && path.contains("/devices/physical-devices")
        };
        entries.filter(asked).count()
    }
}

pub(super) fn spec(days: u32, rotation: &str) -> String {
    format!(
        "version: 1\naccounts:\n  - name: acme\n    account_id: {ACCOUNT}\n    certificates:\n      \
         - {{ name: inspection, in_use: true, validity_period_days: {days}, rotation: {{ {rotation} }} }}\n"
    )
}

pub(super) fn group(count: usize, platform: &str, version: &str, seen: &str) -> Value {
    json!({"count": count, "device_type": platform, "client_version": version, "last_seen_at": seen})
}

pub(super) const NEW: &str = "2025.2.600.0";
pub(super) const OLD: &str = "2024.11.309.0";
/// A second before, and as soon as, a device had the time to fetch the successor.
pub(super) const TOO_SOON: &str = "2027-01-06T03:59:59Z";
pub(super) const SOON_ENOUGH: &str = "2027-01-06T04:00:00Z";
pub(super) const EVIDENCE: &str = "trust_evidence: { seen: 98%, active_within: 30d }";

/// What the plan says of the successor's evidence.
pub(super) fn evidence(plan: &Value) -> Value {
    let held = plan["changes"][0]["certificates"].as_array().unwrap();
    let successor = held.iter().find(|held| held["role"] == "successor");
    successor.map_or(Value::Null, |held| held["evidence"].clone())
}

pub(super) fn code(plan: &Value) -> Vec<&str> {
    let found = plan["diagnostics"].as_array().unwrap().iter();
    found.map(|found| found["code"].as_str().unwrap()).collect()
}
