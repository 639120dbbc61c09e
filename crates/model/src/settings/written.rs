//! What differs between two settings, each value as a spec writes it.

use std::collections::{BTreeMap, BTreeSet};

use crate::lifecycle::DeletionPolicy;
use crate::{Custom, LastResort, Name, Period, TrustEvidence, ValidityDays};

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its path in a spec, such as `rotation.trust_period`.
    pub field: &'static str,
    /// What was accepted, as a spec writes it; `none` where it was left out.
    pub before: String,
    /// What is declared.
    pub after: String,
    /// Whether it takes safety away: a shorter period, a renewal or `in_use` that is no longer
    /// declared, a protection or a limit that is lifted.
    pub weakens: bool,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}`: {} -> {}", self.field, self.before, self.after)
    }
}

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

written_as_displayed!(bool, u32, ValidityDays, Period, LastResort, TrustEvidence);

impl Written for Custom {
    fn written(&self) -> String {
        match self {
            Self::Id(id) => id.to_string(),
            // Enough of it to compare; a spec names a file.
            Self::Own(content) => {
                let start: String = content.to_string().chars().take(23).collect();
                format!("SHA-256 {start}…")
            }
        }
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

pub(super) fn joined(words: Vec<String>, between: &str) -> String {
    match words.is_empty() {
        true => "none".to_owned(),
        false => words.join(between),
    }
}
