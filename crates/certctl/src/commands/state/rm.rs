//! `certctl state rm`: forgets an address. Its certificates stay as they are, and are nobody's.

use certctl_model::{AccountState, Note};
use certctl_state::Session;

use crate::cli::Remove;
use crate::exit::Exit;
use crate::printer::{Printer, Problem};
use crate::question::confirm;
use crate::states::{States, creates, release, unknown};

pub(super) async fn run(args: Remove, printer: Printer) -> Result<Exit, Problem> {
    let documents = &args.documents;
    let Some(states) = States::open(&documents.spec, &documents.place, "state rm", printer)? else {
        return Ok(Exit::Error);
    };
    let account = states.account_of(&args.address)?;
    // Asked before the lock is taken: nobody else should wait for an answer.
    notes(states.load(account).await?.as_ref(), &args)?;
    let question = format!(
        "Forget {}? What it is bound to stays at Cloudflare and is no longer managed.",
        args.address
    );
    if !confirm(printer, &question, args.auto_approve)? {
        return Ok(Exit::Error);
    }
    let key = states.key(&account.account_id);
    let mut session = states.hold(&key, args.lock.lock_timeout).await?;
    let worked = forget(&states, &mut session, &args).await;
    let ids = release(session, worked).await?;
    for id in ids {
        printer.line(&format!("{}: {id} is no longer managed", args.address));
    }
    printer.line(&format!("{}: forgotten", args.address));
    Ok(Exit::Done)
}

async fn forget(
    states: &States,
    session: &mut Session,
    args: &Remove,
) -> Result<Vec<String>, Problem> {
    let notes = notes(Some(session.state()), args)?;
    states.note(session, &notes).await?;
    Ok(notes
        .iter()
        .filter_map(|note| match note {
            Note::Unbind { id } => Some(id.to_string()),
            _ => None,
        })
        .collect())
}

/// Unbinding first ends what was begun on its certificates, so that no intent outlives its address.
fn notes(state: Option<&AccountState>, args: &Remove) -> Result<Vec<Note>, Problem> {
    let name = &args.address.certificate;
    if state.is_some_and(|state| creates(state, name)) {
        return Err(Problem::new(format!(
            "a create for {} had an unknown outcome, and forgetting it could lose a certificate",
            args.address
        ))
        .hint("let `certctl apply` look for it, or use `certctl state settle`"));
    }
    let entry = state
        .and_then(|state| state.certificates.get(name))
        .ok_or_else(|| unknown(&args.address))?;
    let unbind = entry.bindings.iter().map(|binding| Note::Unbind {
        id: binding.id.clone(),
    });
    let forget = Note::Forget {
        certificate: name.clone(),
    };
    Ok(unbind.chain([forget]).collect())
}
