//! Tests of the whole crate. Each file is one lesson; what a person sees is beside what was written.

mod bounds;
mod custom;
mod defaults;
mod engines;
mod evidence;
mod examples;
mod expand;
mod keys;
mod meaning;
mod origins;
mod policy;
mod settings;
mod source;
mod state;
mod tables;
mod templates;
mod token;
mod types;
mod variables;
mod waves;
mod windows;
mod yaml;

use crate::{Mode, ParseOptions, Parsed, Source, Sources, parse, render};

/// The beginning of a spec with one account, up to its certificates.
const ACME: &str = "\
version: 1
accounts:
  - name: acme
    account_id: 699d98642c564d2e855e9661899b7252
    certificates:
";

/// A spec with these certificates in one account.
fn acme(certificates: &str) -> String {
    format!("{ACME}{certificates}")
}

/// Sources of these texts, named `a.yaml`, `b.yaml` and so on.
fn sources(texts: &[&str]) -> Sources {
    let source = |(letter, text): (char, &&str)| Source {
        name: format!("{letter}.yaml"),
        text: (*text).to_owned(),
    };
    ('a'..).zip(texts).map(source).collect()
}

/// Reads for use, with no variable set.
fn read(texts: &[&str]) -> Parsed {
    let options = ParseOptions {
        env: &|_| None,
        mode: Mode::Use,
        accounts: &[],
    };
    parse(&sources(texts), &options)
}

/// What a person sees of these texts.
fn shown(texts: &[&str]) -> String {
    let parsed = read(texts);
    let wrong = parsed
        .diagnostics
        .iter()
        .any(certctl_model::Diagnostic::is_error);
    assert_eq!(
        parsed.spec.is_none(),
        wrong,
        "a spec exists exactly if nothing is wrong"
    );
    render(&parsed.diagnostics, &sources(texts), false)
}
