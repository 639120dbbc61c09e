//! Every command block of the README and of docs/rotation.md is run, as written; and what is shown
//! below one was printed.

use std::process::Stdio;

use crate::support::{Place, redact, repository};

/// A place with a copy of these examples, and with `certctl` in its path.
fn place(examples: &[&str]) -> Place {
    let mut place = Place::new();
    for example in examples {
        let spec = format!("examples/{example}/certctl.yaml");
        std::fs::create_dir_all(place.path(&spec).parent().unwrap()).unwrap();
        std::fs::copy(repository().join(&spec), place.path(&spec)).unwrap();
    }
    std::fs::create_dir(place.path("bin")).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_certctl"), place.path("bin/certctl")).unwrap();
    // Stands for cargo: the binary is built, and the tests are what runs here.
    place.write(
        "bin/cargo",
        "#!/bin/sh\n[ \"$1\" = test ] && exit 0\nshift 3\nexec certctl \"$@\"\n",
    );
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(place.path("bin/cargo"), mode).unwrap();
    let path = format!("{}:/usr/bin:/bin", place.path("bin").display());
    place.set("PATH", &path);
    place
}

/// What a block printed; it has to succeed.
fn run(place: &Place, block: &str) -> String {
    let output = place
        .command("/bin/sh")
        .args(["-e", "-c", block])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let said = text(output.stdout) + &text(output.stderr);
    assert!(output.status.success(), "{block}\n{said}");
    said
}

#[test]
fn every_command_block_runs() {
    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let blocks = fences(&readme, "sh");
    assert!(blocks.len() >= 4, "{blocks:?}");
    let mut place = place(&["quickstart", "rotation"]);
    let _server = place.serve("--deploy-delay 100ms");
    place.write("certctl.yaml", &fences(&readme, "yaml")[0]);
    for block in blocks {
        run(&place, &block);
    }
}

#[test]
fn every_command_block_about_rotation_runs() {
    let page = std::fs::read_to_string(repository().join("docs/rotation.md")).unwrap();
    let place = place(&["rotation", "emergency"]);
    let (mut ran, mut shown) = (0, 0);
    for after in page.split("```sh\n").skip(1) {
        let (block, rest) = after.split_once("```").unwrap();
        let said = run(&place, block);
        let said: Vec<String> = said.lines().map(redact).collect();
        ran += 1;
        // What follows at once is what it printed.
        let Some(text) = rest.strip_prefix("\n\n```text\n") else {
            continue;
        };
        for line in text.split("```").next().unwrap().lines() {
            assert!(said.contains(&redact(line)), "{line:?} is not in {said:#?}");
            shown += 1;
        }
    }
    assert!(ran >= 5 && shown >= 15, "{ran} blocks, {shown} lines");
}

/// The fenced blocks of a language.
fn fences(markdown: &str, language: &str) -> Vec<String> {
    markdown
        .split(&format!("```{language}\n"))
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}
