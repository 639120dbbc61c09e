//! Tells the program which commit it is built from: from the environment, else from git, else not at all.
//! And how it is linked where it is published.
//!
//! `CERTCTL_BUILD_COMMIT` and `SOURCE_DATE_EPOCH` make it the same wherever it is built. Only a release asks
//! git, so that a build for a test does not change with each commit.

use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    for name in ["CERTCTL_BUILD_COMMIT", "SOURCE_DATE_EPOCH"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    println!("cargo::rerun-if-changed=build.rs");
    let release = is("PROFILE", "release");
    for file in ["../../.git/HEAD", "../../.git/logs/HEAD"] {
        if release && Path::new(file).exists() {
            println!("cargo::rerun-if-changed={file}");
        }
    }
    let from = |name: &str, question: &[&str]| {
        given(name).or_else(|| release.then(|| said("git", question)).flatten())
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
    // Of all profiles only `dist` has this level.
    if is("OPT_LEVEL", "z") && is("CARGO_CFG_TARGET_OS", "linux") {
        link_small();
    }
}

/// Leaves out what nobody needs: the tables for unwinding, which `panic = "abort"` has no use for, and all
/// but one of functions that are the same. The linker that comes with Rust can; without it nothing is lost
/// but space.
fn link_small() {
    println!("cargo::rerun-if-changed=published.ld");
    let (Some(here), Some(linker)) = (given("CARGO_MANIFEST_DIR"), linker_of_rust()) else {
        return;
    };
    let mut arguments = vec![
        format!("-B{}", linker.display()),
        "-fuse-ld=lld".to_owned(),
        "-Wl,--icf=all".to_owned(),
        format!("-Wl,--script={here}/published.ld"),
    ];
    if reads_packed_relocations() {
        arguments.push("-Wl,-z,pack-relative-relocs".to_owned());
    }
    for argument in arguments {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
}

/// The directory in which a C compiler finds it as `ld.lld`.
fn linker_of_rust() -> Option<PathBuf> {
    let root = said(&given("RUSTC")?, &["--print", "sysroot"])?;
    let host = given("HOST")?;
    let directory = PathBuf::from(root).join(format!("lib/rustlib/{host}/bin/gcc-ld"));
    directory.join("ld.lld").exists().then_some(directory)
}

/// Whether whoever loads the program knows the short form of what 24 bytes say for each pointer in its data:
/// musl, which is linked in, does, and glibc from 2.36 on. What is built here has to run here.
fn reads_packed_relocations() -> bool {
    if is("CARGO_CFG_TARGET_ENV", "musl") {
        return true;
    }
    let libc = || said("getconf", &["GNU_LIBC_VERSION"]);
    let version = |libc: String| -> Option<(u32, u32)> {
        let (major, minor) = libc.strip_prefix("glibc ")?.split_once('.')?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    };
    given("HOST") == given("TARGET") && libc().and_then(version) >= Some((2, 36))
}

fn is(name: &str, value: &str) -> bool {
    given(name).is_some_and(|given| given == value)
}

fn given(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// What a program says; nothing if it fails, as git does outside of a repository.
fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let said = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !said.is_empty()).then_some(said)
}
