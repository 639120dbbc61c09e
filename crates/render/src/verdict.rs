//! What a plan comes to, in one line: what happens, to how many, who notices.

use super::steps::View;
use super::words;
use certctl_plan::{BlastRadius, Change, ChangeKind};
use certctl_plan::{count, list};

impl View<'_> {
    /// The changes that can be carried out: those of accounts without errors, that have a step or
    /// wait for one.
    fn planned(&self) -> impl Iterator<Item = &Change> {
        self.plan.changes.iter().filter(|change| {
            change.kind != ChangeKind::NoOp
                && !(change.steps.is_empty() && change.waiting.is_none())
                && !self.is_blocked(change)
        })
    }

    /// Whether an error keeps this change from being carried out.
    pub(crate) fn is_blocked(&self, change: &Change) -> bool {
        self.account(change)
            .is_some_and(|account| !account.applyable)
    }

    /// One line, ended by a full stop.
    pub(crate) fn verdict(&self) -> String {
        let planned: Vec<&Change> = self.planned().collect();
        let due = planned.iter().filter(|change| self.is_due(change)).count();
        let waiting = self.waiting();
        let mut parts = Vec::new();
        match (planned.is_empty(), due) {
            (true, _) if waiting > 0 => {
                parts.push(format!("Nothing is due now; {}", waits(waiting)))
            }
            (true, _) if self.plan.applyable => parts.push(self.nothing()),
            (true, _) => parts.push("Nothing can be done".to_owned()),
            (false, 0) => {
                parts.push(format!("Nothing is due now; {}", waits(waiting)));
                parts.push(reach(&planned));
            }
            (false, _) if planned.iter().all(|change| change.only_remembers()) => {
                parts.push("certctl will only remember what it saw".to_owned());
            }
            (false, _) => {
                parts.push(format!("certctl will {}", counted_changes(&planned)));
                parts.push(reach(&planned));
                if waiting > 0 {
                    parts.push(waits(waiting));
                }
            }
        }
        let blocked = words::blocked(self.plan).len();
        if blocked > 0 {
            let verb = if blocked == 1 { "is" } else { "are" };
            parts.push(format!(
                "{} {verb} blocked by errors",
                count(blocked, "account")
            ));
        } else if !self.plan.applyable {
            parts.push("errors stand in the way".to_owned());
        }
        format!("{}.", parts.join("; "))
    }

    /// How many changes wait.
    pub(crate) fn waiting(&self) -> usize {
        self.plan
            .changes
            .iter()
            .filter(|c| c.waiting.is_some())
            .count()
    }

    fn nothing(&self) -> String {
        let same = words::how_many(self.plan, ChangeKind::NoOp);
        match same {
            0 => "No changes. Nothing is declared".to_owned(),
            1 => "No changes. 1 certificate is as declared".to_owned(),
            n => format!("No changes. {n} certificates are as declared"),
        }
    }
}

/// `1 waits`, `2 wait`.
pub(crate) fn waits(n: usize) -> String {
    if n == 1 {
        "1 waits".to_owned()
    } else {
        format!("{n} wait")
    }
}

/// `create 2 and replace 1 certificate in 2 accounts`.
fn counted_changes(planned: &[&Change]) -> String {
    let mut counted: Vec<(ChangeKind, usize)> = Vec::new();
    for kind in ChangeKind::ALL {
        let n = planned
            .iter()
            .filter(|change| change.kind == kind && !change.only_remembers())
            .count();
        if n > 0 {
            counted.push((kind, n));
        }
    }
    let last = counted.len().saturating_sub(1);
    let counted: Vec<String> = counted
        .iter()
        .enumerate()
        .map(|(n, (kind, how_many))| {
            let what = if n == last {
                count(*how_many, "certificate")
            } else {
                how_many.to_string()
            };
            format!("{} {what}", kind.as_str())
        })
        .collect();
    let mut accounts: Vec<_> = planned.iter().map(|c| &c.address.account).collect();
    accounts.dedup();
    match accounts.as_slice() {
        [only] => format!("{} in account {only}", list(&counted)),
        several => format!("{} in {} accounts", list(&counted), several.len()),
    }
}

/// Who notices: `nobody notices`, or how many reach whom.
fn reach(planned: &[&Change]) -> String {
    let reaching = |radius| planned.iter().filter(|c| c.blast_radius == radius).count();
    let reaches: Vec<String> = [BlastRadius::Everybody, BlastRadius::UnsyncedDevices]
        .into_iter()
        .map(|radius| (radius, reaching(radius)))
        .filter(|(_, n)| *n > 0)
        .map(|(radius, n)| {
            let verb = if n == 1 { "affects" } else { "affect" };
            format!("{n} {verb} {}", words::radius(radius))
        })
        .collect();
    if reaches.is_empty() {
        "nobody notices".to_owned()
    } else {
        list(&reaches)
    }
}

#[cfg(test)]
mod tests {
    use certctl_model::{Code, Diagnostic};

    use super::*;
    use crate::fixture;

    fn verdict(changes: Vec<Change>) -> String {
        View::new(&fixture::plan(changes)).verdict()
    }

    #[test]
    fn a_verdict_says_what_to_how_many_and_who_notices() {
        assert_eq!(
            verdict(vec![fixture::create("acme/a")]),
            "certctl will create 1 certificate in account acme; nobody notices."
        );
        assert_eq!(
            verdict(vec![
                fixture::create("acme/a"),
                fixture::create("beta/a"),
                fixture::replace_in_use(),
                fixture::delete("beta/c"),
            ]),
            "certctl will create 2, replace 1 and delete 1 certificate in 2 accounts; \
             1 affects devices that have not synced yet."
        );
        assert_eq!(
            verdict(vec![fixture::waits_for_trust()]),
            "Nothing is due now; 1 waits; 1 affects devices that have not synced yet."
        );
        assert_eq!(
            verdict(vec![fixture::no_op("acme/a"), fixture::no_op("acme/b")]),
            "No changes. 2 certificates are as declared."
        );
    }

    #[test]
    fn a_blocked_account_is_not_counted_as_work() {
        let error =
            Diagnostic::error(Code::AdoptAsk, "is it this one?").account(&"acme".parse().unwrap());
        let plan = fixture::plan_with(vec![fixture::create("acme/a")], vec![error]);
        assert_eq!(
            View::new(&plan).verdict(),
            "Nothing can be done; 1 account is blocked by errors."
        );
    }
}
