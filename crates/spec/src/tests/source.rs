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

/// A token as somebody's environment holds it.
const TOKEN: &str = "cfat_0123456789abcdef0123456789abcdef";

#[cfg(unix)]
#[test]
fn only_regular_files_of_the_directory_are_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    fs::create_dir(path("spec")).unwrap();
    fs::write(path("token"), format!("{TOKEN}: x\n")).unwrap();
    let link = std::os::unix::fs::symlink::<PathBuf, PathBuf>;
    link("../token".into(), path("spec/link.yaml")).unwrap();
    link("/proc/self/environ".into(), path("spec/environ.yaml")).unwrap();
    link("/dev/zero".into(), path("spec/zero.yaml")).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(path("spec/pipe.yaml"))
        .status();
    assert!(made.unwrap().success());
    let shown = shown(&directory, &["spec"]);
    insta::assert_snapshot!(shown, @r#"
    error[file_unreadable]: spec/environ.yaml is a link to a file outside of its directory
     |
     = help: put the file itself there, or name the other directory with -f

    error[file_unreadable]: spec/link.yaml is a link to a file outside of its directory
     |
     = help: put the file itself there, or name the other directory with -f

    error[file_unreadable]: spec/pipe.yaml is a pipe, not a regular file
     |
     = help: write the spec to a file, or pipe it into `-f -`

    error[file_unreadable]: spec/zero.yaml is a device, not a regular file
     |
     = help: write the spec to a file, or pipe it into `-f -`
    "#);
}

/// As Kubernetes mounts a ConfigMap.
#[cfg(unix)]
#[test]
fn a_link_within_the_directory_is_followed() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    fs::create_dir(path("..2026")).unwrap();
    fs::write(path("..2026/a.yaml"), acme("      []\n")).unwrap();
    let link = std::os::unix::fs::symlink::<&str, PathBuf>;
    link("..2026", path("..data")).unwrap();
    link("..data/a.yaml", path("a.yaml")).unwrap();
    assert_eq!(names(&directory, &["."]), ["./a.yaml"]);
    assert_eq!(names(&directory, &["a.yaml"]), ["a.yaml"]);
}

#[test]
fn the_other_ending_is_suggested() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("certctl.yml"), acme("      []\n")).unwrap();
    insta::assert_snapshot!(shown(&directory, &["certctl.yaml"]), @r#"
    error[file_unreadable]: cannot read certctl.yaml: No such file or directory (os error 2)
     |
     = help: there is certctl.yml: name it with `-f certctl.yml`, or rename it
    "#);
}

#[test]
fn a_secret_in_a_line_is_not_shown_with_it() {
    fn scrub(line: &str) -> std::borrow::Cow<'_, str> {
        line.replace(TOKEN, "[redacted]").into()
    }
    // Across the end of what is shown of a line, and of what a message repeats of a value.
    for before in [0, 10, 30, 50, 390, 398] {
        let text = format!(
            "version: 1\n\"{}{TOKEN}\": x\nname: {TOKEN}\n",
            "k".repeat(before)
        );
        let sources = super::sources(&[&text]).scrubbed_by(scrub);
        let options = ParseOptions {
            env: &|_| None,
            mode: Mode::Use,
            accounts: &[],
        };
        let parsed = parse(&sources, &options);
        assert!(parsed.diagnostics.len() >= 2);
        // The printer scrubs whole texts; no text may hold a part of it.
        let shown = scrub(&render(&parsed.diagnostics, &sources, false)).into_owned();
        assert!(!shown.contains(&TOKEN[..8]), "{before}: {shown}");
    }
}
