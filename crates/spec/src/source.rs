//! The files that a spec is made of.
//!
//! *Guarantees*: only regular files are read, and none through a link that leads out of its
//! directory: a change that somebody proposes cannot show the token file of the machine that checks
//! it. No more than [`MAX_BYTES`] of a file and [`MAX_TOTAL`] of all files are read; a file that is
//! named twice is read once; the order is the order of the arguments, and by name within a directory.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{self, File, FileType};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use certctl_model::{Code, Diagnostic, Place};

use crate::yaml::{self, MAX_BYTES};

/// The most text that all files have together, in bytes.
const MAX_TOTAL: usize = 16 * MAX_BYTES;

/// The path that means standard input.
const STANDARD_INPUT: &str = "-";

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its name, as it is shown.
    pub name: String,
    /// Its text, without a byte order mark.
    pub text: String,
}

/// Takes the secrets out of a text.
pub type Scrub = fn(&str) -> Cow<'_, str>;

/// The files that a spec is made of, for reading it and for showing its lines.
#[derive(Debug, Clone)]
pub struct Sources {
    sources: Vec<Source>,
    /// The tables and the certificates that they name.
    named: Vec<Source>,
    incomplete: bool,
    scrub: Scrub,
}

impl Sources {
    /// The text of the file of this name.
    #[must_use]
    pub fn get(&self, file: &str) -> Option<&str> {
        self.sources
            .iter()
            .chain(&self.named)
            .find(|source| source.name == file)
            .map(|source| source.text.as_str())
    }

    /// The same, with the tables that the files name in `accounts_from`, and the certificates in
    /// `custom.certificate`: each by its path, which is beside the file that names it.
    #[must_use]
    pub fn with_named(self, named: impl IntoIterator<Item = Source>) -> Self {
        Self {
            named: named.into_iter().map(without_mark).collect(),
            ..self
        }
    }

    /// The same with another text of one file.
    #[must_use]
    pub fn with_text(&self, file: &str, text: &str) -> Self {
        let mut changed = self.clone();
        for source in &mut changed.sources {
            if source.name == file {
                source.text = text.to_owned();
            }
        }
        changed
    }

    /// The table or certificate of this path.
    pub(crate) fn named(&self, path: &Path) -> Option<&Source> {
        self.named
            .iter()
            .find(|named| Path::new(&named.name) == path)
    }

    /// The files, then what they name, in order.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Source> {
        self.sources.iter().chain(&self.named)
    }

    /// The files, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.sources.iter()
    }

    /// The same; a line is shown as `scrub` leaves it.
    #[must_use]
    pub fn scrubbed_by(self, scrub: Scrub) -> Self {
        Self { scrub, ..self }
    }

    /// A line as it may be shown.
    pub(crate) fn scrub<'t>(&self, line: &'t str) -> Cow<'t, str> {
        (self.scrub)(line)
    }

    /// Whether every file that was named could be read.
    pub(crate) fn complete(&self) -> bool {
        !self.incomplete
    }
}

impl FromIterator<Source> for Sources {
    fn from_iter<I: IntoIterator<Item = Source>>(sources: I) -> Self {
        Self {
            sources: sources.into_iter().map(without_mark).collect(),
            named: Vec::new(),
            incomplete: false,
            scrub: |line| Cow::Borrowed(line),
        }
    }
}

/// Without the byte order mark that some editors write.
fn without_mark(source: Source) -> Source {
    match source.text.strip_prefix('\u{feff}') {
        Some(text) => Source {
            text: text.to_owned(),
            ..source
        },
        None => source,
    }
}

/// The lines of a text, as editors count them: ended by a line feed, a carriage return, or both. What
/// follows the last end is a line, too.
pub(crate) fn lines_of(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    let (before, last) = match text.rsplit_once('\n') {
        Some((before, last)) => (Some(before), last),
        None => (None, text),
    };
    let before = before.into_iter().flat_map(|before| before.split('\n'));
    let before = before.map(|line| line.strip_suffix('\r').unwrap_or(line));
    before.chain([last]).flat_map(|line| line.split('\r'))
}

/// Where something is that a file names: beside the file, or below. `None`: elsewhere.
pub(crate) fn path_beside(file: &str, written: &str) -> Option<PathBuf> {
    let written = Path::new(written);
    let below = written
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let directory = Path::new(file).parent().unwrap_or(Path::new(""));
    (below && written != Path::new("")).then(|| directory.join(written))
}

/// Reads the files and directories that `-f` names; `-` is standard input. Of a directory: its
/// `*.yaml` and `*.yml` files, sorted, not those of its directories, and nothing hidden. The tables
/// and certificates that they name are read too.
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
            match read(&file, directory_of(&file), MAX_TOTAL - total) {
                Ok(source) => {
                    total += source.text.len();
                    sources.push(source);
                }
                Err(diagnostic) => diagnostics.push(*diagnostic),
            }
        }
    }
    let sources: Sources = sources.into_iter().collect();
    let named = read_named(&sources, &mut total, &mut diagnostics);
    let sources = Sources {
        incomplete: !diagnostics.is_empty(),
        ..sources.with_named(named)
    };
    (sources, diagnostics)
}

/// What to do about a table or a certificate that cannot be read.
const NAMED: &str = "it is a regular file of at most 4 MiB, beside the file that names it or below";

/// Reads what the files name. A name that is not right is left to whoever reads the file.
fn read_named(
    sources: &Sources,
    total: &mut usize,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Source> {
    let mut read_already: Vec<Source> = Vec::new();
    let mut tried = HashSet::new();
    for source in sources.iter() {
        let names = yaml::named_table(&source.text).into_iter();
        for (written, mark) in names.chain(yaml::named_certificates(&source.text)) {
            let Some(path) = path_beside(&source.name, &written) else {
                continue;
            };
            if !tried.insert(path.clone()) {
                continue;
            }
            let within = directory_of(Path::new(&source.name));
            match read(&path, within, MAX_TOTAL - *total) {
                Ok(named) => {
                    *total += named.text.len();
                    read_already.push(named);
                }
                Err(mut diagnostic) => {
                    // What it says of a spec file is not for what such a file names.
                    if diagnostic.place.is_none() {
                        diagnostic.hint = Some(NAMED.to_owned());
                    }
                    let place = Place {
                        file: source.name.as_str().into(),
                        line: mark.line,
                        column: mark.column,
                        length: mark.length.max(1),
                    };
                    diagnostics.push(match diagnostic.place {
                        Some(_) => *diagnostic,
                        None => diagnostic.at(Some(place)),
                    });
                }
            }
        }
    }
    read_already
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

fn read(path: &Path, within: &Path, left: usize) -> Result<Source, Box<Diagnostic>> {
    if path == Path::new(STANDARD_INPUT) {
        return text(io::stdin().lock(), "standard input".to_owned(), left);
    }
    let name = path.display().to_string();
    let failed = |error: io::Error| {
        let message = format!("cannot read {name}: {error}");
        let diagnostic = Diagnostic::error(Code::FileUnreadable, message);
        Box::new(match error.kind() {
            io::ErrorKind::NotFound => diagnostic.hint(instead_of(path)),
            _ => diagnostic,
        })
    };
    let refused = |message: String, hint: &str| {
        Box::new(Diagnostic::error(Code::FileUnreadable, message).hint(hint))
    };
    let irregular = |kind: FileType| {
        refused(
            format!("{name} is {}, not a regular file", word_for(kind)),
            "write the spec to a file, or pipe it into `-f -`",
        )
    };
    // Asked before it is opened: to open a pipe that nobody writes to would never end.
    let kind = fs::metadata(path).map_err(failed)?.file_type();
    if !kind.is_file() {
        return Err(irregular(kind));
    }
    let target = fs::canonicalize(path).map_err(failed)?;
    let directory = fs::canonicalize(within).map_err(failed)?;
    if !target.starts_with(directory) {
        return Err(refused(
            format!("{name} is a link to a file outside of its directory"),
            "put the file itself there, or name the other directory with -f",
        ));
    }
    let file = File::open(target).map_err(failed)?;
    let kind = file.metadata().map_err(failed)?.file_type();
    if !kind.is_file() {
        return Err(irregular(kind));
    }
    text(file, name, left)
}

/// The text of one source, if it is no longer than `left`.
fn text(from: impl Read, name: String, left: usize) -> Result<Source, Box<Diagnostic>> {
    let limit = MAX_BYTES.min(left);
    let mut bytes = Vec::new();
    // One byte more than allowed tells a file that is too large, whatever its length was said to be.
    let one_more = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    from.take(one_more)
        .read_to_end(&mut bytes)
        .map_err(|error| {
            let message = format!("cannot read {name}: {error}");
            Box::new(Diagnostic::error(Code::FileUnreadable, message))
        })?;
    bytes.shrink_to_fit();
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

/// The directory that a path is in.
fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// What to do about a file that is not there.
fn instead_of(path: &Path) -> String {
    let other = match path.extension().and_then(OsStr::to_str) {
        Some("yaml") => path.with_extension("yml"),
        Some("yml") => path.with_extension("yaml"),
        _ => PathBuf::new(),
    };
    if other.is_file() {
        let other = other.display();
        return format!("there is {other}: name it with `-f {other}`, or rename it");
    }
    "create it, or name another with -f".to_owned()
}

/// What a file is that is none.
fn word_for(kind: FileType) -> &'static str {
    if kind.is_dir() {
        return "a directory";
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        if kind.is_fifo() {
            return "a pipe";
        } else if kind.is_socket() {
            return "a socket";
        }
    }
    "a device"
}

/// The place just after a text.
fn end_of(file: &str, text: &str) -> Place {
    let last = text.rsplit('\n').next().unwrap_or_default();
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Place {
        file: file.into(),
        line: count(text.matches('\n').count()).saturating_add(1),
        column: count(last.chars().count()).saturating_add(1),
        length: 1,
    }
}
