//! The tokens of accounts that have their own: whether each is there, what kind it is, and until when it is
//! valid.

use std::collections::BTreeSet;

use certctl_apply::side_by_side;
use certctl_cloudflare::Keyring as _;
use certctl_model::Name;
use certctl_spec::{Account, Spec};

use super::credentials;
use super::report::{Check, Verdict};
use crate::remote::Remote;

/// What was found.
#[derive(Default)]
pub(super) struct Tokens {
    pub(super) checks: Vec<Check>,
    /// The accounts that have no token: nothing else can be said of them.
    pub(super) missing: BTreeSet<Name>,
}

/// All of them, several at once, in the order of the accounts.
pub(super) async fn look(remote: &Remote, spec: &Spec, at_once: usize) -> Tokens {
    let examined = spec.accounts.iter().map(|account| examine(remote, account));
    let examined = side_by_side(at_once, examined).await;
    let mut tokens = Tokens::default();
    for (account, checks) in spec.accounts.iter().zip(examined) {
        match checks {
            Ok(checks) => tokens.checks.extend(checks),
            Err(check) => {
                tokens.checks.push(check);
                tokens.missing.insert(account.name.clone());
            }
        }
    }
    tokens
}

/// One account's; nothing where it is the run's.
async fn examine(remote: &Remote, account: &Account) -> Result<Vec<Check>, Check> {
    let id = &account.account_id;
    let Some(source) = remote.tokens().source(id) else {
        return Ok(Vec::new());
    };
    let check = format!("{}: credentials", account.name);
    let credentials = match remote.tokens().credentials(id).await {
        Ok(credentials) => credentials,
        Err(error) => {
            let missing = Check::new(check, Verdict::Error, error.to_string());
            return Err(missing.maybe_advice(error.hint()));
        }
    };
    let kind = credentials.kind();
    let mut checks = vec![credentials::of_kind(&check, kind, &source)];
    let check = format!("{}: token", account.name);
    let (client, now) = (remote.client(), remote.now());
    checks.extend(credentials::verify(&check, client, Some(kind), Some(id), now).await);
    Ok(checks)
}
