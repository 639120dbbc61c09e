//! Inserting items into a list of a YAML text, as the list is written.
//!
//! *Invariants*: nothing is removed but the `[]` of an empty list that becomes one in block style.

use crate::tree::Node;

/// One change of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edit {
    /// Where, in bytes.
    pub(crate) at: usize,
    /// How many bytes go.
    pub(crate) remove: usize,
    pub(crate) insert: String,
}

/// The items to be inserted, in both ways in which a list can be written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Items {
    /// Lines without indentation.
    pub(crate) block: Vec<String>,
    /// One text for each item.
    pub(crate) flow: Vec<String>,
}

/// The text with the changes, which do not overlap; those at one place in their order.
pub(crate) fn apply(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| edit.at);
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for edit in edits {
        out.push_str(text.get(done..edit.at).unwrap_or_default());
        out.push_str(&edit.insert);
        done = edit.at + edit.remove;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

/// What to change so that `list`, the value of `key`, ends with these items.
pub(crate) fn into_list(text: &str, key: &Node, list: &Node, items: &Items) -> Vec<Edit> {
    let children = list.items().unwrap_or_default();
    if !list.place.flow {
        let at = after(text, list.place.end, key.place.column);
        return vec![lines(text, at, list.place.column, &items.block)];
    }
    if let Some(last) = children.last() {
        let insert = items.flow.iter().map(|item| format!(", {item}"));
        return only(last.place.end, insert.collect());
    }
    if stays_flow(text, key, list) {
        return only(list.place.start + 1, items.flow.join(", "));
    }
    // An empty list in a mapping in block style: the items go below the key, and what stands
    // behind the brackets stays behind the key.
    let mut edits = Vec::new();
    let at = end_of_line(text, list.place.end);
    let mut indentation = key.place.column + 2;
    if items.flow.is_empty() {
        indentation += 2;
    } else {
        let behind = text.get(list.place.end..at).unwrap_or_default();
        let before = text.get(..list.place.start).unwrap_or_default();
        let start = if behind.trim().is_empty() {
            before.trim_end_matches(' ').len()
        } else {
            before.len()
        };
        edits.push(Edit {
            at: start,
            remove: list.place.end - start,
            insert: String::new(),
        });
    }
    edits.push(lines(text, at, indentation, &items.block));
    edits
}

/// Whether a list stays between its brackets, where no comment of ours has a line of its own: as it does
/// where it holds anything, and be it somebody's comment.
pub(crate) fn stays_flow(text: &str, key: &Node, list: &Node) -> bool {
    let within = text.get(list.place.start + 1..list.place.end.saturating_sub(1));
    list.place.flow && (key.place.flow || !within.unwrap_or_default().trim().is_empty())
}

fn only(at: usize, insert: String) -> Vec<Edit> {
    let edit = Edit {
        at,
        remove: 0,
        insert,
    };
    vec![edit]
}

/// Lines at the start of a line, or at the end of a text that does not end with a line break.
pub(crate) fn lines(text: &str, at: usize, indentation: usize, lines: &[String]) -> Edit {
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let before = text.get(..at).unwrap_or_default();
    let mut insert = String::new();
    if !before.is_empty() && !before.ends_with('\n') {
        insert.push_str(newline);
    }
    for line in lines {
        insert.push_str(&" ".repeat(indentation));
        insert.push_str(line);
        insert.push_str(newline);
    }
    Edit {
        at,
        remove: 0,
        insert,
    }
}

/// Where the line starts that follows what ends at `end` and the comments that belong to it: those
/// that directly follow and are indented more than `key`.
fn after(text: &str, end: usize, key: usize) -> usize {
    let content = text.get(..end).unwrap_or_default().trim_end().len();
    let mut at = end_of_line(text, content);
    while let Some(line) = text
        .get(at..)
        .and_then(|rest| rest.split_inclusive('\n').next())
    {
        let indentation = line.len() - line.trim_start_matches(' ').len();
        if indentation <= key || !line.trim_start_matches(' ').starts_with('#') {
            break;
        }
        at += line.len();
    }
    at
}

/// Where the next line starts.
fn end_of_line(text: &str, from: usize) -> usize {
    match text.get(from..).and_then(|rest| rest.find('\n')) {
        Some(found) => from + found + 1,
        None => text.len(),
    }
}
