//! Which table a file names, before the file is read for what it means.

use super::engine::parse;
use super::node::{Kind, Mark, Node};

/// The path of the table that the file names in `accounts_from`, as it is written. A file that is not
/// well-formed names none.
pub(crate) fn named_table(text: &str) -> Option<(String, Mark)> {
    // Few files name one; the others are not read twice.
    if !text.contains("accounts_from") {
        return None;
    }
    let root = parse(text).ok()??;
    let path = value(value(&root, "accounts_from")?, "csv")?;
    match &path.kind {
        Kind::Text(text) => Some((text.clone(), path.mark)),
        _ => None,
    }
}

fn value<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    let Kind::Map(entries) = &node.kind else {
        return None;
    };
    let is_it = |key: &Node| matches!(&key.kind, Kind::Text(key) if key == name);
    entries
        .iter()
        .find(|(key, _)| is_it(key))
        .map(|(_, value)| value)
}
