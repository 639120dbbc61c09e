//! What changes for an account as a whole; the same for many accounts is one line.

use certctl_plan::{AccountPlan, Action, BoundCertificate, Change};
use certctl_plan::{count, escape};

use super::page::Page;
use crate::alike::alike;
use crate::paint::Tone;

/// What is said of an account: as a line, and after the number of accounts of which it is said.
struct Said {
    one: String,
    many: String,
    tone: Option<Tone>,
}

impl Page<'_> {
    /// The lines, in the order of the accounts.
    pub(super) fn accounts(&self) -> Vec<String> {
        let accounts = self.plan().accounts.iter();
        let said = accounts.flat_map(|account| self.about(account));
        let groups = alike(said.map(|said| (said.many.clone(), said)).collect());
        groups.iter().filter_map(|group| self.line(group)).collect()
    }

    fn line(&self, group: &[Said]) -> Option<String> {
        let first = group.first()?;
        let line = match group.len() {
            1 => first.one.clone(),
            n => format!("{n} accounts{}", first.many),
        };
        Some(match first.tone {
            Some(tone) => self.paint.paint(tone, &line),
            None => line,
        })
    }

    fn about(&self, account: &AccountPlan) -> Vec<Said> {
        let name = &account.name;
        if !account.applyable {
            return vec![Said {
                one: format!("{name} is blocked: see the errors"),
                many: " are blocked: see the errors".to_owned(),
                tone: Some(Tone::Removes),
            }];
        }
        [self.switch(account), self.creations(account)]
            .into_iter()
            .flatten()
            .map(|(one, many)| Said {
                one: format!("{name}: {one}"),
                many: format!(": {many}"),
                tone: None,
            })
            .collect()
    }

    /// What Gateway will use, where that becomes another one; of the account, and of each of many. To
    /// adopt what is in use, or to rename it, is no switch.
    fn switch(&self, account: &AccountPlan) -> Option<(String, String)> {
        let before = account.in_use_before.as_deref();
        let after = account.in_use_after.as_deref();
        let same = self
            .plan()
            .changes_of(&account.name)
            .iter()
            .filter(|change| after == Some(change.address.to_string().as_str()))
            .any(|change| {
                let held = |held: &BoundCertificate| before == Some(held.id.as_str());
                change.certificates.iter().any(held)
                    || !change
                        .steps
                        .iter()
                        .any(|step| step.action() == Action::SetInUse)
            });
        if before == after || same {
            return None;
        }
        let prefix = format!("{}/", account.name);
        let own = |used: &str| {
            used.strip_prefix(&prefix)
                .map(|own| escape(own).into_owned())
        };
        let one = becomes(before.map(escape), after.map(escape));
        let many = becomes(
            before.map(|used| own(used).unwrap_or_else(|| "what it uses now".to_owned())),
            after.and_then(own),
        );
        Some((one, many))
    }

    /// How many certificates are created now, and how many more could be.
    fn creations(&self, account: &AccountPlan) -> Option<(String, String)> {
        let created = self
            .plan()
            .changes_of(&account.name)
            .iter()
            .filter(|change| self.creates_now(change))
            .count();
        let text = format!(
            "creates {}; Cloudflare allows {} more within 24 hours",
            count(created, "certificate"),
            account.creations_left,
        );
        (created > 0).then(|| (text.clone(), text))
    }

    fn creates_now(&self, change: &Change) -> bool {
        change
            .steps
            .iter()
            .any(|step| step.action() == Action::Create)
            && self.view.is_due(change)
    }
}

fn becomes(before: Option<impl AsRef<str>>, after: Option<impl AsRef<str>>) -> String {
    match (before, after) {
        (Some(before), Some(after)) => format!(
            "Gateway will use {} instead of {}",
            after.as_ref(),
            before.as_ref()
        ),
        (None, Some(after)) => format!(
            "Gateway will use {}; so far it uses no certificate of this account",
            after.as_ref()
        ),
        (_, None) => "Gateway will use no certificate of this account".to_owned(),
    }
}
