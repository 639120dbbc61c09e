//! What differs between two settings, each value as a spec writes it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Adopt, Difference, SwitchMode, WindowSettings};
use crate::lifecycle::DeletionPolicy;
use crate::{Name, Period, ValidityDays};

/// What differs, as it is found.
#[derive(Default)]
pub(super) struct Found(pub(super) Vec<Difference>);

impl Found {
    pub(super) fn compare<T: Written + PartialEq>(
        &mut self,
        field: &'static str,
        before: &T,
        after: &T,
        weakens: bool,
    ) {
        if before != after {
            self.0.push(Difference {
                field,
                before: before.written(),
                after: after.written(),
                weakens,
            });
        }
    }
}

/// A value as a spec writes it.
pub(super) trait Written {
    fn written(&self) -> String;
}

impl<T: Written> Written for Option<T> {
    fn written(&self) -> String {
        self.as_ref().map_or("none".to_owned(), Written::written)
    }
}

macro_rules! written_as_displayed {
    ($($type:ty),*) => {
        $(impl Written for $type {
            fn written(&self) -> String {
                self.to_string()
            }
        })*
    };
}

written_as_displayed!(bool, u32, ValidityDays, Period);

impl Written for SwitchMode {
    fn written(&self) -> String {
        match self {
            Self::Auto => "auto",
            Self::Hold => "hold",
        }
        .to_owned()
    }
}

impl Written for Adopt {
    fn written(&self) -> String {
        match self {
            Self::Ask => "ask",
            Self::Matching => "matching",
            Self::Never => "never",
        }
        .to_owned()
    }
}

impl Written for DeletionPolicy {
    fn written(&self) -> String {
        match self {
            Self::Delete => "delete",
            Self::Deactivate => "deactivate",
            Self::Retain => "retain",
        }
        .to_owned()
    }
}

impl Written for WindowSettings {
    fn written(&self) -> String {
        format!(
            "{} {} for {}",
            self.cron, self.timezone, self.window_duration
        )
    }
}

impl Written for Vec<WindowSettings> {
    fn written(&self) -> String {
        let all: Vec<String> = self.iter().map(Written::written).collect();
        joined(all, "; ")
    }
}

impl Written for BTreeMap<String, String> {
    fn written(&self) -> String {
        let all = self.iter().map(|(key, value)| format!("{key}={value}"));
        joined(all.collect(), ", ")
    }
}

impl Written for BTreeSet<Name> {
    fn written(&self) -> String {
        joined(self.iter().map(ToString::to_string).collect(), ", ")
    }
}

fn joined(words: Vec<String>, between: &str) -> String {
    match words.is_empty() {
        true => "none".to_owned(),
        false => words.join(between),
    }
}
