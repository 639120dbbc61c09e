//! Which other files a file names, before it is read for what it means.

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

/// The paths that the file names in `custom.certificate`, likewise, each where it stands.
pub(crate) fn named_certificates(text: &str) -> Vec<(String, Mark)> {
    let mut found = Vec::new();
    if text.contains("custom")
        && let Ok(Some(root)) = parse(text)
    {
        collect(&root, &mut found);
    }
    found
}

fn collect(node: &Node, found: &mut Vec<(String, Mark)>) {
    match &node.kind {
        Kind::Map(entries) => {
            let path = value(node, "custom").and_then(|custom| value(custom, "certificate"));
            if let Some(path) = path
                && let Kind::Text(text) = &path.kind
            {
                found.push((text.clone(), path.mark));
            }
            entries.iter().for_each(|(_, value)| collect(value, found));
        }
        Kind::List(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
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
