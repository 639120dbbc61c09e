//! Tells the program which commit it is built from: from the environment, else from git, else not at all.
//!
//! `CERTCTL_BUILD_COMMIT` and `SOURCE_DATE_EPOCH` make it the same wherever it is built. Only a release asks
//! git, so that a build for a test does not change with each commit.

use std::path::Path;
use std::process::Command;

fn main() {
    for name in ["CERTCTL_BUILD_COMMIT", "SOURCE_DATE_EPOCH"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    println!("cargo::rerun-if-changed=build.rs");
    let release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    for file in ["../../.git/HEAD", "../../.git/logs/HEAD"] {
        if release && Path::new(file).exists() {
            println!("cargo::rerun-if-changed={file}");
        }
    }
    let from = |name: &str, question: &[&str]| {
        let given = std::env::var(name).ok().filter(|value| !value.is_empty());
        given.or_else(|| release.then(|| git(question)).flatten())
    };
    if let Some(commit) = from("CERTCTL_BUILD_COMMIT", &["rev-parse", "--short=12", "HEAD"]) {
        println!("cargo::rustc-env=CERTCTL_BUILD_COMMIT={commit}");
    }
    if let Some(epoch) = from(
        "SOURCE_DATE_EPOCH",
        &["show", "--no-patch", "--format=%ct", "HEAD"],
    ) {
        println!("cargo::rustc-env=CERTCTL_BUILD_EPOCH={epoch}");
    }
}

/// What git says of the repository that this is a part of; nothing if it is not in one.
fn git(question: &[&str]) -> Option<String> {
    let output = Command::new("git").args(question).output().ok()?;
    let said = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !said.is_empty()).then_some(said)
}
