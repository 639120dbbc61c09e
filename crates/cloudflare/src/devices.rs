//! How many devices of an account had the time to fetch a certificate.
//!
//! *Guarantees*: a page is folded into counts before the next is asked for, so that memory does not grow
//! with the fleet; of a device only its platform, the version of its client and when it was seen are looked
//! at; nothing of it, and no words of the API about it, leave this file. *Non-goals*: who trusts what.
//!
//! Facts: the list pages by an opaque cursor, ordered by an id that does not move while pages are read. A
//! client installs all available certificates from 2024.12.554.0 on, on Windows, macOS and Linux; an older
//! one only the one in use. On all other platforms, and on any that is not known, certificates come by
//! device management.

use certctl_model::{AccountId, DeviceCounts, DeviceQuestion, Timestamp};
use http::Method;
use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use crate::client::Client;
use crate::envelope::Malformed;
use crate::error::RefusalKind;
use crate::exchange::{Fault, Reply};

/// How many devices are asked for at once.
const PER_PAGE: usize = 100;
/// A list that does not end within so many pages never does; it bounds what a server can take.
const MOST_PAGES: usize = 5_000;
/// The first client that installs all available certificates.
const INSTALLS_ALL: [u64; 3] = [2024, 12, 554];

/// Why devices could not be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uncounted {
    /// The token lacks the permission.
    Denied,
    /// There is no whole, well-formed list.
    Unreadable,
}

/// What one page gave: its counts, and what leads to the next.
struct Page {
    counts: DeviceCounts,
    next: Option<String>,
}

impl Client {
    /// Counts the devices that were active lately, by whether they had the time to fetch a certificate: one
    /// request for each 100 of them.
    ///
    /// # Errors
    /// When one of the pages is not whole and well-formed, or they do not end. What was counted until then
    /// is dropped.
    pub async fn devices(
        &self,
        account: &AccountId,
        question: &DeviceQuestion,
        now: Timestamp,
    ) -> Result<DeviceCounts, Uncounted> {
        let active_from = question.active_from(now);
        let seen_from = question.seen_from();
        let mut first = first_page(account, active_from, Some(PER_PAGE));
        let mut path = first.clone();
        let mut cursor = None;
        let mut counts = DeviceCounts::default();
        for _ in 0..MOST_PAGES {
            let decode = |reply: &Reply| page(reply, active_from, seen_from);
            let mut read = self.read(account, &path, decode).await;
            // How much a page may hold is not documented; the API's own size is always right.
            if matches!(&read, Err(Fault::Refused(no)) if no.status == 400) && cursor.is_none() {
                first = first_page(account, active_from, None);
                read = self.read(account, &first, decode).await;
            }
            let page = read.map_err(|fault| uncounted(&fault))?;
            counts = counts.plus(page.counts);
            let Some(next) = page.next else {
                return Ok(counts);
            };
            if cursor.as_ref() == Some(&next) {
                return Err(Uncounted::Unreadable);
            }
            let written: String = byte_serialize(next.as_bytes()).collect();
            path = format!("{first}&cursor={written}");
            cursor = Some(next);
        }
        Err(Uncounted::Unreadable)
    }

    /// Whether devices of the account can be counted at all: one request for one device, sent once.
    ///
    /// # Errors
    /// Why not.
    pub async fn can_count_devices(&self, account: &AccountId) -> Result<(), Uncounted> {
        let path = format!("/accounts/{account}/devices/physical-devices?per_page=1");
        match self.exchange(account, Method::GET, &path, None).await {
            Ok(reply) if reply.result.is_array() => Ok(()),
            Ok(_) => Err(Uncounted::Unreadable),
            Err(fault) => Err(uncounted(&fault)),
        }
    }
}

/// What a fault means. Its words stay here: they may be about a device.
fn uncounted(fault: &Fault) -> Uncounted {
    match fault {
        Fault::Refused(refusal)
            if refusal.status == 403 || refusal.kind() == RefusalKind::Forbidden =>
        {
            Uncounted::Denied
        }
        _ => Uncounted::Unreadable,
    }
}

/// Those that were seen since then. The filter saves pages; each device is looked at all the same.
fn first_page(account: &AccountId, active_from: Timestamp, per_page: Option<usize>) -> String {
    // The filter leaves out what was seen at that very instant.
    let after = Timestamp::from_second(active_from.as_second().saturating_sub(1));
    let after = after.unwrap_or(active_from).to_string();
    let after: String = byte_serialize(after.as_bytes()).collect();
    let per_page = per_page.map_or_else(String::new, |size| format!("&per_page={size}"));
    format!(
        "/accounts/{account}/devices/physical-devices?active_registrations=only&sort_by=id{per_page}\
         &seen_after={after}"
    )
}

fn page(reply: &Reply, active_from: Timestamp, seen_from: Timestamp) -> Result<Page, Malformed> {
    let Value::Array(devices) = &reply.result else {
        return Err(Malformed::new("the list of devices is not an array"));
    };
    let next = match reply.result_info.get("cursor") {
        Some(Value::String(cursor)) => Some(cursor.clone()).filter(|cursor| !cursor.is_empty()),
        Some(Value::Null) => None,
        None if reply.result_info.is_object() || devices.len() < PER_PAGE => None,
        _ => {
            let why = "the list of devices does not say whether it goes on";
            return Err(Malformed::new(why));
        }
    };
    let mut counts = DeviceCounts::default();
    for device in devices {
        if !device.is_object() {
            return Err(Malformed::new("a device in the list is not an object"));
        }
        count(&mut counts, device, active_from, seen_from);
    }
    Ok(Page {
        counts,
        // Beyond an empty page there is nothing.
        next: next.filter(|_| !devices.is_empty()),
    })
}

/// Puts a device into its group, if it is active at all.
fn count(counts: &mut DeviceCounts, device: &Value, active_from: Timestamp, seen_from: Timestamp) {
    let text = |key: &str| device.get(key).and_then(Value::as_str);
    let is_deleted = text("deleted_at").is_some_and(|at| !at.is_empty());
    let registrations = device.get("active_registrations").and_then(Value::as_u64);
    // Nobody knows when it was seen: then nobody can say that it is active.
    let seen: Option<Timestamp> = text("last_seen_at").and_then(|at| at.parse().ok());
    let Some(seen) = seen.filter(|seen| *seen >= active_from) else {
        return;
    };
    if is_deleted || registrations == Some(0) {
        return;
    }
    let group = if !installs_by_itself(text("device_type").unwrap_or_default()) {
        &mut counts.needs_mdm
    } else if !installs_all(text("client_version").unwrap_or_default()) {
        &mut counts.old_clients
    } else if seen >= seen_from {
        &mut counts.seen
    } else {
        &mut counts.not_seen
    };
    *group = group.saturating_add(1);
}

/// Whether the client installs certificates on this platform, by its name in the API: `windows`, `mac`,
/// `linux`; others are `ios`, `android`, `chromeos`. Which Linux it is, the API does not say reliably.
fn installs_by_itself(platform: &str) -> bool {
    let known = ["windows", "mac", "macos", "linux"];
    known
        .iter()
        .any(|known| platform.eq_ignore_ascii_case(known))
}

/// Whether a client of this version installs all available certificates; one that cannot be read does not.
fn installs_all(version: &str) -> bool {
    let end = version.find(|c: char| !c.is_ascii_digit() && c != '.');
    let numbers = version
        .get(..end.unwrap_or(version.len()))
        .unwrap_or_default();
    let parts: Option<Vec<u64>> = numbers.split('.').map(|part| part.parse().ok()).collect();
    parts.is_some_and(|parts| parts.len() > 1 && parts.as_slice() >= INSTALLS_ALL.as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_installs_all_from_one_version_on() {
        for (version, all) in [
            ("2024.12.554.0", true),
            ("2024.12.554.1", true),
            ("2024.12.1000.0", true),
            ("2025.2.600", true),
            ("2025.2.600.0-beta", true),
            ("2026.1", true),
            ("2024.12.553.9", false),
            ("2024.12.554", true),
            ("2024.9.554.0", false),
            ("6.27", false),
            ("2026", false),
            ("", false),
            ("v2026.1.1.0", false),
            ("2026..1", false),
            ("99999999999999999999.1", false),
        ] {
            assert_eq!(installs_all(version), all, "{version}");
        }
    }

    #[test]
    fn platforms_are_known_by_the_names_of_the_api() {
        for platform in ["windows", "mac", "linux", "Windows", "macOS"] {
            assert!(installs_by_itself(platform), "{platform}");
        }
        for platform in ["ios", "android", "chromeos", "", "windows phone", "freebsd"] {
            assert!(!installs_by_itself(platform), "{platform}");
        }
    }
}
