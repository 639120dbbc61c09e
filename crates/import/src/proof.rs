//! Whether a text that was extended says what it said before, and what was added, and nothing else.

use std::collections::BTreeMap;

use certctl_model::{AccountId, CertificateId, Name, ValidityDays};
use certctl_spec::{Import, Spec};

use crate::tree::{Kind, Node};

/// What was to be added.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    accounts: BTreeMap<AccountId, Vec<Certificate>>,
    /// The lines, for whoever has to add them by hand.
    lines: Vec<String>,
}

/// One certificate that was to be added.
#[derive(Debug, Clone)]
pub(crate) struct Certificate {
    pub(crate) name: Name,
    pub(crate) id: CertificateId,
    pub(crate) days: Option<ValidityDays>,
    pub(crate) in_use: bool,
}

impl Expected {
    /// Certificates of an account that was there before.
    pub(crate) fn extended(&mut self, id: &AccountId, added: Vec<Certificate>, lines: Vec<String>) {
        self.lines.push(format!("# to the account {id}:"));
        self.account(id, added, lines);
    }

    /// A new account.
    pub(crate) fn account(&mut self, id: &AccountId, added: Vec<Certificate>, lines: Vec<String>) {
        self.accounts.insert(id.clone(), added);
        self.lines.extend(lines);
    }

    pub(crate) fn lines(&self) -> String {
        let mut text = self.lines.join("\n");
        text.push('\n');
        text
    }
}

/// Whether the new text is the old one and what was expected.
pub(crate) fn holds(old: Option<&Node>, new: &str, spec: &Spec, expected: &Expected) -> bool {
    let kept = match (old, Node::parse(new)) {
        (Some(old), Some(new)) => is_kept(old, &new),
        _ => false,
    };
    kept && expected.accounts.iter().all(|(id, added)| {
        let account = spec.accounts.iter().find(|a| a.account_id == *id);
        account.is_some_and(|account| {
            let declared = |wanted| is_declared(account, wanted);
            added.iter().all(declared)
        })
    })
}

fn is_declared(account: &certctl_spec::Account, wanted: &Certificate) -> bool {
    account.certificate(&wanted.name).is_some_and(|found| {
        found.import == Some(Import::Id(wanted.id.clone()))
            && found.validity_period_days == wanted.days
            && found.in_use == wanted.in_use.then_some(true)
            && found.activate == wanted.in_use.then_some(true)
    })
}

/// Whether everything that the old tree says stands in the new one, in the same order, and the rest
/// are items at the end of `accounts` or of the `certificates` of an account.
fn is_kept(old: &Node, new: &Node) -> bool {
    let (Kind::Map(old), Kind::Map(new)) = (&old.kind, &new.kind) else {
        return false;
    };
    let added_key = match new.get(old.len()..) {
        Some([]) => true,
        Some([(key, _)]) => is_key(key, "accounts"),
        _ => false,
    };
    added_key
        && old
            .iter()
            .zip(new)
            .all(|((key, value), (new_key, new_value))| {
                key.says(new_key)
                    && if is_key(key, "accounts") {
                        grown(value, new_value, account_is_kept)
                    } else {
                        value.says(new_value)
                    }
            })
}

fn account_is_kept(old: &Node, new: &Node) -> bool {
    let (Kind::Map(old), Kind::Map(new)) = (&old.kind, &new.kind) else {
        return old.says(new);
    };
    old.len() == new.len()
        && old
            .iter()
            .zip(new)
            .all(|((key, value), (new_key, new_value))| {
                key.says(new_key)
                    && if is_key(key, "certificates") {
                        grown(value, new_value, Node::says)
                    } else {
                        value.says(new_value)
                    }
            })
}

/// Whether a list is the old one with items at its end.
fn grown(old: &Node, new: &Node, same: impl Fn(&Node, &Node) -> bool) -> bool {
    match (old.items(), new.items()) {
        (Some(old), Some(new)) => {
            old.len() <= new.len() && old.iter().zip(new).all(|(old, new)| same(old, new))
        }
        _ => old.says(new),
    }
}

fn is_key(node: &Node, name: &str) -> bool {
    matches!(&node.kind, Kind::Scalar(key) if key == name)
}
