//! One account as the API shows it: what may be read, its certificates, and the API's clock.

use std::collections::{BTreeMap, BTreeSet};

use certctl_apply::{Fleet, side_by_side};
use certctl_model::{AccountId, Name, Place, RemoteCertificate, Timestamp};
use certctl_spec::{Account, Adopt};

use super::access;
use super::report::{Check, Verdict};

/// How far apart two clocks may be, in seconds, before a person should look; and before certctl
/// refuses what depends on time.
const APART: i64 = 30;
const TOO_FAR: i64 = 300;

/// What was found in one account.
pub(super) struct Examined {
    pub(super) name: Name,
    pub(super) checks: Vec<Check>,
    pub(super) certificates: Vec<RemoteCertificate>,
    /// How far the API's clock is ahead of this machine's, in seconds.
    ahead: Option<i64>,
}

/// An account that no spec names.
pub(super) fn unnamed(id: &AccountId) -> Option<Account> {
    let short: String = id.as_str().chars().take(8).collect();
    Some(Account {
        name: format!("account-{short}").parse().ok()?,
        account_id: id.clone(),
        adopt: Adopt::Ask,
        labels: BTreeMap::new(),
        token: None,
        suspended: false,
        certificates: Vec::new(),
        place: Place {
            file: "".into(),
            line: 1,
            column: 1,
            length: 1,
        },
    })
}

/// All accounts but those, several at once, in their order.
pub(super) async fn all(fleet: &Fleet<'_>, but: &BTreeSet<Name>) -> Vec<Examined> {
    let accounts = fleet.spec.accounts.iter();
    let examined = accounts
        .filter(|account| !but.contains(&account.name))
        .map(|account| examine(fleet, account));
    side_by_side(fleet.settings.parallelism, examined).await
}

async fn examine(fleet: &Fleet<'_>, account: &Account) -> Examined {
    let name = account.name.to_string();
    let checks = access::look(fleet.client, &account.account_id, &name, fleet.clock.now()).await;
    let allowed = checks.first().is_some_and(|c| c.verdict == Verdict::Ok);
    let listing = if allowed {
        fleet.client.list(&account.account_id).await.ok()
    } else {
        None
    };
    let date = listing.as_ref().and_then(|listing| listing.date);
    Examined {
        name: account.name.clone(),
        checks,
        ahead: date.map(|date| date.duration_since(Timestamp::now()).as_secs()),
        certificates: listing.map_or_else(Vec::new, |listing| listing.certificates),
    }
}

/// This machine's clock against the API's.
pub(super) fn clock(examined: &[Examined]) -> Option<Check> {
    let ahead = examined.iter().find_map(|account| account.ahead)?;
    let apart = ahead.abs();
    let direction = if ahead < 0 { "ahead of" } else { "behind" };
    let check = |verdict, finding: String| Check::new("clock", verdict, finding);
    Some(if apart <= APART {
        check(Verdict::Ok, "agrees with the API's".to_owned())
    } else {
        let verdict = if apart > TOO_FAR {
            Verdict::Error
        } else {
            Verdict::Warning
        };
        check(
            verdict,
            format!("this machine's is {apart} s {direction} the API's"),
        )
        .advice("set it by NTP: beyond 5 minutes certctl refuses every step that depends on time")
    })
}
