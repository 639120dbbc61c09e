//! What TLS to the API really shows: Cloudflare's own certificate, or that of somebody in between.

use std::path::Path;

use certctl_cloudflare::{Chain, ClientOptions};

use super::account::Examined;
use super::report::{Check, Verdict};
use crate::behind::{WAYS_OUT, end_of};
use crate::remote::Remote;

pub(super) async fn look(
    remote: &Remote,
    ca_bundle: Option<&Path>,
    examined: &[Examined],
) -> Check {
    let options = ClientOptions {
        ca_bundle: ca_bundle.map(Path::to_path_buf),
        ..ClientOptions::default()
    };
    let name = "TLS to the API";
    let chain = match Chain::shown(remote.client().endpoint(), &options).await {
        Ok(None) => {
            return Check::new(name, Verdict::Ok, "none: the API is on this machine");
        }
        Ok(Some(chain)) => chain,
        Err(why) => {
            return Check::new(
                name,
                Verdict::Error,
                format!("no certificate was shown: {why}"),
            )
            .advice("check the network, HTTPS_PROXY and CLOUDFLARE_BASE_URL");
        }
    };
    for account in examined {
        if let Some(found) = end_of(&chain, &account.certificates) {
            return Check::new(
                name,
                Verdict::Warning,
                format!(
                    "it ends in the certificate {} of the account {}: this machine is behind the \
                     Gateway whose certificate certctl switches",
                    found.id, account.name
                ),
            )
            .advice(WAYS_OUT);
        }
    }
    let issuer = chain.issuer().unwrap_or_default();
    let issuer: String = issuer.chars().filter(|c| !c.is_control()).collect();
    Check::new(
        name,
        Verdict::Ok,
        format!("ends in no certificate of these accounts; issued by {issuer}"),
    )
}
