//! The state documents behind a spec, without the API: what `certctl state` and `history` work with.

use std::time::Duration;

use certctl_model::{AccountId, AccountState, Address, Name, Note, Period};
use certctl_spec::Account;
use certctl_state::{Holder, Key, Session, StateError, Store};

use crate::actor;
use crate::cli::{PlaceArgs, SpecArgs};
use crate::printer::{Printer, Problem};
use crate::remote::{self, Site};
use crate::unknown;
use crate::workspace::Workspace;

/// The documents of the selected accounts.
pub(crate) struct States {
    pub(crate) workspace: Workspace,
    pub(crate) store: Store,
    pub(crate) origin: String,
    holder: Holder,
    /// Whether the API is on this machine.
    loopback: bool,
    /// Whether `--account` narrows them.
    narrowed: bool,
}

impl States {
    /// Opens them; nothing is read or made yet. Where the spec has errors they are printed, and
    /// nothing is returned.
    pub(crate) fn open(
        spec: &SpecArgs,
        place: &PlaceArgs,
        operation: &str,
        printer: Printer,
    ) -> Result<Option<Self>, Problem> {
        let Some(workspace) = Workspace::open(spec, printer) else {
            return Ok(None);
        };
        let env = remote::env();
        let site = Site::of(place, &workspace, &env)?;
        Ok(Some(Self {
            loopback: site.is_loopback(),
            store: site.store,
            origin: site.origin,
            holder: actor::holder(&env, operation),
            narrowed: !spec.selectors().is_empty(),
            workspace,
        }))
    }

    pub(crate) fn accounts(&self) -> &[Account] {
        &self.workspace.spec.accounts
    }

    pub(crate) fn key(&self, account: &AccountId) -> Key {
        Key {
            origin: self.origin.clone(),
            account_id: account.clone(),
        }
    }

    /// Whether documents of this account are meant: without `--account` those of all.
    pub(crate) fn selects(&self, key: &Key) -> bool {
        let declared = || {
            self.accounts()
                .iter()
                .any(|a| a.account_id == key.account_id)
        };
        key.origin == self.origin && (!self.narrowed || declared())
    }

    /// The account of an address.
    pub(crate) fn account_of(&self, address: &Address) -> Result<&Account, Problem> {
        let found = self.accounts().iter().find(|a| a.name == address.account);
        found.ok_or_else(|| unknown::account(&self.workspace.spec, address))
    }

    /// The one account that is selected.
    pub(crate) fn only(&self) -> Result<&Account, Problem> {
        match self.accounts() {
            [account] => Ok(account),
            _ => Err(
                Problem::new("the spec has several accounts, and this is about one")
                    .hint(format!("pass `--account` with one of {}", self.names())),
            ),
        }
    }

    fn names(&self) -> String {
        let names: Vec<_> = self.accounts().iter().map(|a| a.name.to_string()).collect();
        names.join(", ")
    }

    /// What is remembered of an account.
    pub(crate) async fn load(&self, account: &Account) -> Result<Option<AccountState>, Problem> {
        let document = self.store.load(&self.key(&account.account_id)).await;
        Ok(document
            .map_err(|error| problem(&error))?
            .map(|document| document.state))
    }

    /// Holds a document, waiting for it as long as was asked.
    pub(crate) async fn hold(&self, key: &Key, timeout: Period) -> Result<Session, Problem> {
        let timeout: Duration = remote::std(timeout);
        self.store
            .lock(key, &self.holder, timeout)
            .await
            .map_err(|error| problem(&error))
    }

    /// Makes notes in a document that is held, and saves it.
    pub(crate) async fn note(&self, session: &mut Session, notes: &[Note]) -> Result<(), Problem> {
        let now = remote::clock(&remote::env(), self.loopback, false)?.now();
        let mut state = session.state().clone();
        for note in notes {
            state
                .note(note, now)
                .map_err(|illegal| Problem::new(illegal.to_string()).hint("nothing was changed"))?;
        }
        session.save(&state).await.map_err(|error| problem(&error))
    }
}

/// Frees a document after work on it, whatever became of the work.
pub(crate) async fn release<T>(session: Session, worked: Result<T, Problem>) -> Result<T, Problem> {
    let released = session.release().await.map_err(|error| problem(&error));
    let result = worked?;
    released.map(|()| result)
}

pub(crate) fn problem(error: &StateError) -> Problem {
    Problem::from_error(error).maybe_hint(error.hint())
}

/// That nothing is known of an address.
pub(crate) fn unknown(address: &Address) -> Problem {
    Problem::new(format!("{address} is not in the state"))
        .hint("`certctl state list` shows what is")
}

/// Whether a create for this name is open.
pub(crate) fn creates(state: &AccountState, name: &Name) -> bool {
    state.open_create_for(name)
}
