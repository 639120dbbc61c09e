//! Where the private keys of uploads come from: whoever calls this crate knows.

use async_trait::async_trait;
use certctl_cloudflare::SecretString;
use certctl_spec::{Account, Own};

/// Gives private keys.
#[async_trait]
pub trait PrivateKeys: Send + Sync {
    /// The private key of this CA, as PEM.
    ///
    /// # Errors
    /// What stands in the way; nothing of the key.
    async fn private_key(&self, account: &Account, own: &Own) -> Result<SecretString, NoKey>;
}

/// Why there is no private key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoKey {
    /// What happened, and where.
    pub what: String,
    /// What to do.
    pub hint: String,
}
