//! `certctl state mv`: what `moved_from` does, without a spec that says so.

use certctl_model::{AccountState, Name, Note};

use crate::cli::Move;
use crate::exit::Exit;
use crate::printer::{Printer, Problem};
use crate::states::{States, creates, release, unknown};

pub(super) async fn run(args: Move, printer: Printer) -> Result<Exit, Problem> {
    let documents = &args.documents;
    let Some(states) = States::open(&documents.spec, &documents.place, "state mv", printer)? else {
        return Ok(Exit::Error);
    };
    let account = states.account_of(&args.from)?;
    if args.from.account != args.to.account {
        return Err(Problem::new(format!(
            "{} and {} are in different accounts",
            args.from, args.to
        ))
        .hint("a certificate stays in the account in which it was created"));
    }
    if args.from == args.to {
        return Err(Problem::new(format!(
            "{} has that address already",
            args.from
        )));
    }
    let note = Note::Move {
        from: args.from.certificate.clone(),
        to: args.to.certificate.clone(),
    };
    let key = states.key(&account.account_id);
    let mut session = states.hold(&key, args.lock.lock_timeout).await?;
    let worked = if is_known(session.state(), &args.from.certificate) {
        states.note(&mut session, &[note]).await
    } else {
        Err(unknown(&args.from))
    };
    release(session, worked).await?;
    printer.line(&format!("{} is now {}", args.from, args.to));
    Ok(Exit::Done)
}

fn is_known(state: &AccountState, name: &Name) -> bool {
    state.certificates.contains_key(name) || creates(state, name)
}
