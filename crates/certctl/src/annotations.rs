//! Under GitHub Actions, diagnostics also stand beside the lines that they are about, and the plan on
//! the summary page of the run.
//!
//! *Invariants*: annotations go to stderr, which the runner reads too, so that data stays data; text
//! from a file or an API can neither end its own annotation nor begin another command; a summary that
//! cannot be written is said, and changes nothing else.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use certctl_model::{Diagnostic, Severity};
use certctl_plan::escape;
use certctl_spec::Sources;

use crate::printer::Printer;
use crate::secrets::scrub;

/// The most that is annotated; the runner shows fewer, and the log has them all.
const MOST: usize = 50;

/// Writes an annotation for each diagnostic, where this runs under GitHub Actions.
pub(crate) fn annotate(diagnostics: &[Diagnostic], printer: Printer) {
    if std::env::var("GITHUB_ACTIONS").as_deref() != Ok("true") {
        return;
    }
    let root = std::env::var_os("GITHUB_WORKSPACE").map(PathBuf::from);
    for diagnostic in diagnostics.iter().take(MOST) {
        printer.line(&annotation(diagnostic, root.as_deref()));
    }
}

/// Appends Markdown to the summary of the step, where there is one; it is not written for nobody.
pub(crate) fn summarize(markdown: impl FnOnce() -> String, printer: Printer) {
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else {
        return;
    };
    let text = format!("{}\n", markdown());
    let appended = certctl_files::append(Path::new(&path), 0o666)
        .and_then(|mut file| file.write_all(scrub(&text).as_bytes()));
    if let Err(error) = appended {
        printer.line(&format!(
            "warning: cannot write the step summary {}: {error}",
            Path::new(&path).display()
        ));
    }
}

/// What `validate` found, as Markdown: a verdict, and the diagnostics as a person sees them.
pub(crate) fn validation(verdict: &str, diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut text = format!("## {verdict}\n");
    if !diagnostics.is_empty() {
        let shown = certctl_spec::render(diagnostics, sources, false);
        let longest = shown.split(|c| c != '`').map(str::len).max();
        let fence = "`".repeat(longest.unwrap_or_default().max(2) + 1);
        text.push_str(&format!("\n{fence}text\n{}\n{fence}\n", shown.trim_end()));
    }
    text
}

/// `::error file=…,line=…,col=…,title=…::message`.
fn annotation(diagnostic: &Diagnostic, root: Option<&Path>) -> String {
    let word = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut properties = Vec::new();
    if let Some(place) = &diagnostic.place {
        properties.push(format!(
            "file={}",
            property(&escape(&in_repository(&place.file, root)))
        ));
        properties.push(format!("line={}", place.line));
        properties.push(format!("col={}", place.column));
    }
    let title = format!("certctl {}", diagnostic.code);
    properties.push(format!("title={}", property(&title)));
    let about = match (&diagnostic.address, &diagnostic.account) {
        (Some(address), _) => format!("{address}: "),
        (None, Some(account)) => format!("{account}: "),
        (None, None) => String::new(),
    };
    let mut message = format!("{about}{}", escape(&scrub(&diagnostic.message)));
    if let Some(hint) = &diagnostic.hint {
        message.push_str(&format!("\nhint: {}", escape(&scrub(hint))));
    }
    format!("::{word} {}::{}", properties.join(","), data(&message))
}

/// GitHub shows a file by its path in the repository, however it was named.
fn in_repository(file: &str, root: Option<&Path>) -> String {
    let absolute = std::path::absolute(file).ok();
    let within = root
        .zip(absolute.as_deref())
        .and_then(|(root, file)| file.strip_prefix(root).ok());
    match within {
        Some(path) => path.display().to_string(),
        None => file.strip_prefix("./").unwrap_or(file).to_owned(),
    }
}

/// The runner's escapes for the text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// And for the value of a property, where `:` and `,` mean something too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use certctl_model::{Code, Place};

    use super::*;

    #[test]
    fn an_annotation_stands_at_its_line() {
        let place = Place {
            file: "/repository/gateway/a,b:c\n\u{1b}.yaml".into(),
            line: 7,
            column: 3,
            length: 1,
        };
        let diagnostic = Diagnostic::error(Code::OutOfRange, "50% is not\r\na number")
            .hint("write\n::error::1")
            .at(Some(place))
            .address(&"acme/a".parse().unwrap());
        assert_eq!(
            annotation(&diagnostic, Some(Path::new("/repository"))),
            "::error file=gateway/a%2Cb%3Ac\\u{a}\\u{1b}.yaml,line=7,col=3,title=certctl out_of_range::\
             acme/a: 50%25 is not\\u{d}\\u{a}a number%0Ahint: write\\u{a}::error::1"
        );
    }

    #[test]
    fn what_has_no_place_is_said_without_one() {
        let diagnostic = Diagnostic::warning(Code::NoAccounts, "nothing");
        assert_eq!(
            annotation(&diagnostic, None),
            "::warning title=certctl no_accounts::nothing"
        );
        assert_eq!(in_repository("./certctl.yaml", None), "certctl.yaml");
        assert_eq!(data("%\r\n"), "%25%0D%0A");
    }

    #[test]
    fn a_summary_closes_what_it_opens() {
        let verdict = "The spec has 1 error.";
        let diagnostic = Diagnostic::error(Code::NoAccounts, "``` and ````");
        let text = validation(verdict, &[diagnostic], &Sources::from_iter([]));
        assert!(
            text.contains("\n`````text\n") && text.ends_with("\n`````\n"),
            "{text}"
        );
        assert_eq!(
            validation("Right.", &[], &Sources::from_iter([])),
            "## Right.\n"
        );
    }
}
