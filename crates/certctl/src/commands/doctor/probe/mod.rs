//! `certctl doctor --probe`: what certctl assumes of the API, against what the API answers.
//!
//! *Guarantees*: without `--spend-a-creation` it only reads. The report has no id, no key and no name
//! in it. *Assumptions*: those of the client and the planner; where nobody knows, the report says
//! what was seen instead of whether it agrees.

mod lines;
mod reads;
mod scrub;
mod writes;

use certctl_plan::Options;

use crate::cli;
use crate::exit::Exit;
use crate::printer::{Printer, Problem};
use crate::remote::Remote;
use crate::workspace::Workspace;
use lines::Lines;
use scrub::Scrub;

pub(super) async fn run(
    args: &cli::Doctor,
    workspace: &Workspace,
    remote: &Remote,
    printer: Printer,
) -> Result<Exit, Problem> {
    let [account] = workspace.spec.accounts.as_slice() else {
        return Err(Problem::new("a probe is of one account").hint("give one `--account-id ID`"));
    };
    let options = Options::default();
    let fleet = remote.fleet(workspace, &options);
    let mut lines = Lines::default();
    let account = &account.account_id;
    let read = reads::probe(remote.client(), account, &mut lines).await;
    let mut left = None;
    if args.spend_a_creation {
        match read {
            Some(read) => left = writes::probe(&fleet, account, &read, &mut lines, printer).await?,
            None => lines.skip(
                "create, activate, deactivate, delete",
                "the account cannot be read",
            ),
        }
    }
    let mut scrub = Scrub::default();
    scrub.hide(account.as_str(), "ACCOUNT");
    printer.data(&scrub.scrubbed(&lines.markdown(args.spend_a_creation)));
    if let Some(id) = left {
        return Err(Problem::new(format!(
            "the probe made the certificate {id} and could not remove it"
        ))
        .hint("remove it in the dashboard: deactivate it, then delete it"));
    }
    Ok(if lines.disagree() {
        Exit::Error
    } else {
        Exit::Done
    })
}
