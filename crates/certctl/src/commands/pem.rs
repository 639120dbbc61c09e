//! `certctl pem`: the certificate itself, for devices that do not fetch it by themselves.

use certctl_model::{Inspection, Role};

use crate::cli;
use crate::exit::Exit;
use crate::printer::{Printer, Problem};
use crate::remote::{Remote, Waits};
use crate::workspace::Workspace;

pub(crate) async fn run(args: cli::Pem, printer: Printer) -> Result<Exit, Problem> {
    let Some(mut workspace) = Workspace::open(&args.spec, printer) else {
        return Ok(Exit::Error);
    };
    workspace
        .spec
        .accounts
        .retain(|account| account.name == args.address.account);
    let remote = Remote::open(&args.remote, &workspace, Waits::default(), true).await?;
    let options = certctl_plan::Options::default();
    let surveys = remote.fleet(&workspace, &options).survey().await;
    remote.close().await;
    let Some(survey) = surveys.into_iter().next() else {
        return Err(Problem::new(format!(
            "no account is named {}",
            args.address.account
        )));
    };
    let observed = survey
        .observed
        .map_err(|diagnostic| Problem::new(diagnostic.message))?;
    let entry = survey
        .state
        .and_then(|state| state.certificates.get(&args.address.certificate).cloned());
    let Some(entry) = entry else {
        return Err(
            Problem::new(format!("{} is bound to no certificate", args.address))
                .hint("`certctl status` lists the addresses"),
        );
    };
    for role in [Role::Current, Role::Successor] {
        let Some(binding) = entry.with_role(role) else {
            continue;
        };
        let Some(certificate) = observed.certificate(&binding.id) else {
            continue;
        };
        if let Inspection::Unsound(why) = &certificate.inspection {
            return Err(
                Problem::new(format!("{} fails verification: {why}", binding.id))
                    .hint("do not install it anywhere"),
            );
        }
        if let Some(pem) = &certificate.pem {
            printer.data(&format!("{}\n", pem.trim_end()));
        }
    }
    Ok(Exit::Done)
}
