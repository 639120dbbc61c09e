//! The spec that was asked for, read and checked before anything else happens.

use std::path::{Path, PathBuf};

use certctl_model::{Code, Diagnostic, Name};
use certctl_spec::{Mode, ParseOptions, Sources, Spec};

use crate::annotations;
use crate::cli::SpecArgs;
use crate::printer::Printer;

/// What was read: the selected accounts, and the files for showing places in them.
pub(crate) struct Workspace {
    pub(crate) spec: Spec,
    pub(crate) sources: Sources,
    /// Warnings.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The directory beside which relative things are.
    pub(crate) home: PathBuf,
}

impl Workspace {
    /// Reads the spec. Where it has errors they are printed, all of them, and nothing is returned.
    pub(crate) fn open(args: &SpecArgs, printer: Printer) -> Option<Self> {
        let (sources, mut diagnostics) = certctl_spec::read_sources(&args.files);
        let env = |name: &str| std::env::var(name).ok();
        let options = ParseOptions {
            env: &env,
            mode: Mode::Use,
            accounts: &args.accounts,
        };
        let parsed = certctl_spec::parse(&sources, &options);
        diagnostics.extend(parsed.diagnostics);
        let spec = parsed
            .spec
            .and_then(|spec| select(spec, &args.accounts, &mut diagnostics));
        let failed = diagnostics.iter().any(Diagnostic::is_error);
        match spec.filter(|_| !failed) {
            Some(spec) => Some(Self {
                spec,
                sources,
                diagnostics,
                home: home(&args.files),
            }),
            None => {
                printer.diagnostics(&diagnostics, &sources);
                annotations::annotate(&diagnostics, printer);
                None
            }
        }
    }
}

fn select(mut spec: Spec, names: &[Name], diagnostics: &mut Vec<Diagnostic>) -> Option<Spec> {
    if names.is_empty() {
        return Some(spec);
    }
    let known: Vec<String> = spec
        .accounts
        .iter()
        .map(|account| account.name.to_string())
        .collect();
    for name in names {
        if !spec.accounts.iter().any(|account| account.name == *name) {
            diagnostics.push(
                Diagnostic::error(
                    Code::UnknownSelection,
                    format!("no account is named {name}"),
                )
                .hint(format!("the spec declares {}", known.join(", "))),
            );
        }
    }
    spec.accounts
        .retain(|account| names.contains(&account.name));
    Some(spec)
}

/// The directory of the first `-f`.
fn home(files: &[PathBuf]) -> PathBuf {
    let Some(first) = files.first() else {
        return PathBuf::from(".");
    };
    if first.is_dir() {
        return first.clone();
    }
    match first.parent() {
        Some(parent) if parent != Path::new("") => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}
