//! Whose token signs a request.
//!
//! *Purpose*: the credentials of an account, asked for when its first request is due, and once; and for
//! each token its rate budget, which all accounts that share the token share. *Guarantees*: what is
//! missing for one account fails the requests of that account alone; an account whose token is throttled
//! holds up no account with another token.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use certctl_model::AccountId;
use tokio::sync::OnceCell;

use crate::budget::Budget;
use crate::credentials::{Credentials, CredentialsError};

/// Gives the credentials of each account.
#[async_trait]
pub trait Keyring: Send + Sync {
    /// The credentials of this account. A client asks once for each account.
    ///
    /// # Errors
    /// When there are none; only this account's requests fail.
    async fn credentials(&self, account: &AccountId) -> Result<Credentials, CredentialsError>;
}

/// The same credentials for every account.
pub(crate) struct Single(pub(crate) Credentials);

#[async_trait]
impl Keyring for Single {
    async fn credentials(&self, _: &AccountId) -> Result<Credentials, CredentialsError> {
        Ok(self.0.clone())
    }
}

/// Credentials and the budget of whoever uses them.
pub(crate) struct Signer {
    pub(crate) credentials: Credentials,
    pub(crate) budget: Budget,
    /// Held by the account that begins next of those with this token.
    pub(crate) line: Arc<tokio::sync::Mutex<()>>,
}

/// What came of asking for an account's credentials.
type Asked = OnceCell<Result<Arc<Signer>, CredentialsError>>;

/// The signers that were asked for.
pub(crate) struct Signers {
    keyring: Arc<dyn Keyring>,
    limited: bool,
    patience: Duration,
    of_account: Mutex<HashMap<AccountId, Arc<Asked>>>,
    of_credentials: Mutex<HashMap<String, Arc<Signer>>>,
}

impl Signers {
    /// `limited` and `patience` are what a [`Budget`] is made of.
    pub(crate) fn new(keyring: Arc<dyn Keyring>, limited: bool, patience: Duration) -> Self {
        Self {
            keyring,
            limited,
            patience,
            of_account: Mutex::default(),
            of_credentials: Mutex::default(),
        }
    }

    /// The signer of this account.
    pub(crate) async fn of(&self, account: &AccountId) -> Result<Arc<Signer>, CredentialsError> {
        let asked = lock(&self.of_account)
            .entry(account.clone())
            .or_default()
            .clone();
        asked.get_or_init(|| self.ask(account)).await.clone()
    }

    /// The signer of this account, if it was asked for already.
    pub(crate) fn known(&self, account: &AccountId) -> Option<Arc<Signer>> {
        let asked = lock(&self.of_account).get(account)?.clone();
        asked.get()?.clone().ok()
    }

    async fn ask(&self, account: &AccountId) -> Result<Arc<Signer>, CredentialsError> {
        let credentials = self.keyring.credentials(account).await?;
        credentials.headers()?;
        let mut known = lock(&self.of_credentials);
        let signer = known.entry(credentials.identity()).or_insert_with(|| {
            Arc::new(Signer {
                credentials,
                budget: Budget::new(self.limited, self.patience),
                line: Arc::default(),
            })
        });
        Ok(signer.clone())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Accounts of the first digit 0 have no token; of 1 and 2 one each; it counts the questions.
    struct Ring(AtomicUsize);

    #[async_trait]
    impl Keyring for Ring {
        async fn credentials(&self, account: &AccountId) -> Result<Credentials, CredentialsError> {
            self.0.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            match account.as_str().as_bytes().first() {
                Some(b'0') => Err(CredentialsError::Unavailable {
                    what: "it is not set".to_owned(),
                    hint: None,
                }),
                Some(first) => Credentials::token(&format!("token-{first}")),
                None => unreachable!(),
            }
        }
    }

    fn account(first: u8, last: u8) -> AccountId {
        format!("{first}{}{last}", "a".repeat(30)).parse().unwrap()
    }

    #[tokio::test]
    async fn each_account_is_asked_for_once_and_each_token_has_one_budget() {
        let ring = Arc::new(Ring(AtomicUsize::new(0)));
        let signers = Signers::new(ring.clone(), true, Duration::from_secs(300));
        let (a, b, other) = (account(1, 1), account(1, 2), account(2, 1));
        let (first, again) = tokio::join!(signers.of(&a), signers.of(&a));
        let (first, again) = (first.unwrap(), again.unwrap());
        assert!(Arc::ptr_eq(&first, &again));
        assert!(Arc::ptr_eq(&first, &signers.of(&b).await.unwrap()));
        assert!(!Arc::ptr_eq(&first, &signers.of(&other).await.unwrap()));
        for _ in 0..3 {
            let error = signers.of(&account(0, 1)).await.err().unwrap();
            assert_eq!(error.to_string(), "no credentials: it is not set");
        }
        assert_eq!(ring.0.load(Ordering::Relaxed), 4);
    }
}
