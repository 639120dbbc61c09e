//! `certctl upload`: a CA of one's own, into the account's mTLS certificate store.
//!
//! *Guarantees*: the private key is read last, and is wiped with the last that holds it; nothing that is
//! said here quotes it.

use std::path::Path;

use certctl_apply::Stored;
use certctl_cloudflare::{SecretString, Upload};
use certctl_files::Links;
use certctl_model::Name;
use certctl_plan::Options;
use certctl_x509::{OwnCa, Unfit};

use crate::cli;
use crate::exit::Exit;
use crate::printer::{Printer, Problem};
use crate::remote::{Remote, Waits};
use crate::unknown;
use crate::workspace::Workspace;

/// No chain of CAs, and no key, comes near this.
const MAX_BYTES: u64 = 256 * 1024;

pub(crate) async fn run(args: cli::Upload, printer: Printer) -> Result<Exit, Problem> {
    let Some(mut workspace) = Workspace::open(&args.spec, printer) else {
        return Ok(Exit::Error);
    };
    let mut accounts = workspace.spec.accounts.iter();
    let account = accounts.find(|account| account.name == args.account);
    let Some(account_id) = account.map(|account| account.account_id.clone()) else {
        let name = |name: &str| name.to_owned();
        return Err(unknown::account_named(&workspace.spec, &args.account, name));
    };
    let accounts = &mut workspace.spec.accounts;
    accounts.retain(|account| account.name == args.account);
    let unfit = |error: Unfit| {
        let shown = args.certificate.display();
        let problem = Problem::new(format!("{shown} is not uploaded: {error}"));
        problem.hint("docs/custom.md shows how to make a CA that everybody accepts")
    };
    let certificates = certificates(&args.certificate)?;
    let remote = Remote::open(&args.remote, &workspace, Waits::default(), false).await?;
    let remote = remote.recording(&args.audit)?;
    let own = OwnCa::read(&certificates).map_err(unfit)?;
    own.is_valid_at(remote.now()).map_err(unfit)?;
    let upload = Upload {
        name: args.name.clone().unwrap_or_else(|| stem(&args.certificate)),
        certificates: own.pem.clone(),
        private_key: private_key(&args.private_key)?,
    };
    own.owns(&upload.private_key).map_err(unfit)?;
    printer.line(&format!(
        "{}: a CA until {}, SHA-256 {}; the private key is its own",
        args.certificate.display(),
        own.facts.not_after,
        own.facts.fingerprint
    ));
    let says = |what: &str| printer.line(what);
    let options = Options::default();
    let fleet = remote.fleet(&workspace, &options);
    let fingerprint = own.facts.fingerprint;
    let upshot = certctl_apply::upload(&fleet, &account_id, &upload, fingerprint, &says).await;
    remote.close().await;
    let (id, what) = match upshot.stored {
        Ok(Stored::New(id)) => (id, "is stored"),
        Ok(Stored::There(id)) => (id, "was stored already"),
        Err(why) => return Err(Problem::new(why.what).maybe_hint(why.hint)),
    };
    printer.text(&format!(
        "It {what} in {account}, and Gateway does not use it. Declare it, and apply that:\n\n      - name: \
         {name}\n        custom: {{ id: {id} }}\n",
        account = args.account,
        name = address_name(&args.certificate),
    ));
    printer.data(&format!("{id}\n"));
    match upshot.unrecorded {
        None => Ok(Exit::Done),
        Some(why) => {
            Err(Problem::new(format!("not on record: {}", why.message)).maybe_hint(why.hint))
        }
    }
}

/// A name for the certificate in the spec; any would do.
fn address_name(path: &Path) -> String {
    let name: Option<Name> = stem(path).to_ascii_lowercase().parse().ok();
    name.map_or_else(|| "own-ca".to_owned(), |name| name.to_string())
}

/// The name of a file, without what says of which kind it is.
fn stem(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

fn certificates(path: &Path) -> Result<String, Problem> {
    let shown = path.display();
    let bytes = certctl_files::read(path, MAX_BYTES, Links::Follow)
        .map_err(|error| Problem::new(format!("cannot read the certificate {shown}: {error}")))?;
    String::from_utf8(bytes).map_err(|_| {
        Problem::new(format!("{shown} is no PEM"))
            .hint("`openssl x509 -inform DER -in FILE` makes PEM of DER")
    })
}

/// Reads the key; nothing of it stands in an error.
fn private_key(path: &Path) -> Result<SecretString, Problem> {
    let (shown, read) = if path == Path::new("-") {
        let read = certctl_files::bounded(std::io::stdin().lock(), MAX_BYTES);
        ("standard input".to_owned(), read)
    } else {
        let read = certctl_files::read(path, MAX_BYTES, Links::Follow);
        (path.display().to_string(), read)
    };
    let cannot = |why: &dyn std::fmt::Display| {
        Problem::new(format!("cannot read the private key, {shown}: {why}"))
    };
    let bytes = read.map_err(|error| cannot(&error))?;
    let text = String::from_utf8(bytes).map_err(|_| cannot(&"it is no PEM"))?;
    Ok(SecretString::from(text))
}
