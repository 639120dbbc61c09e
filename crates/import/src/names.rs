//! Names for what has none.
//!
//! *Invariants*: a name depends on the thing alone (its type, validity and age), so that it does not
//! change with what else exists; only a name that is taken gets a number.

use std::collections::BTreeSet;

use certctl_model::{AccountId, Name};

use crate::found::Item;

/// The longest name that leaves room for a number.
const LONGEST: usize = 58;

/// The names that are taken in one scope.
#[derive(Debug, Clone, Default)]
pub(crate) struct Taken(BTreeSet<String>);

impl Taken {
    pub(crate) fn of<'n>(names: impl IntoIterator<Item = &'n Name>) -> Self {
        Self(names.into_iter().map(ToString::to_string).collect())
    }

    /// Further names that are taken.
    pub(crate) fn add<'n>(&mut self, names: impl IntoIterator<Item = &'n Name>) {
        self.0.extend(names.into_iter().map(ToString::to_string));
    }

    /// The first of `base`, `base-2`, `base-3` … that is free; it is taken then.
    pub(crate) fn take(&mut self, base: &str) -> String {
        let mut name = base.to_owned();
        let mut number = 1_u32;
        while !self.0.insert(name.clone()) {
            number += 1;
            name = format!("{base}-{number}");
        }
        name
    }
}

/// What a certificate could be called: `gateway-5y-2025-03-18`.
pub(crate) fn certificate(item: &Item) -> String {
    if let Some(name) = &item.name {
        return slug(name.as_str()).unwrap_or_else(|| name.to_string());
    }
    let span = match item.days.map(|days| days.days()) {
        Some(days) => format!("-{}", span(days)),
        None => String::new(),
    };
    let age = match item.created {
        Some(created) => created.strftime("%Y-%m-%d").to_string(),
        None => item.id.as_str().chars().take(8).collect(),
    };
    format!("gateway{span}-{age}")
}

/// What an account could be called: by its own name, else by its id.
pub(crate) fn account(label: Option<&str>, id: &AccountId) -> String {
    label.and_then(slug).unwrap_or_else(|| {
        let short: String = id.as_str().chars().take(8).collect();
        format!("account-{short}")
    })
}

/// `5y` for what is five years, of 365 days or as calendars have them, give or take a day; else days.
fn span(days: u32) -> String {
    let years = (days + 1) / 365;
    let longest = (1461 * years).div_ceil(4) + 1;
    if years > 0 && days <= longest {
        format!("{years}y")
    } else {
        format!("{days}d")
    }
}

/// A text as a name: its ASCII letters and digits, what is between them as `-`.
pub(crate) fn slug(text: &str) -> Option<String> {
    let mut slug = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(LONGEST);
    slug.truncate(slug.trim_end_matches('-').len());
    (!slug.is_empty()).then_some(slug)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_validity_is_told_in_years_where_it_is_years() {
        for (days, told) in [
            (1, "1d"),
            (90, "90d"),
            (364, "1y"),
            (365, "1y"),
            (366, "1y"),
            (367, "1y"),
            (368, "368d"),
            (730, "2y"),
            (1825, "5y"),
            (1826, "5y"),
            (1827, "5y"),
            (3650, "10y"),
            (3653, "10y"),
            (10_950, "30y"),
        ] {
            assert_eq!(span(days), told, "{days}");
        }
    }

    #[test]
    fn any_text_gives_a_name_or_none() {
        for (text, name) in [
            ("Acme Corp. (EMEA)", Some("acme-corp-emea")),
            ("inspection", Some("inspection")),
            ("  --  ", None),
            ("株式会社", None),
            ("Müller & Söhne", Some("m-ller-s-hne")),
        ] {
            assert_eq!(slug(text).as_deref(), name, "{text}");
        }
        let long = slug(&"ab-".repeat(50)).unwrap();
        assert!(long.len() <= LONGEST && !long.ends_with('-'), "{long}");
    }

    #[test]
    fn what_is_taken_gets_a_number() {
        let mut taken = Taken::default();
        assert_eq!(taken.take("a"), "a");
        assert_eq!(taken.take("a"), "a-2");
        assert_eq!(taken.take("a"), "a-3");
    }
}
