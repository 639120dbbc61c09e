//! Waves: who switches first, and how long the next ones wait to see that it went well.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Period;

/// One of `policy.waves`: some accounts, and how long they have to have been switched before the next
/// wave switches.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wave {
    /// The labels that an account of it has, all of them; none: whoever is in no wave before it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// How long all of its accounts have to have been switched; absent for the last wave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bake: Option<Period>,
}

impl Wave {
    /// Whether an account with these labels has all that the wave asks for.
    #[must_use]
    pub fn fits(&self, labels: &BTreeMap<String, String>) -> bool {
        let mut asked = self.labels.iter();
        asked.all(|(key, word)| labels.get(key) == Some(word))
    }

    /// In which wave an account with these labels is, counted from 0: the first that fits. The last one
    /// fits everybody.
    #[must_use]
    pub fn of(waves: &[Self], labels: &BTreeMap<String, String>) -> usize {
        let found = waves.iter().position(|wave| wave.fits(labels));
        found.unwrap_or(waves.len())
    }

    /// Whether `after` lets somebody switch sooner than `before` does.
    #[must_use]
    pub fn are_weaker(before: &[Self], after: &[Self]) -> bool {
        let kept = before.iter().zip(after).all(|(was, is)| {
            was.labels == is.labels && (was.bake.is_none() || is.bake >= was.bake)
        });
        !(before.is_empty() || kept && before.len() == after.len())
    }
}

impl fmt::Display for Wave {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.labels.is_empty() {
            return f.write_str("rest");
        }
        for (n, (key, word)) in self.labels.iter().enumerate() {
            let comma = if n == 0 { "" } else { ", " };
            write!(f, "{comma}{key}={word}")?;
        }
        match self.bake {
            Some(bake) => write!(f, " for {bake}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(labels: &[(&str, &str)], days: Option<u32>) -> Wave {
        let labels = labels
            .iter()
            .map(|(key, word)| ((*key).to_owned(), (*word).to_owned()));
        Wave {
            labels: labels.collect(),
            bake: days.map(Period::days),
        }
    }

    #[test]
    fn the_first_wave_that_fits_has_the_account() {
        let waves = [
            wave(&[("tier", "canary")], Some(3)),
            wave(&[("tier", "early"), ("region", "emea")], Some(7)),
            wave(&[], None),
        ];
        for (labels, expected) in [
            (&[("tier", "canary"), ("region", "emea")][..], 0),
            (&[("tier", "early"), ("region", "emea")], 1),
            (&[("tier", "early")], 2),
            (&[], 2),
        ] {
            assert_eq!(Wave::of(&waves, &wave(labels, None).labels), expected);
        }
    }

    #[test]
    fn a_shorter_bake_and_another_order_are_weaker() {
        let canary = |days| wave(&[("tier", "canary")], Some(days));
        let rest = || wave(&[], None);
        let before = [canary(3), rest()];
        assert!(!Wave::are_weaker(&before, &before));
        assert!(!Wave::are_weaker(&before, &[canary(4), rest()]));
        assert!(Wave::are_weaker(&before, &[canary(2), rest()]));
        assert!(Wave::are_weaker(&before, &[]));
        assert!(!Wave::are_weaker(&[], &before));
    }
}
