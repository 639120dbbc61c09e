//! What a file's `defaults` would give to what is added to it.
//!
//! What exists is declared as it is: where a default says otherwise, the declaration says `null`, so
//! that taking it over changes nothing.

use certctl_model::{Period, Timestamp};

use crate::found::Item;
use crate::lines::{Declaration, scalar};
use crate::tree::{Kind, Node};

/// The defaults of a file, as far as they matter here.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Inherited {
    validity: bool,
    activate: bool,
    in_use: bool,
    renewal: Option<Renewal>,
}

/// `defaults.rotation.renew_before`.
#[derive(Debug, Clone, Copy)]
enum Renewal {
    Before(Period),
    /// Not written out here: a variable, an alias.
    Unknown,
}

impl Inherited {
    pub(crate) fn read(root: Option<&Node>) -> Self {
        let Some(defaults) = root.and_then(|root| root.get("defaults")) else {
            return Self::default();
        };
        if matches!(defaults.kind, Kind::Alias) {
            return Self {
                validity: true,
                activate: true,
                in_use: true,
                renewal: Some(Renewal::Unknown),
            };
        }
        let has = |key| defaults.get(key).is_some();
        let renewal = defaults.get("rotation").and_then(|rotation| {
            if matches!(rotation.kind, Kind::Alias) {
                return Some(Renewal::Unknown);
            }
            let value = rotation.get("renew_before")?;
            Some(match &value.kind {
                Kind::Scalar(text) => text.parse().map_or(Renewal::Unknown, Renewal::Before),
                _ => Renewal::Unknown,
            })
        });
        Self {
            validity: has("validity_period_days"),
            activate: has("activate"),
            in_use: has("in_use"),
            renewal,
        }
    }

    /// A certificate as it is, with what has to be said about that.
    pub(crate) fn declare(
        &self,
        item: &Item,
        name: &str,
        in_use: bool,
        now: Timestamp,
    ) -> (Declaration, Vec<String>) {
        let (mut keys, mut notes) = (Vec::new(), Vec::new());
        match item.days {
            Some(days) => keys.push(("validity_period_days", days.to_string())),
            None => {
                notes.push("How many days it is valid is not known, so it is not declared.".into());
                if self.validity {
                    keys.push(("validity_period_days", "null".to_owned()));
                }
            }
        }
        if self.activate {
            keys.push(("activate", "null".to_owned()));
        }
        if in_use {
            keys.push(("in_use", "true".to_owned()));
        } else if self.in_use {
            keys.push(("in_use", "null".to_owned()));
        }
        if self.would_renew(item, now) {
            notes.push(
                "The default `renew_before` would renew it at once, so it is not inherited; remove \
                 `rotation` to have that."
                    .to_owned(),
            );
            keys.push(("rotation", "{ renew_before: null }".to_owned()));
        }
        keys.push(("import", scalar(item.id.as_str())));
        let declaration = Declaration {
            name: scalar(name),
            keys,
        };
        (declaration, notes)
    }

    /// Whether the inherited `renew_before` leads to a renewal now, or does not fit the validity.
    fn would_renew(&self, item: &Item, now: Timestamp) -> bool {
        match (self.renewal, item.expires, item.days) {
            (None, ..) => false,
            (Some(Renewal::Before(before)), Some(expires), Some(days)) => {
                // A day more than needed: a renewal soon after the import surprises as well.
                Period::DAY.after(now) >= before.before(expires)
                    || before >= Period::days(days.days())
            }
            (Some(_), ..) => true,
        }
    }
}
