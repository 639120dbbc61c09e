//! A spec with what was missing in it.
//!
//! *Expected flow*: what is neither declared nor bound is judged, named and written into the text at
//! the positions that the parser gives. *Guarantees*: the result is parsed again and has to say what
//! the text said before and what was added, nothing else; else there is no result.

use certctl_model::{Code, Diagnostic};
use certctl_spec::{Mode, ParseOptions, Source, Spec};

use crate::extension::{Extension, Refusal, Surroundings};
use crate::found::Found;
use crate::insert::apply;
use crate::lines::HEADER;
use crate::missing::Missing;
use crate::proof;
use crate::tree::Node;

/// A new spec that declares what was found.
///
/// # Errors
/// When the result could not be proved to be right; that would be a defect.
pub fn write(found: &[Found], around: &Surroundings<'_>) -> Result<Extension, Refusal> {
    let text = format!("{HEADER}version: 1\naccounts: []\n");
    extend("the new spec", &text, found, around)
}

/// The spec `text`, named `file`, with what was found and is neither declared nor bound.
///
/// # Errors
/// When the spec has errors, or there is no place in it for what is missing.
pub fn extend(
    file: &str,
    text: &str,
    found: &[Found],
    around: &Surroundings<'_>,
) -> Result<Extension, Refusal> {
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mark = text.len() - bare.len();
    let spec = parse(file, bare, around)?;
    let root = Node::parse(bare);
    let missing = Missing::new(bare, &spec, root.as_ref(), around);
    let (edits, mut extension, expected) = missing.find(found)?;
    if edits.is_empty() {
        extension.text = text.to_owned();
        return Ok(extension);
    }
    let new = apply(bare, edits);
    let parsed = parse(file, &new, around);
    let proved = parsed.is_ok_and(|spec| proof::holds(root.as_ref(), &new, &spec, &expected));
    if !proved {
        let lines = expected.lines();
        return Err(Refusal::NoPlace {
            why: "the text around it is written in a way that cannot be extended safely".to_owned(),
            lines,
        });
    }
    extension.text = format!("{}{new}", text.get(..mark).unwrap_or_default());
    Ok(extension)
}

/// Reads a spec that may still declare no account.
fn parse(file: &str, text: &str, around: &Surroundings<'_>) -> Result<Spec, Refusal> {
    let sources = match around.sources {
        Some(sources) => sources.with_text(file, text),
        None => {
            let (name, text) = (file.to_owned(), text.to_owned());
            std::iter::once(Source { name, text }).collect()
        }
    };
    let options = ParseOptions {
        env: around.env,
        mode: Mode::Use,
        accounts: &[],
    };
    let parsed = certctl_spec::parse(&sources, &options);
    if let Some(spec) = parsed.spec {
        return Ok(spec);
    }
    let errors: Vec<Diagnostic> = parsed
        .diagnostics
        .into_iter()
        .filter(Diagnostic::is_error)
        .collect();
    let only_empty = |diagnostic: &Diagnostic| diagnostic.code == Code::NoAccounts;
    if errors.iter().all(only_empty) {
        return Ok(Spec::default());
    }
    Err(Refusal::Invalid {
        diagnostics: errors,
        sources,
    })
}

#[cfg(test)]
mod tests;
