//! What the devices of an account show, asked and said: counts alone, and "seen" is never called "trusted".

use certctl_model::{DeviceCounts, DeviceQuestion, Share, TrustEvidence};

use crate::change::Change;
use crate::operation::Action;

/// The permission without which the devices of an account cannot be counted.
pub const DEVICES_PERMISSION: &str = "Zero Trust: Devices Read";

impl Change {
    /// What is to be asked of the devices of the account: where the switch to a certificate that is
    /// available waits for evidence, or any such switch where evidence was `asked` for.
    #[must_use]
    pub fn asks_devices(&self, asked: bool) -> Option<DeviceQuestion> {
        let declared = self.after.as_ref().and_then(|after| after.trust_evidence);
        let mut steps = self.steps.iter();
        let switch = steps.find(|step| step.action() == Action::SetInUse)?;
        if !asked && (declared.is_none() || switch.due) {
            return None;
        }
        let id = switch.certificate_id()?;
        let held = self.certificates.iter().find(|held| held.id == *id)?;
        Some(DeviceQuestion {
            certificate: id.clone(),
            available_since: held.available_since?,
            active_within: declared.map_or_else(TrustEvidence::usual_active_within, |declared| {
                declared.active_within
            }),
            sync_margin: declared.map_or_else(TrustEvidence::usual_sync_margin, |declared| {
                declared.sync_margin
            }),
        })
    }
}

/// The counts as a sentence without its full stop: `3,912 of 3,960 devices had the time to fetch it
/// (98.8 %), 48 were not seen; apart from these, 60 have an old client`.
#[must_use]
pub fn devices_said(counts: &DeviceCounts) -> String {
    let DeviceCounts {
        seen,
        not_seen,
        old_clients,
        needs_mdm,
    } = *counts;
    let able = counts.can_fetch();
    let mut said = match able {
        0 => "no active device can fetch it by itself".to_owned(),
        1 => format!("{seen} of 1 device had the time to fetch it"),
        _ => format!(
            "{} of {} devices had the time to fetch it",
            grouped(seen),
            grouped(able)
        ),
    };
    if able > 0 {
        said.push_str(&format!(" ({})", Share::shown(seen, able)));
    }
    match not_seen {
        0 => {}
        1 => said.push_str(", 1 was not seen"),
        n => said.push_str(&format!(", {} were not seen", grouped(n))),
    }
    let old = match old_clients {
        0 => None,
        1 => Some("1 has an old client".to_owned()),
        n => Some(format!("{} have an old client", grouped(n))),
    };
    let mdm = match needs_mdm {
        0 => None,
        1 => Some("1 needs device management".to_owned()),
        n => Some(format!("{} need device management", grouped(n))),
    };
    let apart: Vec<String> = old.into_iter().chain(mdm).collect();
    if !apart.is_empty() {
        let from_these = if able == 0 { "" } else { "apart from these, " };
        said.push_str(&format!("; {from_these}{}", apart.join(" and ")));
    }
    said
}

/// A number as people read it: `3,912`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counts_are_one_sentence() {
        for ((seen, not_seen, old_clients, needs_mdm), said) in [
            (
                (3912, 48, 60, 0),
                "3,912 of 3,960 devices had the time to fetch it (98.8 %), 48 were not seen; \
                 apart from these, 60 have an old client",
            ),
            (
                (1, 0, 1, 1),
                "1 of 1 device had the time to fetch it (100 %); apart from these, 1 has an old \
                 client and 1 needs device management",
            ),
            (
                (0, 1_234_567, 0, 12),
                "0 of 1,234,567 devices had the time to fetch it (0 %), 1,234,567 were not seen; \
                 apart from these, 12 need device management",
            ),
            (
                (0, 0, 0, 1000),
                "no active device can fetch it by itself; 1,000 need device management",
            ),
            ((0, 0, 0, 0), "no active device can fetch it by itself"),
        ] {
            let counts = DeviceCounts {
                seen,
                not_seen,
                old_clients,
                needs_mdm,
            };
            assert_eq!(devices_said(&counts), said);
        }
    }
}
