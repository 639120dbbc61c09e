//! Whose token an account is asked with: its own, as the spec says where that comes from, or the run's.
//!
//! *Guarantees*: a token is asked for when the first request about its account is due, and once in a run.
//! What is missing for one account is an error of that account alone. A token is known to
//! [`crate::secrets`] before anybody else sees it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use certctl_cloudflare::{Credentials, CredentialsError, Keyring};
use certctl_model::{AccountId, Name, Place};
use certctl_spec::{SecretSource, Spec, Token};
use tokio::sync::{OnceCell, Semaphore};

use crate::secret_command::{self, Asked};
use crate::secrets;
use crate::token_file;

/// The tokens of a run.
pub(crate) struct Tokens {
    of_account: HashMap<AccountId, Declared>,
    /// The run's own, for accounts that declare none.
    of_run: Result<Credentials, CredentialsError>,
    /// How long a command may take.
    timeout: Duration,
    /// As many commands run at once as it has permits.
    commands: Semaphore,
}

/// An account that declares where its token comes from.
struct Declared {
    account: Name,
    token: Token,
    given: OnceCell<Result<Credentials, CredentialsError>>,
}

impl Tokens {
    /// The same for every account, whatever the spec says.
    pub(crate) fn same(credentials: Credentials) -> Self {
        Self {
            of_account: HashMap::new(),
            of_run: Ok(credentials),
            timeout: Duration::ZERO,
            commands: Semaphore::new(1),
        }
    }

    /// Those that the accounts of a spec declare, and the run's own. Nothing is read yet. Of their commands
    /// so many run at once.
    pub(crate) fn of(
        spec: &Spec,
        of_run: Result<Credentials, CredentialsError>,
        timeout: Duration,
        at_once: usize,
    ) -> Self {
        let declared = spec.accounts.iter().filter_map(|account| {
            let declared = Declared {
                account: account.name.clone(),
                token: account.token.clone()?,
                given: OnceCell::new(),
            };
            Some((account.account_id.clone(), declared))
        });
        Self {
            of_account: declared.collect(),
            of_run,
            timeout,
            commands: Semaphore::new(at_once.max(1)),
        }
    }

    /// Where the account's token comes from, for people; `None`: it is the run's.
    pub(crate) fn source(&self, account: &AccountId) -> Option<String> {
        let declared = self.of_account.get(account)?;
        Some(match &declared.token.source {
            SecretSource::Env(name) => format!("the variable {name}"),
            SecretSource::File(path) => format!("the file {path}"),
            SecretSource::Command(words) => format!("the command {}", program(words)),
        })
    }

    /// Why no account of this spec has a token. Where some have their own, it is an error of the others.
    pub(crate) fn missing(&self, spec: &Spec) -> Option<&CredentialsError> {
        let mut accounts = spec.accounts.iter();
        let some_have_their_own =
            accounts.any(|account| self.of_account.contains_key(&account.account_id));
        self.of_run.as_ref().err().filter(|_| !some_have_their_own)
    }

    async fn ask(
        &self,
        declared: &Declared,
        id: &AccountId,
    ) -> Result<Credentials, CredentialsError> {
        let Declared { account, token, .. } = declared;
        let folder = beside(&token.place);
        let text = match &token.source {
            SecretSource::Env(name) => variable(name),
            SecretSource::File(path) => token_file::contents(&folder.join(path)),
            SecretSource::Command(words) => {
                let asked = Asked {
                    words: words.clone(),
                    folder,
                    account: account.clone(),
                    account_id: id.clone(),
                    timeout: self.timeout,
                };
                // It is never closed.
                let _permit = self.commands.acquire().await;
                secret_command::run(asked).await
            }
        };
        let wrong = |what: String| CredentialsError::Unavailable {
            what: format!(
                "account {account}, {}:{}:{}: {what}",
                token.place.file, token.place.line, token.place.column
            ),
            hint: Some(hint(&token.source, account)),
        };
        let text = text.map_err(wrong)?;
        secrets::learn(&text);
        Credentials::token(&text).map_err(|error| {
            let source = self.source(id).unwrap_or_default();
            wrong(format!("{error}, from {source}"))
        })
    }
}

#[async_trait]
impl Keyring for Tokens {
    async fn credentials(&self, account: &AccountId) -> Result<Credentials, CredentialsError> {
        match self.of_account.get(account) {
            Some(declared) => {
                let ask = || self.ask(declared, account);
                declared.given.get_or_init(ask).await.clone()
            }
            None => self.of_run.clone(),
        }
    }
}

/// Takes note of what the variables hold that a spec names for tokens, so that nothing prints it.
pub(crate) fn learn(spec: &Spec) {
    for account in spec.accounts.iter().chain(&spec.suspended) {
        if let Some(SecretSource::Env(name)) = account.token.as_ref().map(|token| &token.source)
            && let Ok(value) = std::env::var(name)
        {
            secrets::learn(&value);
        }
    }
}

/// What a variable holds.
pub(crate) fn variable(name: &str) -> Result<String, String> {
    match std::env::var(name) {
        Ok(value) if value.trim().is_empty() => Err(format!("the variable {name} is empty")),
        Ok(value) => Ok(value),
        Err(std::env::VarError::NotPresent) => Err(format!("the variable {name} is not set")),
        Err(std::env::VarError::NotUnicode(_)) => Err(format!("the variable {name} is not text")),
    }
}

/// The folder beside whose files relative paths are.
pub(crate) fn beside(place: &Place) -> PathBuf {
    let folder = Path::new(place.file.as_str())
        .parent()
        .unwrap_or(Path::new(""));
    std::path::absolute(if folder == Path::new("") {
        Path::new(".")
    } else {
        folder
    })
    .unwrap_or_else(|_| folder.to_path_buf())
}

/// What to do about it.
fn hint(source: &SecretSource, account: &Name) -> String {
    match source {
        SecretSource::Env(name) => format!(
            "set {name} to an API token of this account (permission Zero Trust: Read to plan, Edit to \
             apply); the other accounts go on"
        ),
        SecretSource::File(_) => {
            "it holds the API token and nothing else; the other accounts go on".to_owned()
        }
        SecretSource::Command(_) => format!(
            "run it by hand with CERTCTL_ACCOUNT={account}: certctl shows nothing of what it prints, for \
             that may be the token; the other accounts go on"
        ),
    }
}

/// The program of a command, without its arguments.
fn program(words: &[String]) -> &str {
    words.first().map_or("", String::as_str)
}
