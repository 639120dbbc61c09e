//! Why a file is not YAML that can be read, in words for whoever wrote it.

use certctl_model::Code;
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::{Error, Location, MessageFormatter, UserMessageFormatter};

use super::node::{MAX_ALIASES, MAX_BYTES, MAX_DEPTH, MAX_NODES, Mark};

/// Why a file cannot be read.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) code: Code,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    pub(crate) mark: Option<Mark>,
}

impl Fault {
    fn new(code: Code, message: impl Into<String>, hint: &str, mark: Option<Mark>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: Some(hint.to_owned()),
            mark,
        }
    }

    /// More bytes than are read.
    pub(crate) fn too_large() -> Self {
        let message = format!("the file is larger than {MAX_BYTES} bytes");
        Self::new(
            Code::FileTooLarge,
            message,
            "split it into files by account",
            None,
        )
    }

    /// A second document; `content` is the first thing in it.
    pub(crate) fn second_document(content: Mark, text: &str) -> Self {
        let separator = usize::try_from(content.line).ok().and_then(|line| {
            let before = text.lines().enumerate().take(line);
            before.filter(|(_, line)| line.starts_with("---")).last()
        });
        let mark = separator.map_or(content, |(index, _)| Mark {
            line: u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1),
            column: 1,
            length: 3,
            ..Mark::default()
        });
        let message = "a second document starts here; a spec file holds one";
        let hint = "put it into a file of its own and name both with -f";
        Self::new(Code::YamlSyntax, message, hint, Some(mark))
    }

    /// What the engine says.
    pub(crate) fn from_engine(error: &Error, text: &str) -> Self {
        let error = error.without_snippet();
        let mark = error.location().map(|location| locate(location, text));
        if let Some(limit) = limit(error) {
            return Self::new(
                Code::YamlLimits,
                limit,
                "write it flatter, or split the file",
                mark,
            );
        }
        let said = UserMessageFormatter.format_message(error);
        if matches!(error, Error::UnknownAnchor { .. }) {
            let message = "an alias of something that is not defined before it";
            let hint = "define it with `&name` first, or quote a value that starts with `*`";
            return Self::new(Code::YamlSyntax, message, hint, mark);
        }
        if said.contains("recursion limit") {
            return Self::new(Code::YamlLimits, depth(), "write it flatter", mark);
        }
        if let Some(tab) = mark.and_then(|mark| leading_tab(mark, text)) {
            let message = "a tab is used for indentation";
            return Self::new(Code::YamlSyntax, message, "indent with spaces", Some(tab));
        }
        let line = mark.and_then(|mark| line(mark, text)).unwrap_or_default();
        let hint = hint(&said, line).map(str::to_owned);
        Self {
            code: Code::YamlSyntax,
            message: tidy(&said),
            hint,
            mark,
        }
    }
}

/// Which limit was passed, if it was one.
fn limit(error: &Error) -> Option<String> {
    let breach = match error {
        Error::AliasError { error, .. } => return limit(error),
        Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. } => return Some(aliases()),
        Error::Budget { breach, .. } => breach,
        _ => return None,
    };
    Some(match breach {
        BudgetBreach::Depth { .. } => depth(),
        BudgetBreach::Events { .. } | BudgetBreach::Nodes { .. } => {
            format!("the file has more than {MAX_NODES} keys and values, with its aliases expanded")
        }
        BudgetBreach::ScalarBytes { .. } => {
            "the file has too much text, with its aliases expanded".to_owned()
        }
        _ => aliases(),
    })
}

fn depth() -> String {
    format!("lists and mappings are nested more than {MAX_DEPTH} deep")
}

fn aliases() -> String {
    format!("aliases are used or nested too often: at most {MAX_ALIASES}, of small values")
}

/// What to do about a syntax error, where that can be told.
fn hint(said: &str, line: &str) -> Option<&'static str> {
    if said.contains("flow mapping") && line.contains("${") {
        return Some("quote a variable inside of braces: \"${NAME}\"");
    }
    if said.contains("mapping values are not allowed") {
        return Some("quote a value that holds a colon, or check the indentation");
    }
    if said.contains("unsupported tag") {
        return Some("remove the tag: the format needs none");
    }
    if said.contains("unexpected character") {
        return Some("quote a value that starts with a special character");
    }
    let misaligned = ["did not find expected key", "did not find expected '-'"];
    if misaligned.iter().any(|part| said.contains(part)) {
        return Some("check the indentation: keys of one mapping start in the same column");
    }
    None
}

/// The tab that indents the line, or the one after it: where the engine stumbled is often the end
/// of the line before.
fn leading_tab(mark: Mark, text: &str) -> Option<Mark> {
    let at = usize::try_from(mark.line).ok()?.saturating_sub(1);
    let (index, line) = text
        .lines()
        .enumerate()
        .skip(at)
        .take(2)
        .find(|(_, line)| {
            let indentation = line.len() - line.trim_start_matches([' ', '\t']).len();
            line.get(..indentation)
                .is_some_and(|indentation| indentation.contains('\t'))
                && !line.trim().is_empty()
        })?;
    Some(Mark {
        line: u32::try_from(index).ok()?.saturating_add(1),
        column: u32::try_from(line.find('\t')?).ok()?.saturating_add(1),
        length: 1,
        ..Mark::default()
    })
}

fn line(mark: Mark, text: &str) -> Option<&str> {
    text.lines()
        .nth(usize::try_from(mark.line).ok()?.checked_sub(1)?)
}

/// The engine's words in our manner: a lower-case fragment on one line, of bearable length.
fn tidy(said: &str) -> String {
    let said = said
        .lines()
        .next()
        .unwrap_or_default()
        .trim_end_matches('.');
    let mut letters = said.chars();
    let first = letters.next().map(|c| c.to_ascii_lowercase());
    first
        .into_iter()
        .chain(letters)
        .filter(|c| !c.is_control())
        .take(160)
        .collect()
}

/// The engine's location as ours: on one line, without what trails the value.
pub(super) fn locate(location: Location, text: &str) -> Mark {
    let span = location.span();
    let start = span.byte_offset().unwrap_or(0);
    let end = start + span.byte_len().unwrap_or(0);
    let mut mark = Mark {
        file: 0,
        line: u32::try_from(location.line()).unwrap_or(u32::MAX),
        column: u32::try_from(location.column()).unwrap_or(u32::MAX),
        length: 0,
        bytes: (
            u32::try_from(start).unwrap_or(0),
            u32::try_from(end).unwrap_or(0),
        ),
        plain: false,
        variable: false,
    };
    let source = mark.slice(text);
    mark.plain = !source.starts_with(['"', '\'', '|', '>']);
    let line = source.lines().next().unwrap_or_default().trim_end();
    mark.length = u32::try_from(line.chars().count()).unwrap_or(u32::MAX);
    mark
}
