//! What is missing in a spec, and where it goes in the text.

use std::collections::BTreeSet;

use certctl_model::{AccountState, Address, CertificateId, Name, Place};
use certctl_spec::{Account, Import, Spec};

use crate::extension::{Added, Extension, Refusal, Surroundings};
use crate::found::{Found, Item, Usage};
use crate::inherited::Inherited;
use crate::insert::{Edit, Items, into_list, lines, stays_flow};
use crate::lines::{self as wording, scalar};
use crate::names::{self, Taken};
use crate::proof::{self, Expected};
use crate::tree::{Kind, Node};
use crate::verdict::{Verdict, verdict};

/// What is missing in one text.
pub(crate) struct Missing<'a> {
    text: &'a str,
    spec: &'a Spec,
    root: Option<&'a Node>,
    inherited: Inherited,
    around: &'a Surroundings<'a>,
    /// What earlier accounts of this run have named already.
    mentioned: BTreeSet<CertificateId>,
}

/// What to change, what is new then, and what proves it.
type Changes = (Vec<Edit>, Extension, Expected);

impl<'a> Missing<'a> {
    pub(crate) fn new(
        text: &'a str,
        spec: &'a Spec,
        root: Option<&'a Node>,
        around: &'a Surroundings<'a>,
    ) -> Self {
        Self {
            text,
            spec,
            root,
            inherited: Inherited::read(root),
            around,
            mentioned: BTreeSet::new(),
        }
    }

    /// What to change in the text.
    pub(crate) fn find(mut self, found: &[Found]) -> Result<Changes, Refusal> {
        let mut extension = Extension {
            text: String::new(),
            declared: Vec::new(),
            remarked: Vec::new(),
            accounts: Vec::new(),
            warnings: Vec::new(),
        };
        let (mut edits, mut expected) = (Vec::new(), Expected::default());
        let known = || self.spec.accounts.iter().chain(&self.spec.suspended);
        let mut names = Taken::of(known().map(|account| &account.name));
        let mut new_accounts = Items::default();
        let mut found: Vec<&Found> = found.iter().collect();
        found.sort_by(|a, b| a.account_id.cmp(&b.account_id));
        for found in found {
            let account = known().find(|account| account.account_id == found.account_id);
            if let Some(account) = account.filter(|account| account.suspended) {
                extension.warnings.push(format!(
                    "the account {} is suspended in the spec: nothing was added to it",
                    account.name
                ));
                continue;
            }
            let name = match account {
                Some(account) => account.name.to_string(),
                None => names.take(&names::account(found.label.as_deref(), &found.account_id)),
            };
            let (items, added) = self.items(found, account, &name, &mut extension);
            match account {
                Some(_) if items.block.is_empty() => {}
                Some(account) => {
                    edits.extend(self.extend_account(account, &items)?);
                    expected.extended(&account.account_id, added, items.block);
                }
                None => {
                    let whole = whole_account(found, &name, &items);
                    new_accounts.block.extend(whole.block.iter().cloned());
                    new_accounts.flow.extend(whole.flow);
                    expected.account(&found.account_id, added, whole.block);
                    extension.accounts.extend(name.parse().ok());
                }
            }
        }
        if !new_accounts.block.is_empty() {
            edits.extend(self.add_accounts(&new_accounts)?);
        }
        Ok((edits, extension, expected))
    }

    /// What is missing of one account, and the names under which it is declared.
    fn items(
        &mut self,
        found: &Found,
        account: Option<&Account>,
        name: &str,
        extension: &mut Extension,
    ) -> (Items, Vec<proof::Certificate>) {
        let (mut items, mut added) = (Items::default(), Vec::new());
        let declared = account.map_or(&[][..], |account| &account.certificates);
        let mut taken = Taken::of(declared.iter().map(|certificate| &certificate.name));
        let state = self.around.states.get(&found.account_id);
        taken.add(state.iter().flat_map(|state| state.certificates.keys()));
        let mut missing: Vec<&Item> = found
            .items
            .iter()
            .filter(|item| !self.is_declared(&item.id, state))
            .collect();
        missing.sort_by_key(|item| {
            let idle = verdict(item, found.origin, self.around.now) != Verdict::Declare;
            (idle, item.usage, item.created, item.id.clone())
        });
        let other = declared.iter().find(|c| c.in_use == Some(true));
        let takes_comments = self.takes_comments(account);
        for item in missing {
            match verdict(item, found.origin, self.around.now) {
                Verdict::Declare => {
                    let in_use = item.usage == Usage::InUse && other.is_none();
                    let certificate = taken.take(&names::certificate(item));
                    let (declaration, mut notes) =
                        self.inherited
                            .declare(item, &certificate, in_use, self.around.now);
                    if let (Usage::InUse, Some(other)) = (item.usage, other) {
                        notes.push(format!(
                            "`in_use` is not declared here, as `{}` has it: the next apply switches Gateway to that one.",
                            other.name
                        ));
                    }
                    items.flow.push(declaration.flow());
                    items
                        .block
                        .extend(wording::declared(item, &declaration, &notes));
                    if let (Ok(account), Ok(certificate)) = (name.parse(), certificate.parse()) {
                        let address = Address {
                            account,
                            certificate,
                        };
                        added.push(proof::Certificate {
                            name: address.certificate.clone(),
                            id: item.id.clone(),
                            days: item.days,
                            in_use,
                        });
                        extension.declared.push(Added {
                            address,
                            id: item.id.clone(),
                            in_use,
                        });
                    }
                }
                Verdict::Remark { why, manageable } => {
                    if !self.mentioned.insert(item.id.clone())
                        || self.text.contains(item.id.as_str())
                    {
                        continue;
                    }
                    if !takes_comments {
                        // Nothing of it stands in the file, so each run says it.
                        extension
                            .warnings
                            .push(format!("not declared: {} {why}", item.id));
                        continue;
                    }
                    let offer = manageable.then(|| {
                        let certificate = taken.take(&names::certificate(item));
                        self.inherited
                            .declare(item, &certificate, false, self.around.now)
                            .0
                    });
                    items
                        .block
                        .extend(wording::remark(item, &why, offer.as_ref()));
                    extension.remarked.push(item.id.clone());
                }
            }
        }
        if !added.is_empty() {
            extension.warnings.extend(unbound(declared, account, state));
        }
        (items, added)
    }

    /// Whether the spec imports it, or the state binds it.
    fn is_declared(&self, id: &CertificateId, state: Option<&AccountState>) -> bool {
        let imports = |certificate: &certctl_spec::Certificate| matches!(&certificate.import, Some(Import::Id(imported)) if imported == id);
        let certificates = self.spec.accounts.iter().flat_map(|a| &a.certificates);
        certificates.into_iter().any(imports)
            || state.is_some_and(|state| state.binding(id).is_some())
    }

    fn extend_account(&self, account: &Account, items: &Items) -> Result<Vec<Edit>, Refusal> {
        let (key, list) = self.list_of(account).ok_or_else(|| Refusal::NoPlace {
            why: format!(
                "the certificates of the account `{}` (line {}) are not written as a list of its own",
                account.name, account.place.line
            ),
            lines: joined(&items.block),
        })?;
        Ok(into_list(self.text, &key, list, items))
    }

    /// The list of an account's certificates, and its key.
    fn list_of(&self, account: &Account) -> Option<(Node, &Node)> {
        let accounts = self.root?.get("accounts")?.items()?;
        let node = accounts.iter().find(|node| {
            node.get("name")
                .is_some_and(|name| stands_at(name, &account.place))
        });
        list_in(node, "certificates")
    }

    /// Whether comments have a line of their own where the certificates of this account go.
    fn takes_comments(&self, account: Option<&Account>) -> bool {
        let list = match account {
            Some(account) => self.list_of(account),
            None => list_in(self.root, "accounts"),
        };
        list.is_none_or(|(key, list)| !stays_flow(self.text, &key, list))
    }

    fn add_accounts(&self, items: &Items) -> Result<Vec<Edit>, Refusal> {
        let Some(root) = self.root else {
            return Err(Refusal::NoPlace {
                why: "the file declares nothing, not even `version: 1`".to_owned(),
                lines: joined(&items.block),
            });
        };
        match list_in(Some(root), "accounts") {
            Some((key, list)) => Ok(into_list(self.text, &key, list, items)),
            None if entry(root, "accounts").is_none() && !root.place.flow => {
                let mut block = vec!["accounts:".to_owned()];
                block.extend(items.block.iter().map(|line| format!("  {line}")));
                Ok(vec![lines(self.text, self.text.len(), 0, &block)])
            }
            _ => Err(Refusal::NoPlace {
                why: "`accounts` is not written as a list of its own".to_owned(),
                lines: joined(&items.block),
            }),
        }
    }
}

/// A list that is written out in a mapping, and its key, as one that stands in a mapping of that style.
fn list_in<'n>(parent: Option<&'n Node>, name: &str) -> Option<(Node, &'n Node)> {
    let parent = parent?;
    let (key, list) = entry(parent, name)?;
    let mut key = key.clone();
    key.place.flow = parent.place.flow;
    list.items().is_some().then_some((key, list))
}

fn entry<'n>(node: &'n Node, name: &str) -> Option<(&'n Node, &'n Node)> {
    let Kind::Map(entries) = &node.kind else {
        return None;
    };
    entries
        .iter()
        .find(|(key, _)| matches!(&key.kind, Kind::Scalar(key) if key == name))
        .map(|(key, value)| (key, value))
}

fn stands_at(node: &Node, place: &Place) -> bool {
    u32::try_from(node.place.line) == Ok(place.line)
        && u32::try_from(node.place.column + 1) == Ok(place.column)
}

fn whole_account(found: &Found, name: &str, items: &Items) -> Items {
    let mut block = wording::account(found, name);
    let list = items.flow.join(", ");
    let flow = format!(
        "{{ name: {}, account_id: {}, certificates: [{list}] }}",
        scalar(name),
        scalar(found.account_id.as_str())
    );
    if items.flow.is_empty() {
        block.push("  certificates: []".to_owned());
    } else {
        block.push("  certificates:".to_owned());
    }
    block.extend(items.block.iter().map(|line| format!("    {line}")));
    Items {
        block,
        flow: vec![flow],
    }
}

/// What is declared and bound to nothing may be one of those that were just declared beside it.
fn unbound(
    declared: &[certctl_spec::Certificate],
    account: Option<&Account>,
    state: Option<&AccountState>,
) -> Vec<String> {
    let bound = |name: &Name| {
        let entry = state.and_then(|state| state.certificates.get(name));
        entry.is_some_and(|entry| !entry.bindings.is_empty())
    };
    let open = declared
        .iter()
        .filter(|certificate| certificate.import.is_none() && !bound(&certificate.name));
    let warn = |certificate: &certctl_spec::Certificate| {
        account.map(|account| {
            format!(
                "{} was declared before, has no `import` and is bound to nothing: the next apply \
                 creates it. If it is one of the certificates that were added, move the line \
                 `import:` to it and remove the added entry",
                account.address(&certificate.name)
            )
        })
    };
    open.filter_map(warn).collect()
}

fn joined(lines: &[String]) -> String {
    let mut text = lines.join("\n");
    text.push('\n');
    text
}
