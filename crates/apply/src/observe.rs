//! Reads what the API says of one account.
//!
//! One request, as long as everything that is bound is listed. What is bound and not listed is asked
//! for by its id, for only a GET says that it is gone (law 4).

use std::collections::BTreeSet;

use certctl_cloudflare::Client;
use certctl_model::{AccountId, AccountState, Diagnostic, Installation, Observed};

use crate::clock::Clock;
use crate::fault::read_failed;

/// Observes an account; the Gateway configuration is left out, see [`add_configuration`], unless the list
/// contradicts itself.
pub(crate) async fn observe(
    client: &Client,
    account: &AccountId,
    state: Option<&AccountState>,
    clock: &Clock,
) -> Result<Observed, Diagnostic> {
    let listing = client
        .list(account)
        .await
        .map_err(|error| read_failed(&error))?;
    let mut observed = Observed {
        account_id: account.clone(),
        at: clock.wall(),
        on: Some(clock.machine().clone()),
        date: listing.date.filter(|_| !clock.is_pinned()),
        certificates: listing.certificates,
        gone: BTreeSet::new(),
        configuration: None,
        installation: None,
        evidence: None,
    };
    let bound = state
        .into_iter()
        .flat_map(AccountState::bindings)
        .map(|(_, binding)| &binding.id);
    for id in bound {
        if observed.certificate(id).is_some() {
            continue;
        }
        match client
            .get(account, id)
            .await
            .map_err(|error| read_failed(&error))?
        {
            Some(certificate) => observed.certificates.push(certificate),
            None => {
                observed.gone.insert(id.clone());
            }
        }
    }
    observed.certificates.sort_by(|a, b| a.id.cmp(&b.id));
    // Gateway uses one: which of several that the list marks, only the other witness can say.
    if observed.certificates.iter().filter(|c| c.in_use).count() > 1 {
        add_configuration(client, &mut observed).await?;
    }
    Ok(observed)
}

/// Adds whether devices install certificates. What the token may not read, or is not answered, stops
/// nothing: `doctor` names the permission.
pub(crate) async fn add_installation(client: &Client, observed: &mut Observed) {
    let account = &observed.account_id;
    let path = format!("/accounts/{account}/devices/settings");
    let answer = client.ask(account, &path).await;
    let setting = answer.result().and_then(|settings| {
        settings
            .get("root_certificate_installation_enabled")?
            .as_bool()
    });
    observed.installation = Some(match setting {
        Some(true) => Installation::Enabled,
        Some(false) => Installation::Disabled,
        None => Installation::Unknown,
    });
}

/// Adds the second witness of what is in use, unless it is there.
pub(crate) async fn add_configuration(
    client: &Client,
    observed: &mut Observed,
) -> Result<(), Diagnostic> {
    if observed.configuration.is_some() {
        return Ok(());
    }
    let read = client.configuration(&observed.account_id).await;
    observed.configuration = Some(read.map_err(|error| read_failed(&error))?);
    Ok(())
}
