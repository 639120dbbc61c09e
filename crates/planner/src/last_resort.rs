//! The last resort: what Gateway uses is about to expire, and a successor that is available and verified is
//! set in use, whatever its trust period, a window or a limit says. An outage for everybody is worse than
//! one for the devices that have not synced.

use certctl_model::{Code, Diagnostic, InUse, LastResort, Period, RemoteCertificate, Timestamp};

use crate::facts::Facts;

/// What Gateway uses, where browsers accept it still, and when it expires.
fn used<'f>(facts: &'f Facts<'_>) -> Option<(&'f RemoteCertificate, Timestamp)> {
    let InUse::Certificate(used) = facts.in_use() else {
        return None;
    };
    let remote = facts
        .remote(used)
        .filter(|remote| facts.is_usable(remote))?;
    Some((remote, remote.facts()?.not_after))
}

/// From when on it holds; none where nothing is in use, or the policy says `never`.
pub(crate) fn begins(facts: &Facts<'_>) -> Option<Timestamp> {
    let (remote, _) = used(facts)?;
    LastResort::begins(facts.policy.last_resort, remote.facts()?)
}

/// From when on it beats a trust period that ends at `due`: one that is over by the middle of it is kept, for
/// a daily run still comes in time.
pub(crate) fn beats(facts: &Facts<'_>, due: Timestamp) -> Option<Timestamp> {
    let (from, (_, expires)) = (begins(facts)?, used(facts)?);
    let middle = Period::between(from, expires).half().after(from);
    (due > middle).then_some(from)
}

/// Whether a limit per run gives way: early enough for devices to get the trust period before.
pub(crate) fn lifts_limits(facts: &Facts<'_>, trust: Period) -> bool {
    begins(facts).is_some_and(|from| trust.before(from) <= facts.now)
}

/// Until when a wave may keep a switch: as long as devices get the trust period before the last resort,
/// or before the expiry where the policy has none.
pub(crate) fn keeps_trust_until(facts: &Facts<'_>, trust: Period) -> Option<Timestamp> {
    let (_, expires) = used(facts)?;
    Some(trust.before(begins(facts).unwrap_or(expires)))
}

/// That a switch does not wait for what it should wait for.
pub(crate) fn said(facts: &Facts<'_>, to: &str, without: &str) -> Option<Diagnostic> {
    let (remote, expires) = used(facts)?;
    let message = format!(
        "the last resort: Gateway uses {}, which expires at {expires}, so {to} is set in use {without}",
        remote.id
    );
    let hint = "devices that have not synced see errors until they do: `certctl pem` prints the certificate \
                for them; a longer `rotation.renew_before` leaves more time, `policy.last_resort` says how \
                long before the expiry this is done";
    let diagnostic = Diagnostic::error(Code::LastResort, message).hint(hint);
    Some(diagnostic.blocks_nothing())
}
