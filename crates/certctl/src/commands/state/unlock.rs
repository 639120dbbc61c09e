//! `certctl state unlock`: breaks a lease whose holder is gone, for those who cannot wait for its end.

use crate::cli::Unlock;
use crate::exit::Exit;
use crate::printer::{Printer, Problem};
use crate::question::confirm;
use crate::states::{States, problem};

pub(super) async fn run(args: Unlock, printer: Printer) -> Result<Exit, Problem> {
    let documents = &args.documents;
    let Some(states) = States::open(&documents.spec, &documents.place, "state unlock", printer)?
    else {
        return Ok(Exit::Error);
    };
    let account = states.only()?;
    let question = format!(
        "Break the lock of {}? Whoever holds it can no longer write to the state, and must not be at work.",
        account.name
    );
    if !confirm(printer, &question, args.auto_approve)? {
        return Ok(Exit::Error);
    }
    let key = states.key(&account.account_id);
    let held = states.store.unlock(&key).await.map_err(|e| problem(&e))?;
    match held {
        Some(lock) => printer.line(&format!(
            "{}: broken; {} held it ({}) on {} since {}",
            account.name, lock.holder.who, lock.holder.operation, lock.holder.r#where, lock.since
        )),
        None => printer.line(&format!("{}: nobody held it", account.name)),
    }
    Ok(Exit::Done)
}
