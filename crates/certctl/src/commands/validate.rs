//! `certctl validate`: every problem of the spec at once, without any request.

use certctl_model::{Diagnostic, Severity};
use certctl_spec::{Mode, ParseOptions, Spec};

use crate::annotations;
use crate::cli::{Format, Validate};
use crate::exit::Exit;
use crate::printer::Printer;
use crate::secrets;
use crate::workspace::selected;

pub(crate) fn run(args: &Validate, printer: Printer) -> Exit {
    let (sources, mut diagnostics) = secrets::read_sources(&args.spec.files);
    let env = |name: &str| std::env::var(name).ok();
    let selectors = args.spec.selectors();
    let options = ParseOptions {
        env: &env,
        mode: Mode::Validate,
        accounts: &selectors,
    };
    let parsed = certctl_spec::parse(&sources, &options);
    diagnostics.extend(parsed.diagnostics);
    let spec = parsed
        .spec
        .and_then(|spec| selected(spec, &parsed.unset, &args.spec, &mut diagnostics));
    let valid = !diagnostics.iter().any(Diagnostic::is_error);
    let verdict = verdict(spec.as_ref(), &diagnostics);
    match args.format {
        Format::Human if args.expand => {
            printer.diagnostics(&diagnostics, &sources);
            match spec.filter(|_| valid) {
                Some(spec) => printer.data(&certctl_spec::expand(&spec)),
                None => printer.line(&verdict),
            }
        }
        Format::Json => {
            let document = serde_json::json!({
                "format_version": "1.0",
                "kind": "validate",
                "valid": valid,
                "diagnostics": diagnostics,
            });
            printer.data(&format!("{document:#}\n"));
        }
        Format::Human => {
            printer.diagnostics(&diagnostics, &sources);
            if valid {
                printer.data(&format!("{verdict}\n"));
            } else {
                printer.text(&format!("\n{verdict}"));
            }
        }
    }
    annotations::annotate(&diagnostics, printer);
    let summary = || annotations::validation(&verdict, &diagnostics, &sources);
    annotations::summarize(summary, printer);
    if valid { Exit::Done } else { Exit::Error }
}

/// One line: what is declared, or how much is wrong.
fn verdict(spec: Option<&Spec>, diagnostics: &[Diagnostic]) -> String {
    let of = |severity| {
        diagnostics
            .iter()
            .filter(|d| d.severity == severity)
            .count()
    };
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    if errors > 0 {
        return format!("The spec has {}.", count(errors, "error"));
    }
    let accounts = spec.map_or(&[][..], |spec| &spec.accounts);
    let certificates: usize = accounts.iter().map(|a| a.certificates.len()).sum();
    let suspended = match spec.map_or(0, |spec| spec.suspended.len()) {
        0 => String::new(),
        suspended => format!("; {suspended} suspended"),
    };
    let warned = if warnings > 0 {
        format!("; {}", count(warnings, "warning"))
    } else {
        String::new()
    };
    format!(
        "The spec is valid: {}, {}{suspended}{warned}.",
        count(certificates, "certificate"),
        count(accounts.len(), "account"),
    )
}

/// `1 certificate`, `2 certificates`.
pub(crate) fn count(n: usize, what: &str) -> String {
    if n == 1 {
        format!("1 {what}")
    } else {
        format!("{n} {what}s")
    }
}
