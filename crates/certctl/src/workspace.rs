//! The spec that was asked for, read and checked before anything else happens.

use std::path::{Path, PathBuf};

use std::collections::BTreeSet;

use certctl_model::{AccountId, Code, Diagnostic};
use certctl_spec::{Account, Mode, ParseOptions, Selector, Sources, Spec, Unset, selects};

use crate::annotations;
use crate::cli::SpecArgs;
use crate::home::home;
use crate::printer::Printer;
use crate::secrets;
use crate::tokens;

/// What was read: the selected accounts, and the files for showing places in them.
pub(crate) struct Workspace {
    pub(crate) spec: Spec,
    /// Every account that is declared, selected or not.
    pub(crate) declared: BTreeSet<AccountId>,
    pub(crate) sources: Sources,
    /// Warnings.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The folder in which things are that nobody placed.
    pub(crate) home: PathBuf,
    /// The folder beside which a relative `state` is.
    pub(crate) state_home: PathBuf,
    /// What `-f` named.
    pub(crate) files: Vec<PathBuf>,
}

impl Workspace {
    /// Of a spec that was read already, with all that nobody placed in `home`.
    pub(crate) fn of(spec: Spec, sources: Sources, home: PathBuf) -> Self {
        Self {
            declared: ids(&spec),
            spec,
            sources,
            diagnostics: Vec::new(),
            state_home: home.clone(),
            home,
            files: Vec::new(),
        }
    }

    /// Reads the spec. Where it has errors they are printed, all of them, and nothing is returned.
    pub(crate) fn open(args: &SpecArgs, printer: Printer) -> Option<Self> {
        let (sources, mut diagnostics) = secrets::read_sources(&args.files);
        let env = |name: &str| std::env::var(name).ok();
        let selectors = args.selectors();
        let options = ParseOptions {
            env: &env,
            mode: Mode::Use,
            accounts: &selectors,
        };
        let parsed = certctl_spec::parse(&sources, &options);
        diagnostics.extend(parsed.diagnostics);
        let home = home(&args.files);
        let said = parsed.state_place.as_ref();
        let beside =
            said.and_then(|place| Some(Path::new(place.file.as_str()).parent()?.to_path_buf()));
        let declared = parsed.spec.as_ref().map(ids).unwrap_or_default();
        let spec = parsed
            .spec
            .and_then(|spec| selected(spec, &parsed.unset, args, &mut diagnostics));
        if let Some(spec) = &spec {
            diagnostics.extend(suspended(&spec.suspended));
        }
        let failed = diagnostics.iter().any(Diagnostic::is_error);
        match spec.filter(|_| !failed) {
            Some(spec) => Some(Self {
                spec,
                declared,
                sources,
                diagnostics,
                state_home: beside.unwrap_or_else(|| home.clone()),
                home,
                files: args.files.clone(),
            }),
            None => {
                printer.diagnostics(&diagnostics, &sources);
                annotations::annotate(&diagnostics, printer);
                None
            }
        }
    }
}

fn ids(spec: &Spec) -> BTreeSet<AccountId> {
    let accounts = spec.accounts.iter();
    accounts.map(|account| account.account_id.clone()).collect()
}

/// The selected accounts of a spec; `None` where a selection selects nothing, which is said: of accounts
/// that a variable leaves out nobody knows. From here on nothing prints what its variables hold for tokens.
pub(crate) fn selected(
    mut spec: Spec,
    unset: &[Unset],
    args: &SpecArgs,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Spec> {
    tokens::learn(&spec);
    let selectors = args.selectors();
    let all = || spec.accounts.iter().chain(&spec.suspended);
    let fits = |selectors: &[Selector]| {
        all().any(|account| selects(selectors, &account.name, &account.labels))
            || unset.iter().any(|account| account.may_be(selectors))
    };
    let before = diagnostics.len();
    for selector in &selectors {
        if !fits(std::slice::from_ref(selector)) {
            let message = match selector {
                Selector::Account(pattern) if pattern.is_name() => {
                    format!("no account is named {pattern}")
                }
                Selector::Account(pattern) => format!("no account has a name like {pattern}"),
                Selector::Label(label) => format!("no account has the label {label}"),
            };
            let mut names: Vec<_> = all().map(|account| account.name.as_str()).collect();
            names.sort_unstable();
            let hint = format!("the spec declares {}", some(&names));
            diagnostics.push(Diagnostic::error(Code::UnknownSelection, message).hint(hint));
        }
    }
    if diagnostics.len() == before && !selectors.is_empty() && !fits(&selectors) {
        let message = "no account fits all of --account and --label together";
        diagnostics.push(
            Diagnostic::error(Code::UnknownSelection, message)
                .hint("`certctl validate --expand` shows the labels of each account"),
        );
    }
    if diagnostics.len() > before {
        return None;
    }
    let keep = |account: &Account| selects(&selectors, &account.name, &account.labels);
    let left_out = spec.accounts.extract_if(.., |account| !keep(account));
    spec.left_out = left_out.collect();
    spec.suspended.retain(keep);
    Some(spec)
}

/// Says which accounts are left alone.
fn suspended(accounts: &[Account]) -> Option<Diagnostic> {
    let names: Vec<_> = accounts
        .iter()
        .map(|account| account.name.as_str())
        .collect();
    let message = match &names[..] {
        [] => return None,
        [_] => format!("1 account is suspended: {}", some(&names)),
        _ => format!("{} accounts are suspended: {}", names.len(), some(&names)),
    };
    let place = accounts.first().map(|account| account.place.clone());
    Some(
        Diagnostic::warning(Code::AccountSuspended, message)
            .at(place)
            .hint("certctl neither reads nor changes them; remove `suspended: true` to manage them again"),
    )
}

/// The first of several names, and how many more there are.
fn some(names: &[&str]) -> String {
    const SHOWN: usize = 10;
    let listed = names
        .iter()
        .take(SHOWN)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => listed,
        more => format!("{listed} and {more} more"),
    }
}
