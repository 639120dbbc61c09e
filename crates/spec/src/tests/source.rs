//! Files and directories.

use std::fs;
use std::path::PathBuf;

use super::acme;
use crate::{Mode, ParseOptions, parse, read_sources, render};

/// What a person sees of these paths below a directory, without the directory's name.
fn shown(directory: &tempfile::TempDir, paths: &[&str]) -> String {
    let paths: Vec<PathBuf> = paths
        .iter()
        .map(|path| directory.path().join(path))
        .collect();
    let (sources, mut diagnostics) = read_sources(&paths);
    let options = ParseOptions {
        env: &|_| None,
        mode: Mode::Use,
        accounts: &[],
    };
    let parsed = parse(&sources, &options);
    assert!(
        parsed.spec.is_none(),
        "nothing comes of files of which one cannot be read"
    );
    diagnostics.extend(parsed.diagnostics);
    let shown = render(&diagnostics, &sources, false);
    shown.replace(&format!("{}/", directory.path().display()), "")
}

fn names(directory: &tempfile::TempDir, paths: &[&str]) -> Vec<String> {
    let paths: Vec<PathBuf> = paths
        .iter()
        .map(|path| directory.path().join(path))
        .collect();
    let (sources, diagnostics) = read_sources(&paths);
    assert_eq!(diagnostics, []);
    let prefix = format!("{}/", directory.path().display());
    sources
        .iter()
        .map(|source| source.name.replace(&prefix, ""))
        .collect()
}

#[test]
fn a_directory_gives_its_yaml_files_in_order() {
    let directory = tempfile::tempdir().unwrap();
    for file in ["b.yml", "a.yaml", ".hidden.yaml", "notes.md", "c.yaml.bak"] {
        fs::write(directory.path().join(file), acme("      []\n")).unwrap();
    }
    fs::create_dir(directory.path().join("sub.yaml")).unwrap();
    fs::write(directory.path().join("sub.yaml/d.yaml"), "version: 1\n").unwrap();
    assert_eq!(names(&directory, &["."]), ["./a.yaml", "./b.yml"]);
    let twice = ["b.yml", ".", "sub.yaml/../a.yaml"];
    assert_eq!(
        names(&directory, &twice),
        ["b.yml", "./a.yaml"],
        "each is read once"
    );
}

#[test]
fn what_cannot_be_read_is_named() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("empty")).unwrap();
    fs::write(
        directory.path().join("latin1.yaml"),
        b"version: 1\nname: caf\xe9\n",
    )
    .unwrap();
    insta::assert_snapshot!(shown(&directory, &["missing.yaml", "empty", "latin1.yaml"]), @r#"
    error[file_unreadable]: cannot read missing.yaml: No such file or directory (os error 2)
     |
     = help: create it, or name another with -f

    error[file_unreadable]: the directory empty has no *.yaml or *.yml file
     |
     = help: name a file, or the directory that holds the spec; directories in it are not searched

    error[file_unreadable]: latin1.yaml is not UTF-8 text
    --> latin1.yaml:2:10
     = help: save it in the encoding UTF-8
    "#);
}

#[test]
fn a_huge_file_is_refused_without_being_read() {
    let directory = tempfile::tempdir().unwrap();
    let huge = fs::File::create(directory.path().join("huge.yaml")).unwrap();
    huge.set_len(100 * 1024 * 1024).unwrap();
    insta::assert_snapshot!(shown(&directory, &["huge.yaml"]), @r#"
    error[file_too_large]: huge.yaml is larger than 4194304 bytes
     |
     = help: split it into files by account
    "#);
}

#[test]
fn all_files_together_are_bounded() {
    let directory = tempfile::tempdir().unwrap();
    let text = format!("version: 1\n#{}\n", "x".repeat(crate::yaml::MAX_BYTES - 13));
    for number in 10..27 {
        fs::write(directory.path().join(format!("{number}.yaml")), &text).unwrap();
    }
    let (sources, diagnostics) = read_sources(&[directory.path().to_owned()]);
    assert_eq!((sources.iter().count(), diagnostics.len()), (16, 1));
    assert_eq!(diagnostics[0].code, certctl_model::Code::FileTooLarge);
}
