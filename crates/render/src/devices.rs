//! Devices that install no certificate by themselves: what somebody has to do before the switch, so it is
//! said before everything else.

use certctl_model::Code;
use certctl_plan::{Plan, count, list};

/// How many accounts are named.
const NAMED: usize = 5;

/// In which accounts that is so, and what to do; none where it is so in none.
pub(crate) fn uninstalled(plan: &Plan) -> Option<String> {
    let code = Code::CertificatesNotInstalled;
    let found: Vec<_> = plan.diagnostics.iter().filter(|d| d.code == code).collect();
    let hint = found.first()?.hint.as_deref().unwrap_or_default();
    let named = found.iter().filter_map(|d| d.account.as_ref());
    let mut named: Vec<String> = named.map(ToString::to_string).collect();
    if named.len() > NAMED {
        let more = named.len() - NAMED;
        named.truncate(NAMED);
        named.push(format!("{more} more"));
    }
    let accounts = count(found.len(), "account");
    Some(format!(
        "The client installs certificates on no device of {accounts} ({}): {hint}.",
        list(&named)
    ))
}
