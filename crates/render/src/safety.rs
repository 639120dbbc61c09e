//! What takes safety away: an edit of the spec that shortens a period, drops a renewal or lifts a
//! protection does nothing today, and hurts later. So it is said before everything else.

use certctl_model::Difference;
use certctl_plan::{Plan, escape};

/// How many are named; a plan of many accounts says how many more there are.
const NAMED: usize = 20;

/// One line for each setting that takes safety away, the account's own first, then by address.
pub(crate) fn lost(plan: &Plan) -> Vec<String> {
    let of_accounts = plan.accounts.iter().filter_map(|account| {
        let found = account.settings.as_ref()?.differences();
        Some((account.name.to_string(), found))
    });
    let of_addresses = plan.changes.iter().filter_map(|change| {
        let found = change.settings.as_ref()?.differences();
        Some((change.address.to_string(), found))
    });
    let line = |whose: &str, found: &Difference| {
        let Difference {
            field,
            before,
            after,
            weakens: _,
        } = found;
        let (before, after) = (escape(before), escape(after));
        format!("{whose}: {field} changes from {before} to {after}")
    };
    let mut lines: Vec<String> = of_accounts
        .chain(of_addresses)
        .flat_map(|(whose, found)| {
            let weaker = found.into_iter().filter(|found| found.weakens);
            weaker.map(|found| line(&whose, &found)).collect::<Vec<_>>()
        })
        .collect();
    if lines.len() > NAMED {
        let more = lines.len() - NAMED;
        lines.truncate(NAMED);
        lines.push(format!("and {more} more: see `certctl plan --format json`"));
    }
    lines
}
