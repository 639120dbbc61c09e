//! What exists, read from the API, and what the state remembers of it.

use std::collections::BTreeMap;

use certctl_cloudflare::{Client, ReadError};
use certctl_import::Found;
use certctl_model::{AccountId, AccountState, Observed, Timestamp};
use certctl_plan::Options;
use certctl_state::Key;
use futures::StreamExt;

use crate::cli;
use crate::printer::Problem;
use crate::remote::{Remote, Waits};
use crate::workspace::Workspace;

/// What was read.
pub(super) struct Gathered {
    pub(super) found: Vec<Found>,
    pub(super) states: BTreeMap<AccountId, AccountState>,
    /// Accounts that could not be read; the others were.
    pub(super) problems: Vec<Problem>,
    pub(super) now: Timestamp,
}

/// An account to be read, with what Cloudflare calls it, where that is known.
type Wanted = (AccountId, Option<String>);

pub(super) async fn gather(args: &cli::Import, workspace: Workspace) -> Result<Gathered, Problem> {
    let remote = Remote::open(&args.remote, &workspace, Waits::default(), true).await?;
    let gathered = read(args, &workspace, &remote).await;
    remote.close().await;
    gathered
}

async fn read(
    args: &cli::Import,
    workspace: &Workspace,
    remote: &Remote,
) -> Result<Gathered, Problem> {
    let client = remote.client();
    let accounts = wanted(args, workspace, client).await?;
    let options = Options::default();
    let fleet = remote.fleet(workspace, &options);
    let mut gathered = Gathered {
        found: Vec::new(),
        states: BTreeMap::new(),
        problems: Vec::new(),
        now: remote.now(),
    };
    let mut observed = futures::stream::iter(accounts)
        .map(|(id, label)| async move { (observe(client, &id).await, id, label) })
        .buffered(usize::from(args.remote.parallelism));
    while let Some((read, id, label)) = observed.next().await {
        let read = match read {
            Ok(read) => read,
            Err(error) => {
                gathered.problems.push(problem(&error));
                continue;
            }
        };
        let key = Key {
            origin: fleet.origin.to_owned(),
            account_id: id.clone(),
        };
        match fleet.store.load(&key).await {
            Ok(document) => {
                let state = document.map(|document| (id, document.state));
                gathered.states.extend(state);
                gathered.found.push(Found::observed(&read, label));
            }
            Err(error) => gathered
                .problems
                .push(Problem::from_error(&error).maybe_hint(error.hint())),
        }
    }
    Ok(gathered)
}

/// The accounts that were asked for: by id, all that the token sees, or those of the spec.
async fn wanted(
    args: &cli::Import,
    workspace: &Workspace,
    client: &Client,
) -> Result<Vec<Wanted>, Problem> {
    if args.all {
        let accounts = client.accounts().await.map_err(|error| problem(&error))?;
        if accounts.is_empty() {
            return Err(Problem::new("the token sees no account").hint(
                "give its account with `--account-id ID`, or use a token that can list accounts",
            ));
        }
        return Ok(accounts
            .into_iter()
            .map(|account| (account.id, account.name))
            .collect());
    }
    let mut ids: Vec<AccountId> = if args.account_ids.is_empty() {
        let declared = workspace.spec.accounts.iter();
        declared.map(|account| account.account_id.clone()).collect()
    } else {
        args.account_ids.clone()
    };
    ids.sort();
    ids.dedup();
    if ids.is_empty() {
        return Err(Problem::new("no account to import from").hint(
            "give it with `--account-id ID`, or take every account that the token sees with `--all`",
        ));
    }
    Ok(ids.into_iter().map(|id| (id, None)).collect())
}

/// The certificates of an account, and both witnesses of what is in use.
async fn observe(client: &Client, account: &AccountId) -> Result<Observed, ReadError> {
    let listing = client.list(account).await?;
    let configuration = client.configuration(account).await?;
    Ok(Observed {
        account_id: account.clone(),
        at: certctl_model::MachineTime(Timestamp::now()),
        on: None,
        date: listing.date,
        certificates: listing.certificates,
        gone: Default::default(),
        configuration: Some(configuration),
        installation: None,
        evidence: None,
    })
}

fn problem(error: &ReadError) -> Problem {
    Problem::from_error(error).maybe_hint(error.hint())
}
