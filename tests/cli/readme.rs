//! Every command block of the README is run, as written.

use std::process::Stdio;

use crate::support::{Place, repository};

#[test]
fn every_command_block_runs() {
    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let blocks = fences(&readme, "sh");
    assert!(blocks.len() >= 4, "{blocks:?}");

    let mut place = Place::new();
    let _server = place.serve("--deploy-delay 100ms");
    std::fs::create_dir_all(place.path("examples/quickstart")).unwrap();
    let example = repository().join("examples/quickstart/certctl.yaml");
    std::fs::copy(example, place.path("examples/quickstart/certctl.yaml")).unwrap();
    place.write("certctl.yaml", &fences(&readme, "yaml")[0]);
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

    for block in blocks {
        let output = place
            .command("/bin/sh")
            .args(["-e", "-c", &block])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{block}\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

/// The fenced blocks of a language.
fn fences(markdown: &str, language: &str) -> Vec<String> {
    markdown
        .split(&format!("```{language}\n"))
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}
