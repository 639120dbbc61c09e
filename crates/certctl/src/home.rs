//! Where things are that no option and no spec places: in the nearest common folder of all `-f`.
//!
//! *Purpose*: `-f us -f emea` and `-f emea -f us` are the same run and have one state. *Invariant*: a
//! second default state is not born beside one that exists, for it would know nothing of what the other
//! one binds.

use std::path::{Path, PathBuf};

use certctl_state::local_keys;

/// Below the home, the state that nobody placed elsewhere.
const STATE: &str = ".certctl/state";
/// The most folders above the home that are looked at.
const MOST_ABOVE: usize = 32;

/// The nearest common folder of what `-f` names, as it was written where that is possible.
pub(crate) fn home(files: &[PathBuf]) -> PathBuf {
    let mut folders: Vec<PathBuf> = files.iter().map(|file| folder(file)).collect();
    folders.sort();
    folders.dedup();
    match &folders[..] {
        [] => PathBuf::from("."),
        [one] => one.clone(),
        several => common(several),
    }
}

/// The default place of the state below a home.
pub(crate) fn default_state(home: &Path) -> PathBuf {
    home.join(STATE)
}

/// Another default place that holds a state of this API: within the home, or, while the home has none
/// itself, above it.
pub(crate) fn other_state(home: &Path, files: &[PathBuf], origin: &str) -> Option<PathBuf> {
    let holds = |folder: &Path| {
        let keys = local_keys(&default_state(folder)).unwrap_or_default();
        keys.iter().any(|key| key.origin == origin)
    };
    let top = std::fs::canonicalize(home).ok()?;
    let mut within: Vec<PathBuf> = files
        .iter()
        .filter_map(|file| std::fs::canonicalize(folder(file)).ok())
        .flat_map(|folder| {
            let below = folder.ancestors().map(Path::to_path_buf);
            below
                .take_while(|folder| *folder != top)
                .collect::<Vec<_>>()
        })
        .filter(|folder| folder.starts_with(&top))
        .collect();
    within.sort();
    if let Some(found) = within.into_iter().find(|folder| holds(folder)) {
        return Some(default_state(&found));
    }
    if holds(&top) {
        return None;
    }
    // Up to where the repository begins: what is above belongs to others.
    let mut above = Vec::new();
    for folder in top.ancestors().take(MOST_ABOVE) {
        above.push(folder);
        if folder.join(".git").exists() {
            let found = above.into_iter().skip(1).find(|folder| holds(folder));
            return found.map(default_state);
        }
    }
    None
}

/// The folder of a file, or the folder itself.
fn folder(path: &Path) -> PathBuf {
    if path.is_dir() {
        return path.to_path_buf();
    }
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

/// What several folders have in common. One that is not there is left out: reading it was an error.
fn common(folders: &[PathBuf]) -> PathBuf {
    let mut real = folders
        .iter()
        .filter_map(|folder| std::fs::canonicalize(folder).ok());
    let Some(first) = real.next() else {
        return PathBuf::from(".");
    };
    let shared = real.fold(first, |shared, folder| {
        let both = shared.components().zip(folder.components());
        both.take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
    });
    let here = std::env::current_dir().and_then(std::fs::canonicalize);
    match here.as_deref().map(|here| shared.strip_prefix(here)) {
        Ok(Ok(below)) if below == Path::new("") => PathBuf::from("."),
        Ok(Ok(below)) => below.to_path_buf(),
        _ => shared,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_home_does_not_depend_on_the_order() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        for folder in ["a/us", "a/emea/de", "b"] {
            std::fs::create_dir_all(at(folder)).unwrap();
        }
        std::fs::write(at("a/us/x.yaml"), "").unwrap();
        let real = |name: &str| std::fs::canonicalize(at(name)).unwrap();
        for (files, expected) in [
            (vec![at("a/us"), at("a/emea")], real("a")),
            (vec![at("a/emea"), at("a/us")], real("a")),
            (vec![at("a/us/x.yaml"), at("a/emea/de")], real("a")),
            (vec![at("b"), at("a/emea/de"), at("a/us")], real("")),
            (vec![at("a/us/x.yaml"), at("a/us")], at("a/us")),
            (vec![at("a/us")], at("a/us")),
        ] {
            assert_eq!(home(&files), expected, "{files:?}");
        }
        assert_eq!(home(&["certctl.yaml".into()]), PathBuf::from("."));
        assert_eq!(home(&[]), PathBuf::from("."));
    }
}
