//! The devices of an account, page by page, and their settings: whether the client installs certificates.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::device::{DeviceGroup, device, id_of, number_of};
use crate::operation::Operation;
use crate::wire::{Outcome, Refusal, Reply};

/// What a page holds where nobody says how much, and the most that it can hold. The real API's own numbers
/// are not documented.
const PER_PAGE: usize = 50;
const MOST_PER_PAGE: usize = 100;

/// What somebody sets in the dashboard. What is left out stays.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    root_certificate_installation_enabled: Option<bool>,
    /// The fleet, in place of the one before.
    devices: Option<Vec<DeviceGroup>>,
    /// Whether a token may read the devices.
    readable: Option<bool>,
}

/// The settings.
pub(crate) fn get(operation: &Operation<'_>) -> Reply {
    let settings = json!({
        "gateway_proxy_enabled": true,
        "gateway_udp_proxy_enabled": false,
        "root_certificate_installation_enabled": !operation.account.installs_nothing,
        "use_zt_virtual_ip": false,
    });
    Reply::new(200, settings)
}

/// Sets them, and what devices there are: for the control plane.
pub(crate) fn overwrite(operation: &mut Operation<'_>, settings: Settings) {
    let account = &mut *operation.account;
    if let Some(enabled) = settings.root_certificate_installation_enabled {
        account.installs_nothing = !enabled;
    }
    if let Some(readable) = settings.readable {
        account.hides_devices = !readable;
    }
    if let Some(devices) = settings.devices {
        account.devices = devices;
    }
    operation.note("devices", None, None, None);
}

/// A page of the devices that were seen after an instant, in the order of their ids. The cursor is the id
/// of the last one on the page.
pub(crate) fn list(operation: &Operation<'_>, query: Option<&str>) -> Outcome {
    if operation.account.hides_devices {
        return Err(Refusal::new(403, 10_000, "Authentication error"));
    }
    let asked = |key: &str| {
        let pairs = query.unwrap_or_default().split('&');
        let mut values = pairs.filter_map(|pair| pair.strip_prefix(key)?.strip_prefix('='));
        values.next().map(|value| value.replace("%3A", ":"))
    };
    let seen_after: Option<Timestamp> = match asked("seen_after").map(|at| at.parse()) {
        Some(Err(_)) => return Err(Refusal::new(400, 2990, "seen_after is not a timestamp")), // made up
        Some(Ok(at)) => Some(at),
        None => None,
    };
    let per_page = asked("per_page").and_then(|n| n.parse().ok());
    let per_page = per_page.unwrap_or(PER_PAGE).clamp(1, MOST_PER_PAGE);
    let begins = asked("cursor").as_deref().and_then(number_of);
    let begins = begins.map_or(0, |last| last.saturating_add(1));
    let mut page: Vec<(usize, &DeviceGroup)> = Vec::new();
    let mut before = 0_usize;
    for group in &operation.account.devices {
        let end = before.saturating_add(group.count);
        let matches =
            seen_after.is_none_or(|after| group.last_seen_at.is_some_and(|at| at > after));
        if matches {
            let wanted = (per_page + 1).saturating_sub(page.len());
            page.extend((before.max(begins)..end).take(wanted).map(|n| (n, group)));
        }
        before = end;
    }
    let more = page.len() > per_page;
    page.truncate(per_page);
    let cursor = page.last().filter(|_| more).map(|(n, _)| id_of(*n));
    let told: Vec<Value> = page.iter().map(|(n, group)| device(*n, group)).collect();
    Ok(Reply {
        result_info: Some(json!({
            "count": told.len(), "per_page": per_page, "cursor": cursor, "total_count": null,
        })),
        ..Reply::new(200, Value::Array(told))
    })
}
