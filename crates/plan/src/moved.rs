//! What moved between the plan that was reviewed and the one made afresh, in words.
//!
//! Compared is what a digest covers, and no more: what an address becomes, its steps, its fields, the
//! certificates it holds, what is in use. Times of observation are not part of it.

use std::collections::BTreeSet;

use certctl_model::{Address, Name};

use crate::account::AccountPlan;
use crate::change::{Change, ChangeKind};
use crate::diff::{Mark, diff};
use crate::fields;
use crate::operation::Action;
use crate::plan::Plan;
use crate::text::{escape, time};

/// What moved in one account, a line each; never empty, for it is asked where digests differ.
#[must_use]
pub fn moved(saved: &Plan, fresh: &Plan, account: &Name) -> Vec<String> {
    let mut lines = Vec::new();
    match (saved.account(account), fresh.account(account)) {
        (Some(before), Some(after)) => {
            lines.extend(differ(
                "",
                &facts_of_account(saved, before),
                &facts_of_account(fresh, after),
            ));
        }
        (Some(_), None) => lines.push(format!("account {account} is no longer declared")),
        (None, Some(_)) => lines.push(format!("account {account} was not part of the plan")),
        (None, None) => {}
    }
    let (before, after) = (saved.changes_of(account), fresh.changes_of(account));
    let addresses: BTreeSet<&Address> = before.iter().chain(after).map(|c| &c.address).collect();
    for address in addresses {
        let of = |changes: &[Change]| {
            let mut changes = changes.iter();
            changes.find(|change| change.address == *address).map(facts)
        };
        match (of(before), of(after)) {
            (Some(before), Some(after)) => {
                lines.extend(differ(&format!("{address}: "), &before, &after));
            }
            (Some(_), None) => {
                lines.push(format!("{address}: is neither declared nor bound any more"))
            }
            (None, after) => {
                lines.push(format!("{address}: was not part of the plan"));
                lines.extend(differ(
                    &format!("{address}: "),
                    &[],
                    &after.unwrap_or_default(),
                ));
            }
        }
    }
    if lines.is_empty() {
        lines.push(format!(
            "the digest of account {account} differs, though every change reads the same; review the fresh plan"
        ));
    }
    lines
}

fn facts_of_account(plan: &Plan, account: &AccountPlan) -> Vec<String> {
    let used = account
        .in_use_before
        .as_deref()
        .unwrap_or("no certificate of its own");
    let mut facts = vec![
        format!("account id: {}", account.account_id),
        format!("Gateway uses: {}", escape(used)),
    ];
    if !account.applyable {
        facts.push("it is blocked by errors".to_owned());
    }
    facts.extend(
        plan.options
            .iter()
            .map(|option| format!("option {}", escape(option))),
    );
    facts
}

fn facts(change: &Change) -> Vec<String> {
    let kind = if change.only_remembers() {
        ChangeKind::NoOp
    } else {
        change.kind
    };
    let mut facts = vec![format!("change: {}", kind.as_str())];
    facts.extend(fields::sides(change).1);
    facts.extend(change.certificates.iter().map(|held| {
        let used = if held.in_use { ", in use" } else { "" };
        let expires = held
            .expires_on
            .map_or_else(String::new, |at| format!(", expires {}", time(at)));
        format!(
            "certificate {}: {}{used}{expires}",
            held.id,
            held.role.as_str()
        )
    }));
    let calls = change
        .steps
        .iter()
        .filter(|step| step.action() != Action::Record);
    facts.extend(
        calls.map(|step| format!("step {} {}", step.action().as_str(), change.object(step))),
    );
    facts
}

/// The lines that differ. Two that name the same thing are told as `name: before -> after`.
fn differ(prefix: &str, before: &[String], after: &[String]) -> Vec<String> {
    let of = |mark| {
        diff(before, after)
            .filter(move |(of, _)| *of == mark)
            .map(|(_, line)| line)
    };
    let mut lines = Vec::new();
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for gone in of(Mark::Removed) {
        let name = gone.split_once(": ").map(|(name, _)| name);
        let became = of(Mark::Added).find_map(|line| {
            let (named, value) = line.split_once(": ")?;
            (Some(named) == name).then_some((line, value))
        });
        match became {
            Some((line, value)) => {
                told.insert(line);
                lines.push(format!("{prefix}{gone} -> {value}"));
            }
            None => lines.push(format!("{prefix}no longer: {gone}")),
        }
    }
    for come in of(Mark::Added) {
        if !told.contains(come) {
            lines.push(format!("{prefix}new: {come}"));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use certctl_model::Role;

    use super::*;
    use crate::fixture;

    #[test]
    fn what_moved_is_named() {
        let saved = fixture::plan(vec![fixture::replace_in_use(), fixture::no_op("acme/gone")]);
        let mut change = fixture::replace_in_use();
        change.after = Some(fixture::declared(400));
        change.certificates[0].in_use = false;
        change.certificates.push(fixture::held(
            fixture::NEW,
            Role::Retiring,
            false,
            "2027-01-01T00:00:00Z",
        ));
        change.steps = fixture::made(Role::Successor, 400);
        let mut fresh = fixture::plan(vec![change, fixture::delete("acme/old")]);
        fresh.accounts[0].in_use_before = Some("5d083f37-f9f9-4e75-9459-2682a07ab79e".to_owned());
        insta::assert_snapshot!(moved(&saved, &fresh, &"acme".parse().unwrap()).join("\n"), @r#"
        Gateway uses: acme/gone -> 5d083f37-f9f9-4e75-9459-2682a07ab79e
        acme/gone: is neither declared nor bound any more
        acme/inspection: validity_period_days: 365 -> 400
        acme/inspection: certificate f174e90a-fafe-4643-bbbc-4a0ed4fc8415: current, in use, expires 2031-11-22T00:00:00Z -> current, expires 2031-11-22T00:00:00Z
        acme/inspection: no longer: step create a certificate of 365 days
        acme/inspection: no longer: step deactivate f174e90a-fafe-4643-bbbc-4a0ed4fc8415
        acme/inspection: no longer: step delete f174e90a-fafe-4643-bbbc-4a0ed4fc8415
        acme/inspection: new: certificate 0b5b7f06-4b6d-4b5c-9c39-6d54f5b6a0aa: retiring, expires 2027-01-01T00:00:00Z
        acme/inspection: new: step create a certificate of 400 days
        acme/old: was not part of the plan
        acme/old: new: change: delete
        acme/old: new: certificate f174e90a-fafe-4643-bbbc-4a0ed4fc8415: current, expires 2031-11-22T00:00:00Z
        acme/old: new: step deactivate f174e90a-fafe-4643-bbbc-4a0ed4fc8415
        acme/old: new: step delete f174e90a-fafe-4643-bbbc-4a0ed4fc8415
        "#);
    }

    #[test]
    fn an_account_that_came_or_went_is_said() {
        let one = fixture::plan(vec![fixture::no_op("acme/a")]);
        let none = fixture::plan(vec![]);
        let acme = "acme".parse().unwrap();
        assert_eq!(
            moved(&one, &none, &acme)[0],
            "account acme is no longer declared"
        );
        assert_eq!(
            moved(&none, &one, &acme)[0],
            "account acme was not part of the plan"
        );
        assert_eq!(moved(&one, &one, &acme).len(), 1);
    }
}
