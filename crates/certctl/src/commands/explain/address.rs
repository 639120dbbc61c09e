//! `certctl explain ADDRESS` and `ID`: the account is planned as `certctl plan --account NAME` does it, and
//! what that is made from is told.
//!
//! *Guarantees*: it only reads, and sends the requests of a plan of that account; of an id, those of a plan
//! of all accounts that are selected, for any of them may have it.

use certctl_apply::{Beside, Devices, Fleet, Survey};
use certctl_model::{Address, CertificateId, Diagnostic, Name};
use certctl_plan::{Options, Plan};
use certctl_planner::spoken;
use certctl_render::{Scene, explain, explain_unmanaged};
use certctl_spec::{Account, Mode, ParseOptions, Spec, origins};

use crate::cli::{self, Subject};
use crate::printer::{Printer, Problem};
use crate::remote::{Remote, Waits};
use crate::unknown;
use crate::workspace::Workspace;

/// Everything that is needed to explain what was typed.
pub(super) struct Explainer {
    workspace: Workspace,
    remote: Remote,
    options: Options,
    printer: Printer,
}

impl Explainer {
    /// Opens the spec, the API and the state; none where the spec has errors, which were printed.
    pub(super) async fn open(
        args: &cli::Explain,
        printer: Printer,
    ) -> Result<Option<Self>, Problem> {
        let Some(workspace) = Workspace::open(&args.spec, printer) else {
            return Ok(None);
        };
        printer.diagnostics(&workspace.diagnostics, &workspace.sources);
        let remote = Remote::open(&args.remote, &workspace, Waits::default(), true).await?;
        Ok(Some(Self {
            workspace,
            remote,
            options: Options::default(),
            printer,
        }))
    }

    pub(super) async fn close(self) {
        self.remote.close().await;
    }

    pub(super) async fn explain(&self, subject: &Subject) -> Result<String, Problem> {
        match subject {
            Subject::Address(address) => self.address(address).await,
            Subject::Id(id) => self.id(id).await,
        }
    }

    async fn address(&self, address: &Address) -> Result<String, Problem> {
        let spec = &self.workspace.spec;
        let Some(account) = spec.account(&address.account) else {
            return Err(unknown::account(spec, address));
        };
        let alone = alone(spec, &account.name);
        let fleet = self.fleet(&alone);
        let surveys = fleet.survey().await;
        let survey = surveys.first();
        let survey = survey.ok_or_else(|| unknown::account(spec, address))?;
        self.of_survey(&fleet, account, survey, address).await
    }

    async fn id(&self, id: &CertificateId) -> Result<String, Problem> {
        let spec = &self.workspace.spec;
        let surveys = self.fleet(spec).survey().await;
        let mut unread = Vec::new();
        for (account, survey) in spec.accounts.iter().zip(&surveys) {
            let state = survey.state.as_ref();
            let alone = alone(spec, &account.name);
            let fleet = self.fleet(&alone);
            if let Some((name, binding)) = state.and_then(|state| state.binding(id)) {
                let address = account.address(name);
                let text = self.of_survey(&fleet, account, survey, &address).await?;
                let role = binding.role.as_str();
                return Ok(format!(
                    "{id} is the {role} certificate of {address}.\n\n{text}"
                ));
            }
            let observed = match &survey.observed {
                Ok(observed) => observed,
                Err(diagnostic) => {
                    unread.push(not_read(account, diagnostic));
                    continue;
                }
            };
            if observed.certificate(id).is_some() {
                return self.unmanaged(&fleet, account, survey, id).await;
            }
            let had = |entry: &certctl_model::Entry| entry.had.contains(id);
            let mut entries = state.into_iter().flat_map(|state| &state.certificates);
            if let Some((name, _)) = entries.find(|(_, entry)| had(entry)) {
                let address = account.address(name);
                let text = self.of_survey(&fleet, account, survey, &address).await?;
                return Ok(format!(
                    "{id} is not in the account any more; {address} held it once.\n\n{text}"
                ));
            }
        }
        // It may be in one that could not be read.
        Err(unread.pop().unwrap_or_else(|| unknown::id(&surveys, id)))
    }

    /// What is told of an address of this account.
    async fn of_survey(
        &self,
        fleet: &Fleet<'_>,
        account: &Account,
        survey: &Survey,
        address: &Address,
    ) -> Result<String, Problem> {
        let said = {
            let env = |name: &str| std::env::var(name).ok();
            let options = ParseOptions {
                env: &env,
                mode: Mode::Use,
                accounts: &[],
            };
            origins(&self.workspace.sources, &options, address)
        };
        let tell = |scene: &Scene<'_>| {
            let scene = Scene {
                said: &said,
                ..*scene
            };
            explain(&scene, address)
        };
        let text = self.told(fleet, account, survey, tell).await?;
        text.ok_or_else(|| unknown::address(account, survey, address))
    }

    async fn unmanaged(
        &self,
        fleet: &Fleet<'_>,
        account: &Account,
        survey: &Survey,
        id: &CertificateId,
    ) -> Result<String, Problem> {
        let text = self
            .told(fleet, account, survey, |scene| explain_unmanaged(scene, id))
            .await?;
        text.ok_or_else(|| Problem::new(format!("{id} is not in {}", account.name)))
    }

    /// Plans the account alone, and tells of it.
    async fn told(
        &self,
        fleet: &Fleet<'_>,
        account: &Account,
        survey: &Survey,
        tell: impl FnOnce(&Scene<'_>) -> Option<String>,
    ) -> Result<Option<String>, Problem> {
        if let Err(diagnostic) = &survey.observed {
            return Err(not_read(account, diagnostic));
        }
        let surveys = std::slice::from_ref(survey);
        let beside = fleet.beside(surveys).await;
        let beside: Vec<_> = beside.iter().map(Beside::bystander).collect();
        let mut plan: Plan = fleet.plan(surveys, &beside, Vec::new());
        fleet.name_who(surveys, &mut plan).await;
        let options = Options {
            wave: plan
                .accounts
                .first()
                .and_then(|account| account.wave.clone()),
            ..self.options.clone()
        };
        let input = survey.input(fleet.spec, account);
        let spoken = spoken(&input, &options, plan.planned_at).unwrap_or_default();
        Ok(tell(&Scene {
            plan: &plan,
            input: &input,
            spoken: &spoken,
            said: &[],
            width: self.printer.width(),
        }))
    }

    /// The accounts of this part of the spec.
    fn fleet<'a>(&'a self, spec: &'a Spec) -> Fleet<'a> {
        Fleet {
            spec,
            devices: Devices::counted(false),
            ..self.remote.fleet(&self.workspace, &self.options)
        }
    }
}

/// The spec with this account alone selected.
fn alone(spec: &Spec, name: &Name) -> Spec {
    let mut alone = spec.clone();
    let others = alone
        .accounts
        .extract_if(.., |account| account.name != *name);
    alone.left_out.extend(others);
    alone
}

fn not_read(account: &Account, diagnostic: &Diagnostic) -> Problem {
    let what = format!("{} could not be read: {}", account.name, diagnostic.message);
    Problem::new(what).maybe_hint(diagnostic.hint.clone())
}
