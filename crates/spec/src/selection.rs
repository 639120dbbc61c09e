//! Which accounts a command works on.
//!
//! An account is selected when one of the patterns fits its name, and, for each key that labels are asked
//! for, one of the words asked for is its own. No pattern: every name fits; no label: every label does.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use certctl_model::Name;

use crate::labels;

/// A part of a selection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// Accounts of such a name.
    Account(Pattern),
    /// Accounts with such a label.
    Label(Label),
}

/// A name, or a pattern with `*` for any characters: `emea-*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(String);

/// A label's key and its word: `tier=canary`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    key: String,
    value: String,
}

/// An account that is left out of a spec, because a variable in it is not set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unset {
    /// Its name; `None`: that is what is not known.
    pub name: Option<Name>,
    /// Its labels; `None`: likewise.
    pub labels: Option<BTreeMap<String, String>>,
}

impl Unset {
    /// Whether it may be one that is selected.
    #[must_use]
    pub fn may_be(&self, selectors: &[Selector]) -> bool {
        match (&self.name, &self.labels) {
            (Some(name), Some(labels)) => selects(selectors, name, labels),
            _ => true,
        }
    }
}

/// Whether an account of this name, with these labels, is selected.
#[must_use]
pub fn selects(selectors: &[Selector], name: &Name, labels: &BTreeMap<String, String>) -> bool {
    let mut patterns = selectors.iter().filter_map(|selector| match selector {
        Selector::Account(pattern) => Some(pattern),
        Selector::Label(_) => None,
    });
    let asked = || {
        selectors.iter().filter_map(|selector| match selector {
            Selector::Label(label) => Some(label),
            Selector::Account(_) => None,
        })
    };
    let named = match patterns.next() {
        None => true,
        Some(first) => first.fits(name) || patterns.any(|pattern| pattern.fits(name)),
    };
    let has = |label: &Label| labels.get(&label.key) == Some(&label.value);
    let labelled = |label: &Label| asked().any(|other| other.key == label.key && has(other));
    named && asked().all(labelled)
}

impl Pattern {
    /// Whether the name is like this.
    #[must_use]
    pub fn fits(&self, name: &Name) -> bool {
        fits(&self.0, name.as_str())
    }

    /// Whether it is a name alone.
    #[must_use]
    pub fn is_name(&self) -> bool {
        !self.0.contains('*')
    }
}

/// In time proportional to the product of both lengths, which are short: the last `*` takes what is left.
fn fits(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let Some(last) = pieces.next_back() else {
        return rest.is_empty();
    };
    for piece in pieces {
        match rest.split_once(piece) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

impl FromStr for Pattern {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let fits = (1..=63).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'*');
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(
                "an account's name has 1 to 63 of the characters a-z, 0-9 and -; * stands for any of them",
            )
        }
    }
}

impl FromStr for Label {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text.split_once('=') {
            Some((key, value)) if labels::is_key(key) && labels::is_value(value) => Ok(Self {
                key: key.to_owned(),
                value: value.to_owned(),
            }),
            _ => Err("a label has the form KEY=VALUE, as in tier=canary"),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.key, self.value)
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(pattern) => pattern.fmt(f),
            Self::Label(label) => label.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selected(selectors: &[&str], name: &str, labels: &[(&str, &str)]) -> bool {
        let selectors: Vec<_> = selectors
            .iter()
            .map(|text| match text.contains('=') {
                true => Selector::Label(text.parse().unwrap()),
                false => Selector::Account(text.parse().unwrap()),
            })
            .collect();
        let labels = labels
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        selects(&selectors, &name.parse().unwrap(), &labels.collect())
    }

    #[test]
    fn names_are_selected_by_patterns() {
        for (pattern, name, expected) in [
            ("acme", "acme", true),
            ("acme", "acme-lab", false),
            ("acme*", "acme", true),
            ("emea-*", "emea-acme", true),
            ("emea-*", "apac-emea-acme", false),
            ("*-lab", "acme-lab", true),
            ("*-lab", "acme-lab-2", false),
            ("*a*b*", "xaxbx", true),
            ("*a*b*", "xbxax", false),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("a*ab*b", "aabb", true),
            ("a*ab*b", "aab", false),
            ("*", "anything", true),
        ] {
            assert_eq!(
                selected(&[pattern], name, &[]),
                expected,
                "{pattern} {name}"
            );
        }
        assert!(selected(&["a", "b*"], "bc", &[]));
        assert!(selected(&[], "bc", &[]));
        for bad in ["", "Acme", "a/b", "emea_*", "a?"] {
            assert!(bad.parse::<Pattern>().is_err(), "{bad}");
        }
    }

    #[test]
    fn labels_narrow_and_words_of_one_key_widen() {
        let labels = [("tier", "canary"), ("region", "emea")];
        for (selectors, expected) in [
            (&["tier=canary"][..], true),
            (&["tier=early"], false),
            (&["tier=early", "tier=canary"], true),
            (&["tier=canary", "region=emea"], true),
            (&["tier=canary", "region=apac"], false),
            (&["acme", "tier=canary"], true),
            (&["other", "tier=canary"], false),
            (&["stage=x"], false),
        ] {
            assert_eq!(
                selected(selectors, "acme", &labels),
                expected,
                "{selectors:?}"
            );
        }
        for bad in ["tier", "=x", "tier=", "-x=y"] {
            assert!(bad.parse::<Label>().is_err(), "{bad}");
        }
        assert_eq!("a=b=c".parse::<Label>().unwrap().to_string(), "a=b=c");
    }
}
