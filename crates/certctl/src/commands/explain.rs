//! `certctl explain`: why an address or a certificate is what it is, or what a code means.

mod address;
mod advice;
mod code;

use crate::cli::{self, Subject};
use crate::exit::Exit;
use crate::printer::{Printer, Problem};

use address::Explainer;

/// One word that was typed.
enum Word {
    /// A code, and all that it means.
    Code(String),
    /// What is planned, to say why.
    Subject(Subject),
}

pub(crate) async fn run(args: cli::Explain, printer: Printer) -> Result<Exit, Problem> {
    if args.words.is_empty() {
        printer.data(&code::all(args.markdown));
        return Ok(Exit::Done);
    }
    let words: Vec<Word> = args
        .words
        .iter()
        .map(|word| read(word))
        .collect::<Result<_, _>>()?;
    let plans = words.iter().any(|word| matches!(word, Word::Subject(_)));
    let explainer = match plans {
        true => match Explainer::open(&args, printer).await? {
            Some(explainer) => Some(explainer),
            None => return Ok(Exit::Error),
        },
        false => None,
    };
    let mut texts = Vec::new();
    let mut failed = None;
    for word in words {
        match (word, &explainer) {
            (Word::Subject(subject), Some(explainer)) => match explainer.explain(&subject).await {
                Ok(text) => texts.push(text),
                Err(problem) => {
                    failed = Some(problem);
                    break;
                }
            },
            (Word::Code(text), _) => texts.push(text),
            (Word::Subject(_), None) => {}
        }
    }
    if let Some(explainer) = explainer {
        explainer.close().await;
    }
    printer.data(&texts.join("\n"));
    failed.map_or(Ok(Exit::Done), Err)
}

/// An address has a slash, an id is a UUID, and everything else is a code.
fn read(word: &str) -> Result<Word, Problem> {
    if word.contains('/') || is_uuid(word) {
        let subject = word.parse().map(Word::Subject);
        return subject.map_err(|error| Problem::from_error(&error));
    }
    code::one(word)
        .map(Word::Code)
        .ok_or_else(|| code::unknown(word))
}

fn is_uuid(word: &str) -> bool {
    let groups: Vec<usize> = word.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12] && word.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}
