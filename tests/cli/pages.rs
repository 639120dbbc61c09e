//! All pages: their links and anchors lead somewhere, and what they must be complete about is complete.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::support::repository;

/// The pages for people: the README, what stands beside it, and `docs/`.
fn pages() -> BTreeMap<PathBuf, String> {
    let mut pages = BTreeMap::new();
    for directory in ["", "docs", "crates", "crates/sandbox"] {
        for entry in std::fs::read_dir(repository().join(directory)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "md") {
                let text = std::fs::read_to_string(&path).unwrap();
                pages.insert(path, text);
            }
        }
    }
    pages
}

/// The text without fenced blocks and without code: nothing in those is a link or a heading.
fn prose(text: &str) -> String {
    let mut prose = String::new();
    let mut fence = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fence = !fence;
        } else if !fence {
            prose.push_str(line);
            prose.push('\n');
        }
    }
    prose
}

/// The anchors that a forge makes of the headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = prose(text);
    let headings = headings.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|heading| {
            let words = heading.trim_start_matches('#').trim().to_lowercase();
            let kept = words
                .chars()
                .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            kept.collect::<String>().replace(' ', "-")
        })
        .collect()
}

#[test]
fn every_link_leads_somewhere() {
    let pages = pages();
    assert!(pages.len() >= 15, "{:?}", pages.keys());
    let (mut seen, mut broken) = (0, Vec::new());
    for (page, text) in &pages {
        let text = prose(text);
        for link in text.split("](").skip(1) {
            let target = link.split(')').next().unwrap();
            if target.starts_with("https://") {
                continue;
            }
            seen += 1;
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let path = match file {
                "" => page.clone(),
                file => page.parent().unwrap().join(file),
            };
            let known = path.canonicalize().ok();
            let there = known.as_ref().is_some_and(|path| {
                anchor.is_empty()
                    || pages
                        .get(path)
                        .is_some_and(|text| anchors(text).contains(anchor))
            });
            if !there {
                broken.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(seen > 30, "only {seen} links");
    assert!(broken.is_empty(), "{broken:#?}");
}

/// Every page is reached from the README.
#[test]
fn no_page_is_an_orphan() {
    let pages = pages();
    let mut reached = BTreeSet::new();
    let mut next = vec![repository().join("README.md")];
    while let Some(page) = next.pop() {
        let page = page.canonicalize().unwrap();
        let Some(text) = pages.get(&page) else {
            continue;
        };
        if !reached.insert(page.clone()) {
            continue;
        }
        for link in prose(text).split("](").skip(1) {
            let target = link.split([')', '#']).next().unwrap();
            let path = page.parent().unwrap().join(target);
            if path.is_file() {
                next.push(path);
            }
        }
    }
    let docs = repository().join("docs");
    let orphans: Vec<&PathBuf> = pages
        .keys()
        .filter(|page| page.starts_with(&docs) && !reached.contains(*page))
        .collect();
    assert!(orphans.is_empty(), "{orphans:?}");
}

/// Words of the sources that look like a variable of the environment and are none: parts of names, and what is
/// read when certctl is built.
const NO_VARIABLES: [&str; 10] = [
    "ACCESS_KEY",
    "ACCOUNT_KEY",
    "API_KEY",
    "PRIVATE_KEY",
    "ACCESS_KEY_ID",
    "SECRET_ACCESS_KEY",
    "SESSION_TOKEN",
    "CARGO_PKG_VERSION",
    "CERTCTL_BUILD_COMMIT",
    "CERTCTL_BUILD_EPOCH",
];

#[test]
fn every_variable_that_is_read_is_in_the_docs() {
    let page = std::fs::read_to_string(repository().join("docs/environment.md")).unwrap();
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(repository().join("crates")).unwrap() {
        let sources = entry.unwrap().path().join("src");
        // The sandbox reads nothing of it, and its data look like anything.
        if sources.is_dir() && !sources.ends_with("sandbox/src") {
            gather(&sources, &mut names);
        }
    }
    let documented = |name: &str| page.contains(&format!("`{name}`"));
    let missing: Vec<&String> = names
        .iter()
        .filter(|name| !documented(name) && !NO_VARIABLES.contains(&name.as_str()))
        .collect();
    assert!(names.len() > 40, "{names:?}");
    assert!(
        missing.is_empty(),
        "docs/environment.md does not name {missing:?}"
    );

    // The program itself, in case that one is put together from parts.
    let program = std::fs::read(env!("CARGO_BIN_EXE_certctl")).unwrap();
    let known: Vec<&str> = page.split('`').filter(|word| word.contains('_')).collect();
    let found = words_of(&program);
    assert!(found.len() > 5, "{found:?}");
    let missing: Vec<&String> = found
        .iter()
        // Texts lie in a program without a gap, so a name may run into the next one.
        .filter(|word| !known.iter().any(|name| word.starts_with(name)))
        // A family, of which the sources hold the parts.
        .filter(|word| !word.starts_with("CERTCTL_STATE_"))
        // The list of families whose values are secrets.
        .filter(|word| !word.starts_with("CLOUDFLARE_AZURE_"))
        .collect();
    assert!(
        missing.is_empty(),
        "docs/environment.md does not name {missing:?}"
    );
}

/// The text literals of sources that look like names of variables; tests aside.
fn gather(directory: &Path, names: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let is_test = path
            .file_stem()
            .is_some_and(|stem| stem == "tests" || stem == "testdata");
        if is_test {
            continue;
        }
        if path.is_dir() {
            gather(&path, names);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let text = text.split("#[cfg(test)]").next().unwrap();
        for literal in text.split('"') {
            let shape = literal.len() > 3 && literal.contains('_') && !literal.starts_with('_');
            let letters = literal
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
            if shape && letters && !literal.ends_with('_') {
                names.insert(literal.to_owned());
            }
        }
    }
}

/// Words in the program that begin with one of our prefixes.
fn words_of(program: &[u8]) -> BTreeSet<String> {
    let letter = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    let runs = program
        .split(|byte| !letter(byte))
        .filter(|run| run.len() > 10);
    let mut words = BTreeSet::new();
    for run in runs {
        let run = String::from_utf8_lossy(run);
        for prefix in ["CERTCTL_", "CLOUDFLARE_"] {
            if let Some(at) = run
                .find(prefix)
                .filter(|at| run.len() - at > prefix.len() + 2)
            {
                words.insert(run[at..].to_owned());
            }
        }
    }
    words
}
