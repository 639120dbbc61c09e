//! `certctl pem`: the certificate itself, for devices that do not fetch it by themselves.
//!
//! It is read from the API, and from the state where the API cannot be reached: it was verified when
//! it was put there.

use certctl_apply::Survey;
use certctl_model::{Address, Binding, CertificateId, Inspection, RemoteCertificate, Role};
use certctl_spec::Account;
use certctl_x509::facts;

use crate::cli::{self, Subject};
use crate::exit::Exit;
use crate::printer::{Printer, Problem};
use crate::remote::{Remote, Waits};
use crate::unknown;
use crate::workspace::Workspace;

pub(crate) async fn run(args: cli::Pem, printer: Printer) -> Result<Exit, Problem> {
    let Some(mut workspace) = Workspace::open(&args.spec, printer) else {
        return Ok(Exit::Error);
    };
    if let Subject::Address(address) = &args.subject {
        let mut accounts = workspace.spec.accounts.iter();
        if !accounts.any(|account| account.name == address.account) {
            return Err(unknown::account(&workspace.spec, address));
        }
        let accounts = &mut workspace.spec.accounts;
        accounts.retain(|account| account.name == address.account);
    }
    let remote = Remote::open(&args.remote, &workspace, Waits::default(), true).await?;
    let options = certctl_plan::Options::default();
    let surveys = remote.fleet(&workspace, &options).survey_with_pems().await;
    remote.close().await;
    let mut text = String::new();
    for (account, survey) in workspace.spec.accounts.iter().zip(&surveys) {
        for one in wanted(account, survey, &args) {
            text.push_str(&one.text(survey, printer)?);
        }
    }
    if text.is_empty() {
        let role = args.role.map_or("certificate", |role| role.role().as_str());
        return Err(
            Problem::new(format!("{} holds no {role} to print", args.subject))
                .hint("`certctl status` lists the addresses, and what each holds in which role"),
        );
    }
    printer.data(&text);
    Ok(Exit::Done)
}

/// A certificate that was asked for, and what is known of its place.
struct Wanted<'a> {
    id: &'a CertificateId,
    /// Its address and what is remembered; none for what this spec does not manage.
    bound: Option<(Address, &'a Binding)>,
}

/// What the arguments mean in this account: by id any certificate, by address the current one and its
/// successor, or those of the given role.
fn wanted<'a>(account: &Account, survey: &'a Survey, args: &'a cli::Pem) -> Vec<Wanted<'a>> {
    let bindings = survey.state.iter().flat_map(|state| state.bindings());
    let mut bound: Vec<Wanted<'a>> = bindings
        .filter(|(name, binding)| match (&args.subject, args.role) {
            (Subject::Id(id), _) => binding.id == *id,
            (Subject::Address(address), None) => {
                **name == address.certificate && binding.role != Role::Retiring
            }
            (Subject::Address(address), Some(role)) => {
                **name == address.certificate && binding.role == role.role()
            }
        })
        .map(|(name, binding)| Wanted {
            id: &binding.id,
            bound: Some((account.address(name), binding)),
        })
        .collect();
    bound.sort_by_key(|one| one.bound.as_ref().map(|(_, binding)| binding.role));
    if let (true, Subject::Id(id), Ok(observed)) =
        (bound.is_empty(), &args.subject, &survey.observed)
        && observed.certificate(id).is_some()
    {
        bound.push(Wanted { id, bound: None });
    }
    bound
}

impl Wanted<'_> {
    /// Its PEM below a comment that says what it is.
    fn text(&self, survey: &Survey, printer: Printer) -> Result<String, Problem> {
        let (pem, remote) = match &survey.observed {
            Ok(observed) => {
                let remote = observed.certificate(self.id);
                (remote.and_then(|remote| remote.pem.as_deref()), remote)
            }
            Err(diagnostic) => {
                printer.line(&format!(
                    "warning: {}; what follows is from the state",
                    diagnostic.message
                ));
                let kept = self.bound.as_ref();
                (kept.and_then(|(_, binding)| binding.pem.as_deref()), None)
            }
        };
        if let Some(Inspection::Unsound(why)) = remote.map(|remote| &remote.inspection) {
            let problem = Problem::new(format!("{} fails verification: {why}", self.id));
            return Err(problem.hint("do not install it anywhere"));
        }
        let Some(pem) = pem else {
            return Err(Problem::new(format!(
                "neither the API nor the state has the PEM of {}",
                self.id
            ))
            .hint("run it again when the API can be reached"));
        };
        Ok(format!("{}{}\n", self.comment(pem, remote), pem.trim_end()))
    }

    /// What stands above it: readers of PEM pass over what is outside of the block.
    fn comment(&self, pem: &str, remote: Option<&RemoteCertificate>) -> String {
        let mut comment = match &self.bound {
            Some((address, binding)) => format!("# {address}, {}", binding.role.as_str()),
            None => "# not managed by this spec".to_owned(),
        };
        if remote.is_some_and(|remote| remote.in_use) {
            comment.push_str(", in use by Gateway");
        }
        comment.push_str(&format!("\n# {}", self.id));
        let known = remote.and_then(RemoteCertificate::facts).cloned();
        if let Some(facts) = known.or_else(|| facts(pem).ok()) {
            let expires = facts.not_after.strftime("%Y-%m-%d");
            comment.push_str(&format!(
                ", expires {expires}\n# SHA-256 {}",
                facts.fingerprint
            ));
        }
        comment.push('\n');
        comment
    }
}
