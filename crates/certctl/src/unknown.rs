//! That nobody knows what was typed, with the names that are nearest to it.

use std::collections::BTreeSet;

use certctl_apply::Survey;
use certctl_model::{Address, CertificateId, Name};
use certctl_plan::list;
use certctl_spec::{Account, Spec, nearby};

use crate::printer::Problem;

/// How many names are listed where none is near.
const LISTED: usize = 6;

/// That the account of this address is none of those that were selected, and why.
pub(crate) fn account(spec: &Spec, address: &Address) -> Problem {
    account_named(spec, &address.account, |name| {
        format!("{name}/{}", address.certificate)
    })
}

/// The same of an account; `whole` makes of a name what is to be typed.
pub(crate) fn account_named(spec: &Spec, name: &Name, whole: impl Fn(&str) -> String) -> Problem {
    if let Some((message, way_out)) = left_alone(spec, name) {
        return Problem::new(message).hint(way_out);
    }
    let names: Vec<&str> = spec.accounts.iter().map(|a| a.name.as_str()).collect();
    let problem = Problem::new(format!("no account is named {name}"));
    problem.hint(hint(name.as_str(), &names, "the accounts are", whole))
}

/// Why an account is left alone that is declared, and what to do.
pub(crate) fn left_alone(spec: &Spec, name: &Name) -> Option<(String, &'static str)> {
    let among = |accounts: &[Account]| accounts.iter().any(|account| account.name == *name);
    if among(&spec.suspended) {
        return Some((
            format!("the account {name} is suspended: certctl neither reads nor changes it"),
            "remove `suspended: true` to manage it again",
        ));
    }
    among(&spec.left_out).then(|| {
        (
            format!("the account {name} is left out by --account or --label"),
            "select it, or select nothing",
        )
    })
}

/// That an account has no such address, neither declared nor in its state.
pub(crate) fn address(account: &Account, survey: &Survey, address: &Address) -> Problem {
    let declared = account.certificates.iter().map(|one| one.name.as_str());
    let bound = survey
        .state
        .iter()
        .flat_map(|state| state.certificates.keys());
    let names: BTreeSet<&str> = declared.chain(bound.map(|name| name.as_str())).collect();
    let names: Vec<&str> = names.into_iter().collect();
    let problem = Problem::new(format!("{address} is neither declared nor in the state"));
    problem.hint(hint(
        address.certificate.as_str(),
        &names,
        &format!("the certificates of {} are", account.name),
        |name| format!("{}/{name}", account.name),
    ))
}

/// That no account that was read has this certificate.
pub(crate) fn id(surveys: &[Survey], id: &CertificateId) -> Problem {
    let problem = Problem::new(format!("no account of the spec has the certificate {id}"));
    let observed = surveys
        .iter()
        .filter_map(|survey| survey.observed.as_ref().ok());
    let all: Vec<&str> = observed
        .flat_map(|observed| &observed.certificates)
        .map(|remote| remote.id.as_str())
        .collect();
    let near = nearby(id.as_str(), all.iter().copied());
    match &near[..] {
        [] => problem.hint("`certctl status` lists the certificates of each account"),
        _ => problem.hint(meant(&near, str::to_owned)),
    }
}

/// The names that were probably meant; where none is near, all of a few.
fn hint(written: &str, names: &[&str], all: &str, whole: impl Fn(&str) -> String) -> String {
    let near = nearby(written, names.iter().copied());
    match (&near[..], names) {
        ([], []) => "`certctl status` lists the addresses".to_owned(),
        ([], few) if few.len() <= LISTED => {
            let few: Vec<String> = few.iter().map(|name| (*name).to_owned()).collect();
            format!("{all} {}", list(&few))
        }
        ([], _) => "`certctl status` lists the addresses".to_owned(),
        _ => meant(&near, whole),
    }
}

fn meant(near: &[&str], whole: impl Fn(&str) -> String) -> String {
    let near: Vec<String> = near.iter().map(|name| whole(name)).collect();
    format!("did you mean {}?", near.join(", or "))
}
