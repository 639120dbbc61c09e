//! Whether this machine sits behind the Gateway whose certificate is to be switched: then TLS to the API ends
//! in a certificate of the account, and a switch cuts this machine off where it does not trust both.

use std::time::Duration;

use certctl_apply::{Fleet, Survey};
use certctl_cloudflare::{Chain, ClientOptions};
use certctl_model::{Code, Diagnostic, RemoteCertificate};
use certctl_plan::{Action, Change, Plan};

/// How long the look at the chain may take: nothing depends on it.
const PATIENCE: Duration = Duration::from_secs(10);

/// The ways out.
pub(crate) const WAYS_OUT: &str = "let this machine trust the certificate in use and its successor before a switch (`certctl trust-kit \
     --out DIR`, then --ca-bundle DIR/ACCOUNT/bundle.pem), or exempt api.cloudflare.com with a Do Not Inspect \
     policy";

/// The certificate in which a chain ends.
pub(crate) fn end_of<'c>(
    chain: &Chain,
    certificates: impl IntoIterator<Item = &'c RemoteCertificate>,
) -> Option<&'c RemoteCertificate> {
    let ends = |remote: &&RemoteCertificate| {
        let pem = remote.pem.as_deref();
        pem.is_some_and(|pem| chain.ends_in(pem))
    };
    certificates.into_iter().find(ends)
}

/// Adds a warning to a plan that switches in the account behind whose Gateway this machine sits. The chain is
/// looked at once, and only where a switch is planned.
pub(crate) async fn warn(fleet: &Fleet<'_>, surveys: &[Survey], plan: &mut Plan) {
    let switches = |change: &Change| {
        let mut steps = change.steps.iter();
        steps.any(|step| step.action() == Action::SetInUse)
    };
    let accounts = fleet.spec.accounts.iter().zip(surveys);
    let switched: Vec<_> = accounts
        .filter(|(account, _)| plan.changes_of(&account.name).iter().any(switches))
        .collect();
    if switched.is_empty() {
        return;
    }
    let options = ClientOptions {
        timeout: PATIENCE,
        connect_timeout: PATIENCE,
        ..ClientOptions::default()
    };
    // What cannot be looked at stops nothing: `doctor` says why.
    let Ok(Some(chain)) = Chain::shown(fleet.client.endpoint(), &options).await else {
        return;
    };
    for (account, survey) in switched {
        let observed = survey.observed.iter();
        let certificates = observed.flat_map(|observed| &observed.certificates);
        if let Some(end) = end_of(&chain, certificates) {
            let message = format!(
                "TLS from this machine to the API ends in the certificate {} of this account: it is behind the \
                 Gateway that is to be switched, and may cut itself off",
                end.id
            );
            let diagnostic = Diagnostic::warning(Code::BehindGateway, message).hint(WAYS_OUT);
            plan.diagnostics.push(diagnostic.account(&account.name));
        }
    }
}
