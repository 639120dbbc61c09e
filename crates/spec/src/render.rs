//! Diagnostics for people: the line it is about, marked, and what to do.
//!
//! *Guarantees*: nothing from a file reaches the terminal as a control sequence, and no secret at all;
//! the output is bounded, however many problems there are and however long the lines.

use std::collections::HashMap;

use annotate_snippets::{
    Annotation, AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet,
};
use certctl_model::{Candidate, Code, Diagnostic, Place, Severity};

use crate::source::{Sources, lines_of};

/// The most diagnostics that are shown; the rest is counted.
const MAX_SHOWN: usize = 500;
/// How many of one kind are shown one by one. Of more the first ones are shown so, and of the others the
/// place and what is wrong there.
const MOST_IN_FULL: usize = 5;
const IN_FULL: usize = 3;
/// The longest part of a line that is shown, in characters.
const MAX_COLUMNS: usize = 400;

/// The most lines between two marked ones that are still shown as one piece.
const MAX_GAP: usize = 6;

/// Shows diagnostics, each with its lines from the sources. Ends with a line break unless empty.
#[must_use]
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, color: bool) -> String {
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let mut lines = Lines {
        sources,
        split: HashMap::new(),
    };
    let mut out = String::new();
    let shown = diagnostics.get(..MAX_SHOWN).unwrap_or(diagnostics);
    let kinds = kinds(shown);
    for (n, diagnostic) in shown.iter().enumerate() {
        let rest = match kinds.get(&kind(diagnostic)).map(Vec::as_slice) {
            Some(all) if all.len() > MOST_IN_FULL => all.get(IN_FULL..).unwrap_or_default(),
            _ => &[],
        };
        match rest.first() {
            Some(first) if *first < n => continue,
            Some(first) if *first == n => out.push_str(&in_short(shown, rest)),
            _ => out.push_str(&renderer.render(&[group(diagnostic, &mut lines)])),
        }
        out.push_str("\n\n");
    }
    if let Some(more) = diagnostics
        .len()
        .checked_sub(MAX_SHOWN)
        .filter(|more| *more > 0)
    {
        out.push_str(&format!("… and {more} more\n\n"));
    }
    out.truncate(out.trim_end().len());
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// What is equal where the same has to be done about it.
type Kind<'d> = (bool, Code, Option<&'d str>, Option<&'d str>);

fn kind(diagnostic: &Diagnostic) -> Kind<'_> {
    let file = diagnostic.place.as_ref().map(|place| &*place.file);
    (
        diagnostic.is_error(),
        diagnostic.code,
        file,
        diagnostic.hint.as_deref(),
    )
}

/// Which diagnostics are of each kind; those without a place, or with certificates to choose from, are of
/// none.
fn kinds(diagnostics: &[Diagnostic]) -> HashMap<Kind<'_>, Vec<usize>> {
    let mut kinds: HashMap<_, Vec<usize>> = HashMap::new();
    for (n, diagnostic) in diagnostics.iter().enumerate() {
        if diagnostic.place.is_some() && diagnostic.candidates.is_empty() {
            kinds.entry(kind(diagnostic)).or_default().push(n);
        }
    }
    kinds
}

/// A line for each of those.
fn in_short(diagnostics: &[Diagnostic], which: &[usize]) -> String {
    let mut out = format!("… and {} more of this kind:", which.len());
    for diagnostic in which.iter().filter_map(|n| diagnostics.get(*n)) {
        if let Some(Place {
            file, line, column, ..
        }) = &diagnostic.place
        {
            let said = format!("{file}:{line}:{column}: {}", diagnostic.message);
            out.push_str(&format!("\n  {}", printable(&said)));
        }
    }
    out
}

fn group<'a>(diagnostic: &Diagnostic, lines: &mut Lines<'_>) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level
        .primary_title(printable(&diagnostic.message))
        .id(diagnostic.code.as_str());
    let mut elements: Vec<Element<'a>> = Vec::new();
    let primary = diagnostic
        .place
        .as_ref()
        .map(|place| Marked { place, label: None });
    let related = diagnostic.related.as_ref();
    let related = related.map(|(place, what)| Marked {
        place,
        label: Some(what),
    });
    match (primary, related) {
        (Some(primary), Some(related)) => match lines.together(&primary, &related) {
            Some(both) => elements.push(both),
            None => elements.extend([lines.alone(&primary), lines.alone(&related)]),
        },
        (Some(marked), None) | (None, Some(marked)) => elements.push(lines.alone(&marked)),
        (None, None) => {
            let about = diagnostic.address.as_ref().map(ToString::to_string);
            let about = about.or_else(|| diagnostic.account.as_ref().map(ToString::to_string));
            elements.extend(about.map(|about| Origin::path(about).into()));
        }
    }
    if !diagnostic.candidates.is_empty() {
        elements.push(Level::NOTE.message(table(&diagnostic.candidates)).into());
    }
    if let Some(hint) = &diagnostic.hint {
        elements.push(Level::HELP.message(printable(hint)).into());
    }
    Group::with_title(title).elements(elements)
}

/// The certificates to choose from, in columns.
fn table(candidates: &[Candidate]) -> String {
    let mut rows = vec![Candidate::COLUMNS.map(str::to_owned)];
    rows.extend(candidates.iter().map(Candidate::cells));
    let widths: Vec<usize> = (0..Candidate::COLUMNS.len())
        .map(|n| {
            rows.iter()
                .filter_map(|row| row.get(n))
                .map(|cell| cell.chars().count())
                .max()
        })
        .map(Option::unwrap_or_default)
        .collect();
    let line = |row: &[String; 8]| {
        let cells = row.iter().zip(&widths);
        let cells = cells.map(|(cell, width)| format!("{:width$}", printable(cell)));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A place to be marked; the related one has a label.
struct Marked<'d> {
    place: &'d Place,
    label: Option<&'d str>,
}

/// The sources' lines; each file is split once.
struct Lines<'s> {
    sources: &'s Sources,
    split: HashMap<String, Vec<&'s str>>,
}

impl Lines<'_> {
    /// The lines from one to another, as they can be shown.
    fn shown(&mut self, file: &str, first: usize, last: usize) -> Option<Vec<String>> {
        if !self.split.contains_key(file) {
            let text = self.sources.get(file)?;
            let mut lines: Vec<&str> = lines_of(text).collect();
            // After the last line's end there is nothing to show.
            lines.pop_if(|last| last.is_empty());
            self.split.insert(file.to_owned(), lines);
        }
        let lines = self.split.get(file)?.get(first.checked_sub(1)?..last)?;
        let shown = |line: &&str| {
            // First without secrets, then cut: a piece of one would not be recognised.
            let line = self.sources.scrub(line);
            printable(&line.chars().take(MAX_COLUMNS).collect::<String>())
        };
        Some(lines.iter().map(shown).collect())
    }

    /// One marked line, or only its place where there is no line to show.
    fn alone<'a>(&mut self, marked: &Marked<'_>) -> Element<'a> {
        let (line, column) = (index(marked.place.line), index(marked.place.column));
        let file = printable(&marked.place.file);
        match self.shown(&marked.place.file, line, line) {
            Some(lines) if column <= MAX_COLUMNS => {
                let (source, starts) = joined(&lines);
                let annotation = marked.annotation(line, &lines, &starts);
                Snippet::source(source)
                    .path(file)
                    .line_start(line)
                    .annotation(annotation)
                    .into()
            }
            _ => Origin::path(file).line(line).char_column(column).into(),
        }
    }

    /// Two marked places that are near to each other, in one piece.
    fn together<'a>(&mut self, a: &Marked<'_>, b: &Marked<'_>) -> Option<Element<'a>> {
        let (first, last) = (
            a.place.line.min(b.place.line),
            a.place.line.max(b.place.line),
        );
        let near = index(last - first) <= MAX_GAP;
        let short = index(a.place.column.max(b.place.column)) <= MAX_COLUMNS;
        if a.place.file != b.place.file || !near || !short {
            return None;
        }
        let (first, last) = (index(first), index(last));
        let lines = self.shown(&a.place.file, first, last)?;
        let (source, starts) = joined(&lines);
        let annotations = [a, b].map(|marked| marked.annotation(first, &lines, &starts));
        let snippet = Snippet::source(source)
            .path(printable(&a.place.file))
            .line_start(first);
        Some(snippet.annotations(annotations).into())
    }
}

impl Marked<'_> {
    fn annotation<'a>(&self, first: usize, lines: &[String], starts: &[usize]) -> Annotation<'a> {
        let row = index(self.place.line).saturating_sub(first);
        let line = lines.get(row).map(String::as_str).unwrap_or_default();
        let start = starts.get(row).copied().unwrap_or_default();
        let column = index(self.place.column).saturating_sub(1);
        let end = column.saturating_add(index(self.place.length));
        let span = start + byte(line, column)..start + byte(line, end);
        match self.label {
            None => AnnotationKind::Primary.span(span),
            Some(label) => AnnotationKind::Context.span(span).label(printable(label)),
        }
    }
}

/// The lines as one text, and where each starts in it.
fn joined(lines: &[String]) -> (String, Vec<usize>) {
    let mut starts = Vec::with_capacity(lines.len());
    let mut text = String::new();
    for line in lines {
        starts.push(text.len());
        text.push_str(line);
        text.push('\n');
    }
    (text, starts)
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Where a character starts, in bytes; the end, if there are fewer.
fn byte(text: &str, character: usize) -> usize {
    text.char_indices()
        .nth(character)
        .map_or(text.len(), |(at, _)| at)
}

/// The text with one visible character for each that a terminal would act upon, so that columns
/// stay where they are.
fn printable(text: &str) -> String {
    let visible = |c: char| match c {
        '\t' => '→',
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => '\u{fffd}',
        c if c.is_control() => '\u{fffd}',
        c => c,
    };
    text.chars().map(visible).collect()
}
