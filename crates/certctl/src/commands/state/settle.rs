//! `certctl state settle`: somebody says which certificate a create of unknown outcome made.

use certctl_model::{
    AccountState, CertificateId, CertificateType, Inspection, Mutation, Note, RemoteCertificate,
};

use crate::cli::Settle;
use crate::exit::Exit;
use crate::printer::{Printer, Problem};
use crate::remote::{Remote, Waits};
use crate::states::{States, release};

pub(super) async fn run(args: Settle, printer: Printer) -> Result<Exit, Problem> {
    let place = &args.remote.place;
    let Some(states) = States::open(&args.spec, place, "state settle", printer)? else {
        return Ok(Exit::Error);
    };
    let account = states.account_of(&args.address)?;
    let waits = Waits::default();
    let remote = Remote::open(&args.remote, &states.workspace, waits, false).await?;
    let key = states.key(&account.account_id);
    let mut session = states.hold(&key, args.lock.lock_timeout).await?;
    let worked = async {
        may_have_made(session.state(), &args)?;
        let found = remote
            .client()
            .get(&account.account_id, &args.id)
            .await
            .map_err(|error| Problem::from_error(&error).maybe_hint(error.hint()))?;
        is_manageable(found.as_ref(), &args.id)?;
        let note = Note::Created {
            certificate: args.address.certificate.clone(),
            id: args.id.clone(),
        };
        states.note(&mut session, &[note]).await
    }
    .await;
    let settled = release(session, worked).await;
    remote.close().await;
    settled?;
    printer.line(&format!("{}: its create made {}", args.address, args.id));
    Ok(Exit::Done)
}

/// Whether, by what is remembered, the open create can have made this.
fn may_have_made(state: &AccountState, args: &Settle) -> Result<(), Problem> {
    let (address, id) = (&args.address, &args.id);
    let open = state.open_create().map(|intent| &intent.mutation);
    let known = match open {
        Some(Mutation::Create {
            certificate, known, ..
        }) if *certificate == address.certificate => known,
        Some(Mutation::Create { certificate, .. }) => {
            return Err(Problem::new(format!(
                "the open create is for {}/{certificate}, not for {address}",
                address.account
            )));
        }
        Some(Mutation::Upload { certificate, .. }) => {
            let upload = format!("{}/{certificate}", address.account);
            return Err(
                Problem::new(format!("what is open is the upload for {upload}"))
                    .hint("`certctl apply` settles it by itself: its content says which it is"),
            );
        }
        _ => {
            return Err(
                Problem::new(format!("no create is open for {address}")).hint(format!(
                    "to take over a certificate, declare `import: {id}`"
                )),
            );
        }
    };
    if let Some((holder, _)) = state.binding(id) {
        return Err(Problem::new(format!(
            "{id} is bound to {}/{holder} already",
            address.account
        )));
    }
    if known.contains(id) {
        return Err(Problem::new(format!(
            "{id} was there before the create for {address} was sent, so it did not make it"
        ))
        .hint(format!(
            "to take it over all the same, declare `import: {id}`"
        )));
    }
    Ok(())
}

/// Whether, by what the API says, certctl may take it.
fn is_manageable(found: Option<&RemoteCertificate>, id: &CertificateId) -> Result<(), Problem> {
    let Some(certificate) = found else {
        return Err(Problem::new(format!("{id} does not exist in the account"))
            .hint("`certctl status` lists what does"));
    };
    if certificate.kind != CertificateType::GatewayManaged {
        return Err(Problem::new(format!(
            "{id} is of type {}, which certctl does not manage",
            certctl_plan::escape(&certificate.kind.to_string())
        )));
    }
    if let Inspection::Unsound(why) = &certificate.inspection {
        return Err(Problem::new(format!("{id} fails verification: {why}"))
            .hint("delete it in the dashboard; certctl will not manage it"));
    }
    Ok(())
}
