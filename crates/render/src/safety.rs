//! What takes safety away: an edit of the spec that shortens a period, drops a renewal or lifts a
//! protection does nothing today, and hurts later. So it is said before everything else.

use certctl_model::{Difference, Name};
use certctl_plan::{Plan, escape};

use crate::alike::alike;

/// How many lines there are; a plan with more says how many more there are.
const LINES: usize = 20;

/// A setting that takes safety away: of an account, or of one of its certificates.
struct Lost<'a> {
    account: &'a Name,
    certificate: Option<&'a Name>,
    what: String,
}

/// One line for each setting that takes safety away, the account's own first, then by address; one for
/// many accounts in which the same happens.
pub(crate) fn lost(plan: &Plan) -> Vec<String> {
    let found = found(plan);
    let keyed = found.iter().map(|lost| {
        let certificate = lost.certificate.map_or("", Name::as_str);
        (format!("{certificate}: {}", lost.what), lost)
    });
    let groups = alike(keyed.collect());
    let mut lines: Vec<String> = groups.iter().filter_map(|group| line(group)).collect();
    if lines.len() > LINES {
        let more = lines.len() - LINES;
        lines.truncate(LINES);
        lines.push(format!("and {more} more: see `certctl plan --format json`"));
    }
    lines
}

fn line(group: &[&Lost<'_>]) -> Option<String> {
    let first = group.first()?;
    let whose = match (first.certificate, group.len()) {
        (None, 1) => first.account.to_string(),
        (Some(certificate), 1) => format!("{}/{certificate}", first.account),
        (None, n) => format!("{n} accounts"),
        (Some(certificate), n) => format!("{certificate} in {n} accounts"),
    };
    Some(format!("{whose}: {}", first.what))
}

fn found(plan: &Plan) -> Vec<Lost<'_>> {
    let of_accounts = plan.accounts.iter().filter_map(|account| {
        let found = account.settings.as_ref()?.differences();
        Some((&account.name, None, found))
    });
    let of_addresses = plan.changes.iter().filter_map(|change| {
        let found = change.settings.as_ref()?.differences();
        let address = &change.address;
        Some((&address.account, Some(&address.certificate), found))
    });
    of_accounts
        .chain(of_addresses)
        .flat_map(|(account, certificate, found)| {
            let weaker = found.into_iter().filter(|found| found.weakens);
            weaker.map(move |found| Lost {
                account,
                certificate,
                what: becomes(&found),
            })
        })
        .collect()
}

fn becomes(found: &Difference) -> String {
    let Difference {
        field,
        before,
        after,
        weakens: _,
    } = found;
    let (before, after) = (escape(before), escape(after));
    format!("{field} changes from {before} to {after}")
}
