//! The private keys of CAs to upload: where the spec says that they come from.
//!
//! *Guarantees*: a key is read when its upload is due, and kept nowhere; nothing that is said here quotes
//! it.

use std::time::Duration;

use async_trait::async_trait;
use certctl_apply::{NoKey, PrivateKeys};
use certctl_cloudflare::SecretString;
use certctl_files::Links;
use certctl_spec::{Account, Own, SecretSource};

use crate::secret_command::{self, Asked};
use crate::tokens::{beside, variable};

/// No private key comes near this.
const MAX_BYTES: u64 = 64 * 1024;

/// The private keys of a spec.
pub(crate) struct Keys {
    /// How long a command may take.
    pub(crate) timeout: Duration,
}

#[async_trait]
impl PrivateKeys for Keys {
    async fn private_key(&self, account: &Account, own: &Own) -> Result<SecretString, NoKey> {
        let (place, folder) = (&own.private_key_place, beside(&own.private_key_place));
        let text = match &own.private_key {
            SecretSource::Env(name) => variable(name),
            SecretSource::File(path) => {
                let path = folder.join(path);
                let wrong = |why: &dyn std::fmt::Display| {
                    format!("cannot read the private key {}: {why}", path.display())
                };
                certctl_files::read(&path, MAX_BYTES, Links::Follow)
                    .map_err(|error| wrong(&error))
                    .and_then(|bytes| String::from_utf8(bytes).map_err(|_| wrong(&"it is no PEM")))
            }
            SecretSource::Command(words) => {
                let asked = Asked {
                    words: words.clone(),
                    folder,
                    account: account.name.clone(),
                    account_id: account.account_id.clone(),
                    timeout: self.timeout,
                };
                secret_command::run(asked).await
            }
        };
        text.map(SecretString::from).map_err(|what| NoKey {
            what: format!("{}:{}:{}: {what}", place.file, place.line, place.column),
            hint: hint(&own.private_key),
        })
    }
}

/// What to do about it.
fn hint(source: &SecretSource) -> String {
    match source {
        SecretSource::Env(name) => {
            format!("set {name} to the private key as PEM, with its line breaks")
        }
        SecretSource::File(_) => "it holds the private key as PEM".to_owned(),
        SecretSource::Command(_) => {
            "run it by hand: certctl shows nothing of what it prints, for that may be the key"
                .to_owned()
        }
    }
}
