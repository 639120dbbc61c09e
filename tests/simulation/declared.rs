//! What the people of a history declare, and the spec that says so.
//!
//! A declared validity is a label: no two addresses, and no two declarations of one address, have the
//! same number of days (they are ten apart), so that the journal alone tells for whom a certificate was
//! made.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// The periods that a history begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Periods {
    pub(crate) trust_hours: u32,
    pub(crate) retire_hours: u32,
    pub(crate) renew_before_days: u32,
    /// The hour at which a window opens each day, if switches wait for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) window: Option<u32>,
}

/// How long a window stays open: a daily run may miss it, one twice a day does not.
pub(crate) const WINDOW_HOURS: u32 = 13;

/// The certificates of a history.
pub(crate) const NAMES: [&str; 3] = ["one", "two", "three"];

/// Between the labels of two declarations.
const STEP: u32 = 10;
/// Declarations of one address.
const MOST: u32 = 12;
const SHORTEST: u32 = 60;

/// One declared certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Certificate {
    pub(crate) days: u32,
    pub(crate) active: bool,
    pub(crate) renewed: bool,
}

/// What is declared at a time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Declared {
    pub(crate) certificates: BTreeMap<&'static str, Certificate>,
    pub(crate) in_use: Option<&'static str>,
    /// The trust period and the retire period, where somebody declared others.
    pub(crate) trust_hours: Option<u32>,
    pub(crate) retire_hours: Option<u32>,
    /// The hour at which the window opens, or that there is none, where somebody declared another.
    pub(crate) window: Option<Option<u32>>,
    pub(crate) renew_before_days: Option<u32>,
}

/// How somebody changes the spec. What makes no sense at the time changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Edit {
    Add(usize),
    Remove(usize),
    Days(usize),
    Active(usize, bool),
    Renewed(usize, bool),
    InUse(usize),
    /// Another trust period, in hours; of every certificate.
    Trust(u32),
    /// Another retire period, likewise.
    Retire(u32),
    /// Another window, or none; likewise.
    Window(Option<u32>),
    /// Renewed so many days before the expiry; likewise.
    RenewBefore(u32),
}

/// The label of a declaration of an address.
fn label(index: usize, version: u32) -> u32 {
    let index = u32::try_from(index).unwrap_or_default();
    SHORTEST + (index * MOST + version) * STEP
}

impl Declared {
    /// Changes it; `versions` counts the declarations of each address.
    pub(crate) fn edit(&mut self, edit: Edit, versions: &mut [u32; 3]) {
        match edit {
            Edit::Add(index) => {
                if !self.certificates.contains_key(NAMES[index]) && versions[index] < MOST {
                    let certificate = Certificate {
                        days: label(index, versions[index]),
                        active: true,
                        renewed: true,
                    };
                    versions[index] += 1;
                    self.certificates.insert(NAMES[index], certificate);
                }
            }
            Edit::Remove(index) => {
                if self.certificates.len() > 1 && self.in_use != Some(NAMES[index]) {
                    self.certificates.remove(NAMES[index]);
                }
            }
            Edit::Days(index) => {
                if let Some(certificate) = self.certificates.get_mut(NAMES[index])
                    && versions[index] < MOST
                {
                    certificate.days = label(index, versions[index]);
                    versions[index] += 1;
                }
            }
            Edit::Active(index, active) => {
                if let Some(certificate) = self.certificates.get_mut(NAMES[index])
                    && self.in_use != Some(NAMES[index])
                {
                    certificate.active = active;
                }
            }
            Edit::Renewed(index, renewed) => {
                if let Some(certificate) = self.certificates.get_mut(NAMES[index]) {
                    certificate.renewed = renewed;
                }
            }
            Edit::InUse(index) => {
                if let Some(certificate) = self.certificates.get_mut(NAMES[index]) {
                    certificate.active = true;
                    self.in_use = Some(NAMES[index]);
                }
            }
            Edit::Trust(hours) => self.trust_hours = Some(hours),
            Edit::Retire(hours) => self.retire_hours = Some(hours),
            Edit::Window(opens) => self.window = Some(opens),
            Edit::RenewBefore(days) => self.renew_before_days = Some(days),
        }
    }

    /// The periods that it declares, in a history that began with these.
    pub(crate) fn periods(&self, first: Periods) -> Periods {
        Periods {
            trust_hours: self.trust_hours.unwrap_or(first.trust_hours),
            retire_hours: self.retire_hours.unwrap_or(first.retire_hours),
            renew_before_days: self.renew_before_days.unwrap_or(first.renew_before_days),
            window: self.window.unwrap_or(first.window),
        }
    }

    /// The spec, in a history that began with these periods.
    pub(crate) fn yaml(&self, account_id: &str, first: Periods) -> String {
        let periods = self.periods(first);
        let mut text = format!(
            "version: 1\naccounts:\n  - name: acme\n    account_id: {account_id}\n    adopt: never\n    certificates:\n"
        );
        for (name, certificate) in &self.certificates {
            let Certificate {
                days,
                active,
                renewed,
            } = certificate;
            let in_use = match self.in_use {
                Some(used) if used == *name => ", in_use: true",
                _ => "",
            };
            let renew_before = match renewed {
                true => format!("{}d", periods.renew_before_days),
                false => "null".to_owned(),
            };
            let windows = periods.window.map_or_else(String::new, |hour| {
                format!(
                    ", windows: [ {{ cron: \"0 {hour} * * *\", timezone: UTC, window_duration: {WINDOW_HOURS}h }} ]"
                )
            });
            // No device is there to wait for; but the list of them is read, and may fail.
            let evidence = match periods.trust_hours {
                168 => ", trust_evidence: { seen: 98% }",
                _ => "",
            };
            let _infallible = writeln!(
                text,
                "      - {{ name: {name}, validity_period_days: {days}, activate: {active}{in_use}, rotation: {{ renew_before: {renew_before}, trust_period: {}h{evidence}, retire_after: {}h{windows} }} }}",
                periods.trust_hours, periods.retire_hours,
            );
        }
        text
    }
}
