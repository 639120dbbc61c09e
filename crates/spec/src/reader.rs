//! One file being read: its name, its text, and what was wrong so far.

use certctl_model::{Address, Code, Diagnostic, Name, Place, SharedText};

use crate::complaint::Complaint;
use crate::source::{Source, Sources, path_beside};
use crate::yaml::Mark;

/// The most problems of one file that are kept: memory is bounded, and nobody reads more.
pub(crate) const MAX_PROBLEMS: usize = 10_000;

/// Which mapping a key belongs in, for whoever wrote it into another.
pub(crate) type Homes = fn(&str) -> Option<&'static str>;

/// One file being read.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    /// The file itself, then its tables; each with its name, as places have it.
    files: Vec<(&'a Source, SharedText)>,
    /// All files, and what they name.
    sources: &'a Sources,
    homes: Homes,
    diagnostics: Vec<Diagnostic>,
    dropped: usize,
}

impl<'a> Reader<'a> {
    /// `homes` knows the whole format, which reading one mapping of it does not.
    pub(crate) fn new(source: &'a Source, sources: &'a Sources, homes: Homes) -> Self {
        Self {
            files: vec![named(source)],
            sources,
            homes,
            diagnostics: Vec::new(),
            dropped: 0,
        }
    }

    /// Adds a table of the file; its marks carry the number that is returned.
    pub(crate) fn add_table(&mut self, table: &'a Source) -> u16 {
        self.files.push(named(table));
        u16::try_from(self.files.len() - 1).unwrap_or(u16::MAX)
    }

    /// The text of what the file names, which is beside it or below; `None`: that is elsewhere. Without a
    /// text it was not read.
    pub(crate) fn beside(&self, written: &str) -> Option<Option<&'a str>> {
        let path = path_beside(self.file(), written)?;
        Some(self.sources.named(&path).map(|named| named.text.as_str()))
    }

    /// Whether all files were read, and what they name.
    pub(crate) fn has_all(&self) -> bool {
        self.sources.complete()
    }

    /// The file's name, as shown.
    pub(crate) fn file(&self) -> &'a str {
        self.source(0).map_or("", |source| &source.name)
    }

    /// The file's text.
    pub(crate) fn text(&self) -> &'a str {
        self.text_of(0)
    }

    /// The text of the file or of one of its tables.
    pub(crate) fn text_of(&self, file: u16) -> &'a str {
        self.source(file).map_or("", |source| &source.text)
    }

    fn source(&self, file: u16) -> Option<&'a Source> {
        let (source, _) = self.files.get(usize::from(file))?;
        Some(source)
    }

    /// What is written there.
    pub(crate) fn slice(&self, mark: Mark) -> &'a str {
        mark.slice(self.text_of(mark.file))
    }

    /// Which mapping a key belongs in that is unknown where it stands.
    pub(crate) fn home(&self, key: &str) -> Option<&'static str> {
        (self.homes)(key)
    }

    /// A place in this file.
    pub(crate) fn place(&self, mark: Mark) -> Place {
        let file = self.files.get(usize::from(mark.file));
        Place {
            file: file.map_or_else(|| "".into(), |(_, name)| name.clone()),
            line: mark.line.max(1),
            column: mark.column.max(1),
            length: mark.length.max(1),
        }
    }

    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < MAX_PROBLEMS {
            self.diagnostics.push(diagnostic);
        } else {
            self.dropped += 1;
        }
    }

    /// Reports a complaint about what stands there.
    pub(crate) fn complain(&mut self, complaint: Complaint, mark: Mark) {
        let diagnostic = Diagnostic::error(complaint.code, complaint.message);
        let place = self.place(mark);
        self.report(Diagnostic {
            hint: complaint.hint,
            ..diagnostic.at(Some(place))
        });
    }

    /// How many problems there are so far; see [`Reader::concern`].
    pub(crate) fn count(&self) -> usize {
        self.diagnostics.len()
    }

    /// Says whom the problems since `from` are about, where they do not say so themselves.
    pub(crate) fn concern(
        &mut self,
        from: usize,
        account: Option<&Name>,
        certificate: Option<&Name>,
    ) {
        let Some(account) = account else { return };
        for diagnostic in self.diagnostics.iter_mut().skip(from) {
            diagnostic.account.get_or_insert_with(|| account.clone());
            if let Some(certificate) = certificate {
                diagnostic.address.get_or_insert_with(|| Address {
                    account: account.clone(),
                    certificate: certificate.clone(),
                });
            }
        }
    }

    /// Everything that was wrong, in the order of reading.
    pub(crate) fn into_diagnostics(mut self) -> Vec<Diagnostic> {
        if self.dropped > 0 {
            let message = format!("{} more problems in this file", self.dropped);
            let line = u32::try_from(self.text().lines().count()).unwrap_or(u32::MAX);
            let end = Mark {
                line,
                ..Mark::default()
            };
            let place = self.place(end);
            self.diagnostics
                .push(Diagnostic::error(Code::YamlLimits, message).at(Some(place)));
        }
        self.diagnostics
    }
}

fn named(source: &Source) -> (&Source, SharedText) {
    (source, source.name.as_str().into())
}
