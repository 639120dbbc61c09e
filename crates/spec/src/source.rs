//! The files that a spec is made of.
//!
//! *Guarantees*: no more than [`MAX_BYTES`] of a file and [`MAX_TOTAL`] of all files are read,
//! whatever they are; a file that is named twice is read once; the order is the order of the
//! arguments, and by name within a directory.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use certctl_model::{Code, Diagnostic, Place};

use crate::yaml::MAX_BYTES;

/// The most text that all files have together, in bytes.
const MAX_TOTAL: usize = 16 * MAX_BYTES;

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its name, as it is shown.
    pub name: String,
    /// Its text, without a byte order mark.
    pub text: String,
}

/// The files that a spec is made of, for reading it and for showing its lines.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    sources: Vec<Source>,
    incomplete: bool,
}

impl Sources {
    /// The text of the file of this name.
    #[must_use]
    pub fn get(&self, file: &str) -> Option<&str> {
        self.sources
            .iter()
            .find(|source| source.name == file)
            .map(|source| source.text.as_str())
    }

    /// The files, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.sources.iter()
    }

    /// Whether every file that was named could be read.
    pub(crate) fn complete(&self) -> bool {
        !self.incomplete
    }
}

impl FromIterator<Source> for Sources {
    fn from_iter<I: IntoIterator<Item = Source>>(sources: I) -> Self {
        let without_mark = |source: Source| match source.text.strip_prefix('\u{feff}') {
            Some(text) => Source {
                text: text.to_owned(),
                ..source
            },
            None => source,
        };
        Self {
            sources: sources.into_iter().map(without_mark).collect(),
            incomplete: false,
        }
    }
}

/// Reads the files and directories that `-f` names. Of a directory: its `*.yaml` and `*.yml`
/// files, sorted, not those of its directories, and nothing hidden.
#[must_use]
pub fn read_sources(paths: &[PathBuf]) -> (Sources, Vec<Diagnostic>) {
    let (mut sources, mut diagnostics) = (Vec::new(), Vec::new());
    let (mut seen, mut total) = (HashSet::new(), 0);
    for path in paths {
        let files = list(path).unwrap_or_else(|diagnostic| {
            diagnostics.push(*diagnostic);
            Vec::new()
        });
        for file in files {
            // A file that does not exist has no canonical path; reading it says so.
            if !fs::canonicalize(&file).map_or(true, |path| seen.insert(path)) {
                continue;
            }
            match read(&file, MAX_TOTAL - total) {
                Ok(source) => {
                    total += source.text.len();
                    sources.push(source);
                }
                Err(diagnostic) => diagnostics.push(*diagnostic),
            }
        }
    }
    let sources = Sources {
        incomplete: !diagnostics.is_empty(),
        ..sources.into_iter().collect()
    };
    (sources, diagnostics)
}

fn list(path: &Path) -> Result<Vec<PathBuf>, Box<Diagnostic>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let failed = |error: io::Error| {
        let message = format!("cannot read the directory {}: {error}", path.display());
        Box::new(Diagnostic::error(Code::FileUnreadable, message))
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(failed)? {
        let file = entry.map_err(failed)?.path();
        let hidden = file
            .file_name()
            .is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
        let yaml = file
            .extension()
            .is_some_and(|ext| ext == "yaml" || ext == "yml");
        if yaml && !hidden && !file.is_dir() {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() {
        let message = format!(
            "the directory {} has no *.yaml or *.yml file",
            path.display()
        );
        return Err(Box::new(
            Diagnostic::error(Code::FileUnreadable, message)
                .hint("name a file, or the directory that holds the spec; directories in it are not searched"),
        ));
    }
    Ok(files)
}

fn read(path: &Path, left: usize) -> Result<Source, Box<Diagnostic>> {
    let name = path.display().to_string();
    let failed = |error: io::Error| {
        let hint = match error.kind() {
            io::ErrorKind::NotFound => Some("create it, or name another with -f".to_owned()),
            _ => None,
        };
        let message = format!("cannot read {name}: {error}");
        Box::new(Diagnostic {
            hint,
            ..Diagnostic::error(Code::FileUnreadable, message)
        })
    };
    let limit = MAX_BYTES.min(left);
    let mut bytes = Vec::new();
    // One byte more than allowed tells a file that is too large, be it a pipe without a length.
    let one_more = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path)
        .and_then(|file| file.take(one_more).read_to_end(&mut bytes))
        .map_err(failed)?;
    if bytes.len() > MAX_BYTES {
        let message = format!("{name} is larger than {MAX_BYTES} bytes");
        return Err(Box::new(
            Diagnostic::error(Code::FileTooLarge, message).hint("split it into files by account"),
        ));
    }
    if bytes.len() > limit {
        let message = format!("{name} and the files before it are larger than {MAX_TOTAL} bytes");
        return Err(Box::new(
            Diagnostic::error(Code::FileTooLarge, message).hint("run once for each part of them"),
        ));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let before = error
            .as_bytes()
            .get(..error.utf8_error().valid_up_to())
            .unwrap_or_default();
        let place = end_of(&name, &String::from_utf8_lossy(before));
        let message = format!("{name} is not UTF-8 text");
        Box::new(
            Diagnostic::error(Code::FileUnreadable, message)
                .at(Some(place))
                .hint("save it in the encoding UTF-8"),
        )
    })?;
    Ok(Source { name, text })
}

/// The place just after a text.
fn end_of(file: &str, text: &str) -> Place {
    let last = text.rsplit('\n').next().unwrap_or_default();
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Place {
        file: file.to_owned(),
        line: count(text.matches('\n').count()).saturating_add(1),
        column: count(last.chars().count()).saturating_add(1),
        length: 1,
    }
}
